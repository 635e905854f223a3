import Foundation
import Results

/// Whether a gate shuts: known faults are injected, one at a time, into copies of a suite's results and baselines, and
/// each must turn the comparison red, with the check that names it and no other cell beside it.
///
/// The real files are only read.
package struct GateTest: Sendable {
  package struct Outcome: Equatable, Sendable {
    package let title: String
    package let verdict: Verdict
    /// The status that the comparison with the fault ends with.
    package let status: Int32
    /// The check that shows the fault, or why there is none.
    package let reason: String

    package enum Verdict: String, Codable, Sendable {
      case caught
      case missed
      /// The suite has nothing that the fault could be injected into.
      case notApplicable
    }

    package init(title: String, verdict: Verdict, status: Int32, reason: String) {
      self.title = title
      self.verdict = verdict
      self.status = status
      self.reason = reason
    }
  }

  package let suite: String
  package let results: String
  package let baseline: String
  /// All of the suite, and those that are compared.
  package let allCells: [Cell]
  package let cells: [Cell]
  package let rule: ComparisonRule

  package init(
    suite: String, results: String, baseline: String, allCells: [Cell], cells: [Cell], rule: ComparisonRule
  ) {
    self.suite = suite
    self.results = results
    self.baseline = baseline
    self.allCells = allCells
    self.cells = cells
    self.rule = rule
  }

  /// The comparison without a fault: it must be green, or nothing that follows says anything.
  package func clean() -> Comparison { comparison(results: results, baseline: baseline) }

  /// The outcome of each fault, in their order.
  ///
  /// - Parameter faults: All, but for a test of the test.
  package func outcomes(of faults: [StoredFault] = StoredFault.allCases) throws -> [Outcome] {
    try faults.map(outcome)
  }

  /// The outcome of a fault that a computation was made with.
  ///
  /// - Parameter expected: The checks of which one must show it.
  package func outcome(title: String, result: CellResult, expecting expected: [ExpectedCheck]) -> Outcome {
    var found = StoredResults(folder: results, cells: cells).results
    found[result.cell] = result
    let comparison = Comparison(
      suite: suite, cells: cells, found: found, baseline: Baseline(folder: baseline, cells: allCells), rule: rule)
    return Self.judged(comparison, title: title, cell: result.cell, expecting: expected)
  }

  private func outcome(_ fault: StoredFault) throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = GateFiles(results: folder + "/results", baseline: folder + "/baseline", cells: cells)
    for (source, target, cells) in [(results, files.results, cells), (baseline, files.baseline, allCells)] {
      for cell in cells where FileManager.default.fileExists(atPath: "\(source)/\(cell.path)") {
        let copy = URL(fileURLWithPath: "\(target)/\(cell.path)")
        try FileManager.default.createDirectory(
          at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(source)/\(cell.path)", toPath: copy.path)
      }
    }
    guard let expected = try files.inject(fault) else {
      return Outcome(
        title: fault.title, verdict: .notApplicable, status: 0, reason: "no cell has what it could be injected into")
    }
    let outcome = Self.judged(
      comparison(results: files.results, baseline: files.baseline), title: fault.title, cell: expected.cell,
      expecting: [expected])
    return Outcome(
      title: outcome.title, verdict: outcome.verdict, status: outcome.status,
      // The copies are gone when somebody reads this.
      reason: outcome.reason.replacingOccurrences(of: folder + "/", with: ""))
  }

  private func comparison(results: String, baseline: String) -> Comparison {
    let stored = StoredResults(folder: results, cells: cells)
    return Comparison(
      suite: suite, cells: cells, found: stored.results, failures: stored.failures,
      baseline: Baseline(folder: baseline, cells: allCells), rule: rule)
  }

  private static func judged(
    _ comparison: Comparison, title: String, cell: Cell?, expecting expected: [ExpectedCheck]
  ) -> Outcome {
    let status = comparison.exitStatus()
    let changed = comparison.checks.filter { $0.verdict != .pass && $0.verdict != .improvement }
    func outcome(_ verdict: Outcome.Verdict, _ reason: String) -> Outcome {
      Outcome(title: title, verdict: verdict, status: status, reason: reason)
    }
    func text(_ check: Check) -> String {
      let detail = check.detail.isEmpty ? "expected \(check.expected), found \(check.found)" : check.detail
      return (check.cell.map { "\($0): " } ?? "") + "\(check.name): \(detail)"
    }
    guard status != 0 else { return outcome(.missed, "the comparison is green") }
    guard let check = changed.first(where: { check in expected.contains { $0.isMet(by: check) } }) else {
      return outcome(.missed, "red, but for another reason: \(changed.first.map(text) ?? "none")")
    }
    if let other = changed.first(where: { $0.cell != cell }) {
      return outcome(.missed, "another cell is red too: \(text(other))")
    }
    return outcome(.caught, text(check))
  }
}
