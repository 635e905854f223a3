import ArgumentParser
import Artifacts
import Comparison
import Experiments
import Foundation
import Reports
import Results

struct ClaimsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claims",
    abstract: "Print a verdict on every claim of the paper, with the numbers that decide it.",
    discussion: """
      What the paper's own numbers decide needs no run. The other claims are decided by the results of a suite, at its \
      scale; without them they are not measured yet.

      Exit status: 0 whatever the verdicts, 64 the files cannot be used.
      """)

  @Argument(help: "The folder of one suite's results, such as recollect-results/<suite>.")
  var results: String?

  @Option(help: "The suite of the results: a name or a file. (default: the one that the results name)")
  var suite: String?

  @Option(help: "What the paper printed. (default: Baselines/paper/published.yaml)")
  var paper: String?

  @OptionGroup var form: ReportForm

  func run() throws {
    try reportingErrors {
      let file = try paper ?? Folders.publishedPaper()
      let publication = try Publication(contentsOf: file)
      let evidence = ClaimEvidence(
        publication: publication, publicationFile: EvidenceFile(name: file, sha256: try sha256(ofFile: file)),
        suite: try results.map { try MeasuredFolder($0).evidence(suite: suite) })
      let report = ClaimsReport(evidence.claims(), title: publication.title)
      switch form.chosen {
      case .text: print(report.plainText(), terminator: "")
      case .markdown: print(report.markdown(), terminator: "")
      case .json: print(try report.json(), terminator: "")
      }
    }
  }
}

/// A folder of result files, all of one suite.
private struct MeasuredFolder {
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

  func evidence(suite chosen: String?) throws -> SuiteEvidence {
    let file = try SuiteArguments.file(of: chosen ?? suite)
    let asked = try Suite(contentsOf: file)
    guard asked.name == suite else {
      throw ValidationError("\(file) is the suite \(asked.name); the results in \(folder) are of the suite \(suite).")
    }
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
