import Foundation

/// The file of one cell's result: JSON with sorted keys, one member a line, so that two versions can be read as a diff.
///
/// The bytes depend on the result alone. Reading is strict: what this program would not have written is refused, since
/// a damaged baseline that still decodes is worse than none.
package enum ResultFile {
  /// The bytes of the result's file.
  ///
  /// - Throws: `.inconsistent` for a result with problems, a number that is not finite among them.
  package static func encode(_ result: CellResult, file: String) throws(ResultError) -> Data {
    let problems = result.problems()
    guard problems.isEmpty else { throw .inconsistent(file: file, problems: problems) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(result) + Data("\n".utf8)
    } catch {
      throw .unwritable(file: file, reason: "\(error)")
    }
  }

  /// The result that the bytes hold; `file` is named in errors.
  package static func decode(_ bytes: Data, file: String) throws(ResultError) -> CellResult {
    guard isComplete(bytes) else { throw .truncated(file: file) }
    let tree: Any
    do {
      tree = try JSONSerialization.jsonObject(with: bytes)
    } catch {
      throw .notJSON(file: file, reason: reason(of: error))
    }
    // A schema of another version may have other members: say that, not which member is missing.
    let version = try decode(SchemaVersion.self, from: bytes, file: file).schemaVersion
    guard version == CellResult.currentSchemaVersion else {
      throw .unsupportedSchema(file: file, found: version, supported: CellResult.currentSchemaVersion)
    }
    let result = try decode(CellResult.self, from: bytes, file: file)
    if let repeated = firstRepeatedMember(of: bytes) {
      throw .repeatedMember(file: file, member: repeated.name, line: repeated.line)
    }
    let unknown = try unknownMembers(of: tree, known: result, file: file)
    guard unknown.isEmpty else { throw .unknownMembers(file: file, members: unknown) }
    let problems = result.problems()
    guard problems.isEmpty else { throw .inconsistent(file: file, problems: problems) }
    return result
  }

  package static func read(_ path: String) throws(ResultError) -> CellResult {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .unreadable(file: path, reason: error.localizedDescription)
    }
    return try decode(bytes, file: path)
  }

  /// Writes the result's file, making the folders above it; whoever reads sees the whole old file or the whole new one.
  package static func write(_ result: CellResult, to path: String) throws(ResultError) {
    let bytes = try encode(result, file: path)
    do {
      try AtomicFile.write(bytes, to: path)
    } catch {
      throw .unwritable(file: path, reason: error.reason)
    }
  }
}

extension ResultFile {
  private struct SchemaVersion: Decodable {
    let schemaVersion: Int
  }

  /// Whether the text ends where an object may end: every file written here does, and one cut short does not.
  private static func isComplete(_ bytes: Data) -> Bool {
    let spaces = Set(" \t\r\n".utf8)
    guard let first = bytes.first(where: { !spaces.contains($0) }) else { return false }
    return first != UInt8(ascii: "{") || bytes.last { !spaces.contains($0) } == UInt8(ascii: "}")
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: Data, file: String
  ) throws(ResultError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: bytes)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw .missingMember(file: file, member: path(context.codingPath + [key]))
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context)
    {
      throw .invalidMember(file: file, member: path(context.codingPath), reason: context.debugDescription)
    } catch ResultError.invalidName(let name) {
      throw .invalidMember(file: file, member: "cell", reason: "“\(name)” cannot be part of a path")
    } catch {
      throw .notJSON(file: file, reason: "\(error)")
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }

  private static func reason(of error: any Error) -> String {
    (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? error.localizedDescription
  }

  /// The members of the file that the decoder did not take: those that the decoded value would not be written with.
  private static func unknownMembers(of tree: Any, known: CellResult, file: String) throws(ResultError) -> [String] {
    let knownTree: Any
    do {
      knownTree = try JSONSerialization.jsonObject(with: JSONEncoder().encode(known))
    } catch {
      throw .unreadable(file: file, reason: "\(error)")
    }
    return Set(memberNames(of: tree)).subtracting(memberNames(of: knownTree)).sorted()
  }

  /// The path of every member in a parsed text.
  private static func memberNames(of tree: Any, at place: [String] = []) -> [String] {
    switch tree {
    case let object as [String: Any]:
      object.flatMap { name, value in
        [(place + [name]).joined(separator: ".")] + memberNames(of: value, at: place + [name])
      }
    case let array as [Any]:
      array.enumerated().flatMap { memberNames(of: $0.element, at: place + [String($0.offset)]) }
    default: []
    }
  }

  /// The first name that an object of a valid JSON text has twice, which the parser does not report, and its line.
  private static func firstRepeatedMember(of bytes: Data) -> (name: String, line: Int)? {
    /// The names of each object that is open; an array has none.
    var open: [Set<String>] = []
    var text: [UInt8] = []
    var line = 1
    var isInString = false
    var isEscaped = false
    for byte in bytes {
      if byte == UInt8(ascii: "\n") { line += 1 }
      if isInString {
        if !isEscaped, byte == UInt8(ascii: "\"") {
          isInString = false
        } else {
          text.append(byte)
          isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        isInString = true
        text = []
      case UInt8(ascii: "{"), UInt8(ascii: "["): open.append([])
      case UInt8(ascii: "}"), UInt8(ascii: "]"): open.removeLast()
      case UInt8(ascii: ":"):
        let name = unescaped(text)
        guard open[open.count - 1].insert(name).inserted else { return (name, line) }
      default: break
      }
    }
    return nil
  }

  /// The string that stands between the quotes of a valid JSON text.
  private static func unescaped(_ text: [UInt8]) -> String {
    let plain = String(decoding: text, as: UTF8.self)
    guard text.contains(UInt8(ascii: "\\")) else { return plain }
    return (try? JSONDecoder().decode([String].self, from: Data("[\"\(plain)\"]".utf8)))?.first ?? plain
  }
}
