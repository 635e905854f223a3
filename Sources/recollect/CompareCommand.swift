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
      On the OpenBLAS kernel that the baseline records every answer must be the same; on another one accuracies are \
      compared by the documents that changed sides (exact McNemar test).

      Exit status: 0 all held, 2 regression, 3 a cell has no usable result, 4 improvement (with --strict-improvement), \
      5 a baseline is missing, 6 inconclusive only.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Flag(help: "Print the checks as JSON lines.")
  var json = false

  @Flag(help: "End with status 4 when something became better.")
  var strictImprovement = false

  func run() throws {
    try reportingErrors {
      let file = try arguments.file()
      let suite = try Suite(contentsOf: file)
      let cells = try suite.cells()
      let stored = StoredResults(folder: arguments.resultsFolder(of: suite), cells: cells)
      let comparison = Comparison(
        suite: suite.name, cells: cells, found: stored.results, failures: stored.failures,
        baseline: Baseline(folder: Folders.baseline(ofSuiteFile: file), cells: cells))
      if json {
        for check in comparison.checks { print(try line(check)) }
      } else {
        print(ComparisonTable(comparison).plainText(), terminator: "")
      }
      let status = comparison.exitStatus(strictImprovement: strictImprovement)
      if status != 0 { throw ExitCode(status) }
    }
  }

  private struct Line: Encodable {
    let cell: String?
    let check: String
    let verdict: String
    let expected: String
    let found: String
    let detail: String
  }

  private func line(_ check: Check) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = Line(
      cell: check.cell.map(String.init(describing:)), check: check.name, verdict: check.verdict.rawValue,
      expected: check.expected, found: check.found, detail: check.detail)
    return String(decoding: try encoder.encode(line), as: UTF8.self)
  }
}

/// The result files of a suite's cells.
struct StoredResults {
  private(set) var results: [Cell: CellResult] = [:]
  /// Why a cell has no usable result.
  private(set) var failures: [Cell: String] = [:]

  init(folder: String, cells: [Cell]) {
    for cell in cells {
      let path = folder + "/" + cell.path
      guard FileManager.default.fileExists(atPath: path) else {
        failures[cell] = "there is no result at \(path)"
        continue
      }
      do {
        results[cell] = try ResultFile.read(path)
      } catch {
        failures[cell] = ErrorText(error).text
      }
    }
  }
}
