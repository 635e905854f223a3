import ArgumentParser
import Artifacts
import Comparison
import Evaluation
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

  @Option(help: "The questions.jsonl of an embedded world: the answer is then also given by fact.")
  var questions: String?

  @Flag(name: [.short, .long], help: "Do not name missing cells.")
  var quiet = false

  func run() throws {
    try reportingErrors {
      let file = try paper ?? Folders.publishedPaper()
      let measured = try MeasuredFolder(folder())
      let asked = try measured.asked(suite)
      let evidence = try measured.evidence(of: asked)
      let claims = ClaimEvidence(
        publication: try Publication(contentsOf: file),
        publicationFile: EvidenceFile(name: file, sha256: try sha256(ofFile: file)), suite: evidence)
      let report = SuiteReport(
        evidence: claims, suite: evidence, isRepeated: asked.name == "paper", facts: try facts(for: asked),
        programVersion: Recollect.version)
      let target = output ?? "recollect-report/\(asked.name)"
      let searchPath = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
      let undrawn = try report.write(to: target, gnuplot: Gnuplot(searchPath: searchPath))
      print("\(report.ledgerReport.headline).")
      for sentence in report.ledgerReport.sentences { print(sentence) }
      print("\(target)/index.html")
      for reason in undrawn { standardError("Figures are missing: \(reason)") }
      if !quiet { for problem in report.problems { standardError("Not in the report: \(problem)") } }
      let stored = StoredResults(folder: measured.folder, cells: try asked.cells())
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

  /// What each document asks, in the order of scoring.
  private func facts(for suite: Suite) throws -> DocumentFacts? {
    guard let questions else { return nil }
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: questions))
    } catch {
      throw ResultError.unreadable(file: questions, reason: error.localizedDescription)
    }
    let facts = try DocumentFacts(contentsOf: bytes, file: questions)
    let order = DocumentSelection(
      order: suite.evaluation.order == .shuffled ? .shuffled : .file, limit: suite.evaluation.documents)
    // "triviaqa@0.4" is another form of the same file.
    let tasks = suite.tasks.map { (name: String($0.task.prefix { $0 != "@" }), documents: $0.documents) }
    guard tasks.contains(where: { facts.count(of: $0.name) > 0 }) else {
      throw ValidationError("\(questions) has no question of a task of the suite \(suite.name).")
    }
    for task in tasks where ![0, task.documents].contains(facts.count(of: task.name)) {
      throw ValidationError(
        "\(questions) has \(facts.count(of: task.name)) questions of \(task.name), the suite \(suite.name) has "
          + "\(task.documents): they are of different worlds.")
    }
    return facts.reordered(
      Dictionary(uniqueKeysWithValues: facts.tasks.map { ($0, order.selected(from: facts.count(of: $0))) }))
  }
}
