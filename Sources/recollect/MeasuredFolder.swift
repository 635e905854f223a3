import ArgumentParser
import Artifacts
import Comparison
import Experiments
import Foundation
import Results

/// A folder of result files, all of one suite.
struct MeasuredFolder {
  let folder: String
  let suite: String

  init(_ folder: String) throws {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    var suites: Set<String> = []
    var damaged: (any Error)?
    for name in names
    where name.hasSuffix(".json") && !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
      do {
        suites.insert(try ResultFile.read("\(folder)/\(name)").suite)
      } catch {
        damaged = damaged ?? error
      }
    }
    if suites.isEmpty, let damaged { throw damaged }
    guard let suite = suites.first else { throw ValidationError("There are no results in \(folder).") }
    guard suites.count == 1 else {
      throw ValidationError(
        "\(folder) has results of several suites: \(suites.sorted().joined(separator: ", ")). Name the folder of one.")
    }
    self.folder = folder
    self.suite = suite
  }

  /// The suite's file: the one chosen, or that of the suite that the results name.
  func asked(_ chosen: String?) throws -> Suite {
    let file = try SuiteArguments.file(of: chosen ?? suite)
    let asked = try Suite(contentsOf: file)
    guard asked.name == suite else {
      throw ValidationError("\(file) is the suite \(asked.name); the results in \(folder) are of the suite \(suite).")
    }
    return asked
  }

  func evidence(of asked: Suite) throws -> SuiteEvidence {
    let cells = try asked.cells()
    let stored = StoredResults(folder: folder, cells: cells)
    var files: [Cell: EvidenceFile] = [:]
    for cell in stored.results.keys {
      let path = "\(folder)/\(cell.path)"
      files[cell] = EvidenceFile(name: path, sha256: try sha256(ofFile: path))
    }
    return SuiteEvidence(asked, results: stored.results, failures: stored.failures, files: files)
  }
}
