import ArgumentParser
import Comparison
import Experiments
import Foundation
import Reports
import Results

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Hold a suite's results against its stored baseline. Never writes.",
    discussion: """
      Where the kernel, OpenBLAS and all digests are those of the baseline every answer must be the same. Elsewhere \
      accuracies are compared by the documents that changed sides (exact McNemar test, Holm's adjustment over all of \
      them), other measurements within tolerances that follow from rounding and from the number of tokens. Ratios of \
      times are compared by their intervals, times never.

      Exit status: 0 all held, 2 regression, 3 a cell has no usable result, 4 improvement (with --strict-improvement), \
      5 a baseline is missing, stale or unused, 6 inconclusive only.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Flag(help: "Compare only the cells of the suite's quick run.")
  var quick = false

  @Option(help: "How often a suite in which nothing changed may be called changed. (default: the suite's, or 0.05)")
  var significance: Double?

  @Option(help: "The loss of accuracy in points that is comparable. (default: the suite's, or derived for each task)")
  var margin: Double?

  @Flag(help: "Print one JSON object, as Baselines/schemas/comparison.schema.json describes it.")
  var json = false

  @Option(help: ArgumentHelp("Write a Markdown report.", valueName: "file"))
  var markdown: String?

  @Option(help: ArgumentHelp("Write JUnit's XML: a suite a cell, a case a check.", valueName: "file"))
  var junit: String?

  @Flag(help: "Append the Markdown report to the file that GITHUB_STEP_SUMMARY names.")
  var stepSummary = false

  @Flag(help: "End with status 4 when something became better.")
  var strictImprovement = false

  func validate() throws {
    if let significance, !(significance > 0 && significance < 1) {
      throw ValidationError("--significance must be between 0 and 1.")
    }
    if let margin, !(0...100).contains(margin) { throw ValidationError("--margin must be 0 to 100 points.") }
  }

  func run() throws {
    try reportingErrors {
      let file = try arguments.file()
      let suite = try Suite(contentsOf: file)
      let cells = quick ? try suite.quickCells() : try suite.cells()
      let stored = StoredResults(folder: arguments.resultsFolder(of: suite), cells: cells)
      var rule = suite.gate.rule
      if let significance { rule.significance = significance }
      if let margin { rule.margin = margin }
      let comparison = Comparison(
        suite: suite.name, cells: cells, found: stored.results, failures: stored.failures,
        baseline: Baseline(folder: Folders.baseline(ofSuiteFile: file), cells: try suite.cells()), rule: rule)
      let report = ComparisonReport(
        comparison, strictImprovement: strictImprovement, results: stored.results, documents: try stored.documents())
      print(json ? try report.json() : report.plainText(), terminator: "")
      if let junit { try writeResult(Data(report.junit().utf8), to: junit) }
      if let markdown { try writeResult(Data(report.markdown().utf8), to: markdown) }
      let environment = ProcessInfo.processInfo.environment
      if stepSummary, let summary = environment["GITHUB_STEP_SUMMARY"] { try append(report.markdown(), to: summary) }
      if environment["GITHUB_ACTIONS"] == "true" {
        for line in report.annotations() { standardError(line) }
      }
      let status = comparison.exitStatus(strictImprovement: strictImprovement)
      if status != 0 { throw ExitCode(status) }
    }
  }

  private func append(_ text: String, to path: String) throws(ResultError) {
    let before = FileManager.default.contents(atPath: path) ?? Data()
    try writeResult(before + Data(text.utf8), to: path)
  }
}
