import Foundation
import Models
import Tensors
import Testing

/// The folder of reference numbers, and its index: the one that RECOLLECT_GOLDEN names, else `../shared/golden` beside
/// the project. Every golden suite is driven by it, so that the same tests run on any folder of that form.
enum Golden {
  static let folder: String = {
    if let named = ProcessInfo.processInfo.environment["RECOLLECT_GOLDEN"] {
      return URL(fileURLWithPath: named).standardizedFileURL.path
    }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return root.appendingPathComponent("../shared/golden").standardizedFileURL.path
  }()

  static let absence: Comment = "no reference numbers here: RECOLLECT_GOLDEN names no folder with an index.json"

  static var isPresent: Bool { FileManager.default.fileExists(atPath: folder + "/index.json") }

  /// The cases of one suite; none where the folder is absent.
  static func cases(of suite: String) -> [GoldenCase] {
    guard isPresent else { return [] }
    do {
      let index = try JSONValue(contentsOf: folder + "/index.json")
      guard index["version"]?.integer == 1, let cases = index["cases"]?.array else {
        fatalError("\(folder)/index.json is not of version 1")
      }
      return cases.filter { $0["suite"]?.string == suite }.map(GoldenCase.init)
    } catch {
      fatalError("\(folder)/index.json: \(error)")
    }
  }

  /// `path` as the index writes it: relative to the index's folder.
  static func resolve(_ path: String) -> String {
    URL(fileURLWithPath: folder).appendingPathComponent(path).standardizedFileURL.path
  }
}

extension Golden {
  /// The cases of a suite, apart: those that recollect can run, and those that need what it does not have yet. A suite
  /// shows the second as skipped, by name, so that they are not taken for passed.
  static func cases(
    of suite: String, isSupported: (GoldenCase) throws -> Bool
  ) -> (supported: [GoldenCase], unsupported: [GoldenCase]) {
    var parts: (supported: [GoldenCase], unsupported: [GoldenCase]) = ([], [])
    for golden in cases(of: suite) {
      // A case that cannot even be looked at is run, and fails.
      if (try? isSupported(golden)) ?? true { parts.supported.append(golden) } else { parts.unsupported.append(golden) }
    }
    return parts
  }

  static func skipping(_ cases: [GoldenCase]) -> Comment {
    "recollect does not yet have what these cases need: \(cases.map(\.name).joined(separator: ", "))"
  }
}

struct GoldenError: Error, CustomStringConvertible {
  let description: String
}

/// One case of the index.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  let value: JSONValue

  var name: String { value["name"]?.string ?? "unnamed" }
  var testDescription: String { name }

  func tolerance(_ name: String) throws -> Double {
    guard let tolerance = value["tolerance"]?[name]?.double else {
      throw GoldenError(description: "\(self.name): no tolerance \(name)")
    }
    return tolerance
  }

  /// A member that is null or absent gives nil.
  func member(_ name: String) -> JSONValue? {
    guard let member = value[name], !member.isNull else { return nil }
    return member
  }

  func string(_ name: String) throws -> String {
    guard let string = value[name]?.string else { throw GoldenError(description: "\(self.name): no text \(name)") }
    return string
  }

  func integer(_ name: String) throws -> Int {
    guard let integer = value[name]?.integer else { throw GoldenError(description: "\(self.name): no integer \(name)") }
    return integer
  }

  func double(_ name: String) throws -> Double {
    guard let double = value[name]?.double else { throw GoldenError(description: "\(self.name): no number \(name)") }
    return double
  }

  /// The path of a file or folder named by a member.
  func path(_ name: String) throws -> String { Golden.resolve(try string(name)) }

  /// The tensor that a member `{"file": …, "key": …}` names.
  func tensor(_ name: String) throws -> StoredTensor {
    guard let reference = member(name) else { throw GoldenError(description: "\(self.name): no tensor \(name)") }
    return try Golden.tensor(reference)
  }

  /// The value that a member `{"json": …, "path": […]}` names.
  func json(_ name: String) throws -> JSONValue {
    guard let reference = member(name) else { throw GoldenError(description: "\(self.name): no value \(name)") }
    return try Golden.json(reference)
  }
}

extension Golden {
  static func tensor(_ reference: JSONValue) throws -> StoredTensor {
    guard let file = reference["file"]?.string, let key = reference["key"]?.string else {
      throw GoldenError(description: "not a tensor: \(reference)")
    }
    return try SafetensorsFile(path: resolve(file)).tensor(named: key)
  }

  static func json(_ reference: JSONValue) throws -> JSONValue {
    guard let file = reference["json"]?.string, let steps = reference["path"]?.array else {
      throw GoldenError(description: "not a place in a JSON file: \(reference)")
    }
    var value = try JSONValue(contentsOf: resolve(file))
    for step in steps {
      let next = step.string.map { value[$0] } ?? step.integer.flatMap { value.array?[$0] }
      guard let next else { throw GoldenError(description: "\(file) has no \(steps)") }
      value = next
    }
    return value
  }
}

/// The largest difference between two lists of equal length, and its place.
func largestDifference(_ found: [Float], _ expected: [Float]) -> (value: Double, index: Int) {
  precondition(found.count == expected.count, "\(found.count) numbers, expected \(expected.count)")
  var worst = (value: 0.0, index: 0)
  for index in found.indices {
    let difference = abs(Double(found[index]) - Double(expected[index]))
    if !(difference <= worst.value) { worst = (difference, index) }
  }
  return worst
}
