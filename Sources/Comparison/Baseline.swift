import Foundation
import Results

/// The stored answers of a suite, `Baselines/<suite>/expected`: one file a cell. It is only ever read here.
package struct Baseline: Sendable {
  package let folder: String
  package let results: [Cell: CellResult]
  /// Files that are there and cannot be used, each with the reason.
  package let damaged: [Cell: ResultError]
  /// Paths inside the folder of files that no cell asks for, sorted.
  package let unusedFiles: [String]

  /// Loads the file of each cell that has one. A folder that does not exist holds no files.
  package init(folder: String, cells: [Cell]) {
    self.folder = folder
    var results: [Cell: CellResult] = [:]
    var damaged: [Cell: ResultError] = [:]
    for cell in cells {
      let path = Self.path(of: cell, in: folder)
      guard FileManager.default.fileExists(atPath: path) else { continue }
      do throws(ResultError) {
        let result = try ResultFile.read(path)
        guard result.cell == cell else {
          throw .inconsistent(
            file: path, problems: [ResultProblem(place: "cell", reason: "\(result.cell) in the place of \(cell)")])
        }
        let digests = Self.digestProblems(of: result)
        guard digests.isEmpty else { throw .inconsistent(file: path, problems: digests) }
        results[cell] = result
      } catch {
        damaged[cell] = error
      }
    }
    self.results = results
    self.damaged = damaged
    unusedFiles = Self.files(in: folder).filter { !Set(cells.map(\.path)).contains($0) }
  }

  package static func path(of cell: Cell, in folder: String) -> String {
    folder + "/" + cell.path
  }

  /// The digests that are none: written or shortened by hand, they would never agree with anything.
  private static func digestProblems(of result: CellResult) -> [ResultProblem] {
    var digests = result.provenance.sorted { $0.key < $1.key }.map { ("provenance.\($0.key)", $0.value) }
    for task in result.tasks {
      digests.append(("tasks.\(task.name).answersDigest", task.answersDigest))
      digests.append(("tasks.\(task.name).scoresDigest", task.scoresDigest))
    }
    return digests.filter { !isSHA256($0.1) }.map {
      ResultProblem(place: $0.0, reason: "“\($0.1)” is no SHA-256 digest")
    }
  }

  private static func isSHA256(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
  }

  /// All files below the folder but hidden ones, as sorted paths relative to it.
  private static func files(in folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
      let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
      return exists && !isFolder.boolValue && !isHidden
    }.sorted()
  }
}
