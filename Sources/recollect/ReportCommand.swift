import ArgumentParser
import Artifacts
import Comparison
import Experiments
import Foundation
import Reports
import Results

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the report on a suite's results: one HTML file, with tables and figures beside it.",
    discussion: """
      The page needs no server, no network and nothing beside it. The verdict comes first: of what compression took, how \
      much was forgotten and how much only displaced. Beside it stand ledger.tsv (what became of the documents of every \
      cell), cells.tsv, tables as Markdown, LaTeX, CSV and HTML, and figures as data and gnuplot scripts; gnuplot, where \
      it is installed, draws them.

      Exit status: 0 the report is written, with what cells are missing; 3 a stored result is damaged, and the report is \
      written without it; 64 the results cannot be reported on.
      """)

  @Argument(help: "A folder of one suite's results, or a suite, whose results are in recollect-results/<suite>.")
  var results: String

  @Option(help: "The suite of the results: a name or a file. (default: the one that the results name)")
  var suite: String?

  @Option(name: [.short, .long], help: "The folder to write to. (default: recollect-report/<suite>)")
  var output: String?

  @Option(help: "What the paper printed. (default: Baselines/paper/published.yaml)")
  var paper: String?

  @OptionGroup var asked: QuestionArguments

  @Flag(name: [.short, .long], help: "Do not name missing cells.")
  var quiet = false

  func run() throws {
    try reportingErrors {
      let file = try paper ?? Folders.publishedPaper()
      let measured = try MeasuredFolder(folder())
      let suite = try measured.asked(self.suite)
      let evidence = try measured.evidence(of: suite)
      let claims = ClaimEvidence(
        publication: try Publication(contentsOf: file),
        publicationFile: EvidenceFile(name: file, sha256: try sha256(ofFile: file)), suite: evidence,
        facts: try asked.facts(for: suite))
      let report = SuiteReport(
        evidence: claims, suite: evidence, isRepeated: suite.name == "paper", programVersion: Recollect.version)
      let target = output ?? "recollect-report/\(suite.name)"
      let searchPath = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
      let undrawn = try report.write(to: target, gnuplot: Gnuplot(searchPath: searchPath))
      print("\(report.ledgerReport.headline).")
      for sentence in report.ledgerReport.sentences { print(sentence) }
      print("\(target)/index.html")
      for reason in undrawn { standardError("Figures are missing: \(reason)") }
      if !quiet { for problem in report.problems { standardError("Not in the report: \(problem)") } }
      let stored = StoredResults(folder: measured.folder, cells: try suite.cells())
      let damaged = stored.failures.keys.contains {
        FileManager.default.fileExists(atPath: "\(measured.folder)/\($0.path)")
      }
      if damaged { throw ExitCode(3) }
    }
  }

  /// The folder named, or that of the results of the suite named.
  private func folder() throws -> String {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    let isThere = files.fileExists(atPath: results, isDirectory: &isFolder)
    if isThere, isFolder.boolValue, !files.fileExists(atPath: "\(results)/suite.yaml") { return results }
    let suite = try Suite(contentsOf: SuiteArguments.file(of: results))
    let folder = "recollect-results/\(suite.name)"
    guard files.fileExists(atPath: folder) else {
      throw ValidationError("There are no results in \(folder): `recollect run \(suite.name)` makes them.")
    }
    return folder
  }
}
