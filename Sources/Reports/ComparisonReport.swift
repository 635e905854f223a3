import Comparison
import Foundation
import Results

/// What a comparison found, for people and for machines. This file has the text for a terminal: what changed, cell by
/// cell and the gravest first; what held in one line; and what to do next.
package struct ComparisonReport: Sendable {
  let comparison: Comparison
  let strictImprovement: Bool
  /// Of cells whose documents were recorded: of each task, the records in scored order.
  let documents: [Cell: [String: [DocumentRecord]]]

  /// - Parameters:
  ///   - results: Those that were compared.
  ///   - documents: Where they were recorded. Records that are not of the cell's result are left out.
  package init(
    _ comparison: Comparison, strictImprovement: Bool = false, results: [Cell: CellResult] = [:],
    documents: [Cell: DocumentRecords] = [:]
  ) {
    self.comparison = comparison
    self.strictImprovement = strictImprovement
    self.documents = Dictionary(
      uniqueKeysWithValues: documents.map { cell, records in
        let tasks = (results[cell]?.tasks ?? []).compactMap { task in
          records.records(of: task).map { (task.name, $0) }
        }
        return (cell, Dictionary(tasks) { first, _ in first })
      })
  }

  package func plainText() -> String {
    var text = ""
    for group in groups where group.checks.contains(where: { $0.verdict != .pass }) {
      text += group.name + "\n"
      for verdict in Self.order {
        for check in group.checks where check.verdict == verdict { text += lines(of: check) }
      }
      text += "\n"
    }
    return text + ([summary] + statistics).map { $0 + "\n" }.joined() + nextSteps.map { "→ \($0)\n" }.joined()
  }

  // MARK: What all forms share

  /// Gravest first, as a reader wants them.
  static let order: [Verdict] = [
    .cellFailed, .regression, .baselineMissing, .baselineStale, .baselineUnused, .inconclusive, .improvement,
  ]

  struct Group {
    let name: String
    let checks: [Check]
  }

  /// The checks of each cell, and those of no cell; those with the gravest verdict first, then in the suite's order.
  var groups: [Group] {
    var names: [String] = []
    var checks: [String: [Check]] = [:]
    for check in comparison.checks {
      let name = check.cell.map(String.init(describing:)) ?? comparison.suite
      if checks[name] == nil { names.append(name) }
      checks[name, default: []].append(check)
    }
    let groups = names.map { Group(name: $0, checks: checks[$0] ?? []) }
    let ranks = groups.map { group in
      Self.order.firstIndex { verdict in group.checks.contains { $0.verdict == verdict } } ?? Self.order.count
    }
    return groups.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.map { groups[$0] }
  }

  /// "small: 20 of 23 checks held, in 2 of 3 cells; 3 regression".
  var summary: String {
    let cells = groups.filter { $0.name != comparison.suite }
    let held = comparison.checks.count { $0.verdict == .pass }
    let heldCells = cells.count { $0.checks.allSatisfy { $0.verdict == .pass } }
    let counts = Self.order.compactMap { verdict -> String? in
      let count = comparison.checks.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(Self.label(of: verdict))"
    }
    let passes =
      "\(comparison.suite): \(held) of \(comparison.checks.count) checks held, and all of them in \(heldCells) of "
      + "\(cells.count) cells"
    return ([passes] + counts).joined(separator: "; ")
  }

  /// What the comparison could have seen, and which cells were not compared bit for bit.
  var statistics: [String] {
    var lines: [String] = []
    if let accuracies = comparison.accuracies {
      let (fewest, most) = (accuracies.documents.lowerBound, accuracies.documents.upperBound)
      let documents = fewest == most ? "\(fewest)" : "\(fewest) to \(most)"
      let points = String(format: "%.1f", 100 * Double(accuracies.fewestShown) / Double(fewest))
      let smallest =
        accuracies.fewestShown > fewest
        ? "which are too few to show any loss"
        : "of which \(accuracies.fewestShown) lost and none gained (\(points) points) are the fewest that show a loss"
      lines.append(
        "\(accuracies.tests) accuracies over \(documents) documents each, \(smallest), at "
          + "\(comparison.rule.significance) for all together")
    }
    var cells: [String: Int] = [:]
    for check in comparison.checks where check.name == "bits" { cells[check.detail, default: 0] += 1 }
    return lines + cells.sorted { $0.key < $1.key }.map { "\($0.value) cells by statistics: bits were \($0.key)" }
  }

  var nextSteps: [String] {
    let verdicts = Set(comparison.checks.map(\.verdict))
    let suite = comparison.suite
    var steps: [String] = []
    if verdicts.contains(.cellFailed) {
      steps.append("cells without a usable result: `recollect run \(suite)` runs them again")
    }
    if verdicts.contains(.regression) || verdicts.contains(.improvement) {
      steps.append("if the change is meant, `recollect accept \(suite)` shows each difference and takes it")
    }
    if verdicts.contains(.baselineMissing) {
      steps.append("cells without a baseline: `recollect accept \(suite)` records their results")
    }
    if verdicts.contains(.baselineStale) {
      steps.append("stale baselines: if the new question is meant, `recollect accept \(suite)` records its answers")
    }
    if verdicts.contains(.baselineUnused) {
      steps.append("delete the baselines that no cell uses, or name their cells in the suite again")
    }
    if verdicts.contains(.inconclusive) {
      steps.append("inconclusive checks: score more documents, or run on the kernel that the baseline records")
    }
    return steps
  }

  static func label(of verdict: Verdict) -> String {
    switch verdict {
    case .pass: "held"
    case .improvement: "improvement"
    case .inconclusive: "inconclusive"
    case .regression: "regression"
    case .baselineMissing: "baseline missing"
    case .baselineStale: "baseline stale"
    case .baselineUnused: "baseline unused"
    case .cellFailed: "cell failed"
    }
  }

  /// "expected 60 %, found 50 %"; nil where neither is known.
  static func values(of check: Check, separator: String = ", ") -> String? {
    guard !check.expected.isEmpty || !check.found.isEmpty else { return nil }
    let expected = check.expected.isEmpty ? "nothing" : check.expected
    let found = check.found.isEmpty ? "nothing" : check.found
    return "expected \(expected)\(separator)found \(found)"
  }

  /// "tolerance 4.80 points, difference in [-9.10, -2.30] points"; nil where there is neither.
  static func bounds(of check: Check) -> String? {
    let parts = [
      check.tolerance.isEmpty ? nil : "tolerance \(check.tolerance)",
      check.interval.isEmpty ? nil : "difference in \(check.interval)",
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  // MARK: Text

  private func lines(of check: Check) -> String {
    var text = "  " + Self.label(of: check.verdict).padded(to: 18) + check.name + "\n"
    let indent = String(repeating: " ", count: 20)
    // Digests do not fit beside one another.
    let separator = check.expected.count + check.found.count > 60 ? "\n" + indent : ", "
    if let values = Self.values(of: check, separator: separator) { text += "\(indent)\(values)\n" }
    if let bounds = Self.bounds(of: check) { text += "\(indent)\(bounds)\n" }
    if !check.detail.isEmpty { text += indent + check.detail + "\n" }
    for line in flipLines(of: check) { text += indent + line + "\n" }
    return text
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
