import Comparison
import Foundation
import Results

extension ComparisonReport {
  /// One JSON object; `Baselines/schemas/comparison.schema.json` says what is in it.
  package func json() throws(ResultError) -> String {
    String(decoding: try resultJSON(ComparisonRecord(self), file: "standard output"), as: UTF8.self)
  }
}

private struct ComparisonRecord: Encodable {
  let schema = "recollect-comparison"
  let schemaVersion = 1
  let suite: String
  let exitStatus: Int32
  let significance: Double
  /// In points; absent where it is derived for each task.
  let margin: Double?
  let latencyFactor: Double
  let accuracies: Accuracies?
  let checks: [CheckRecord]

  struct Accuracies: Encodable {
    let tests: Int
    let fewestDocuments: Int
    let mostDocuments: Int
    let fewestShown: Int
  }

  struct CheckRecord: Encodable {
    let cell: Cell?
    let check: String
    let verdict: Verdict
    let expected: String
    let found: String
    let tolerance: String
    let interval: String
    let detail: String
    /// Absent where no document changed sides.
    let flips: [FlippedDocument]?
  }

  init(_ report: ComparisonReport) {
    let comparison = report.comparison
    suite = comparison.suite
    exitStatus = comparison.exitStatus(strictImprovement: report.strictImprovement)
    significance = comparison.rule.significance
    margin = comparison.rule.margin
    latencyFactor = comparison.rule.latencyFactor
    accuracies = comparison.accuracies.map {
      Accuracies(
        tests: $0.tests, fewestDocuments: $0.documents.lowerBound, mostDocuments: $0.documents.upperBound,
        fewestShown: $0.fewestShown)
    }
    checks = comparison.checks.map { check in
      let flips = report.flips(of: check)
      return CheckRecord(
        cell: check.cell, check: check.name, verdict: check.verdict, expected: check.expected, found: check.found,
        tolerance: check.tolerance, interval: check.interval, detail: check.detail,
        flips: flips.isEmpty ? nil : flips)
    }
  }
}
