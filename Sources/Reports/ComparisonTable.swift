import Comparison
import Results

/// What a comparison found, for a person: the gravest first, what held in one line, and what to do next.
package struct ComparisonTable: Sendable {
  package let comparison: Comparison

  package init(_ comparison: Comparison) {
    self.comparison = comparison
  }

  package func plainText() -> String {
    var text = ""
    for verdict in Self.order {
      for check in comparison.checks where check.verdict == verdict {
        text += lines(of: check)
      }
    }
    return text + summary + "\n" + nextSteps.map { "→ \($0)\n" }.joined()
  }

  /// Gravest first, as a reader wants them; what passed is only counted.
  private static let order: [Verdict] = [
    .cellFailed, .regression, .baselineMissing, .baselineUnused, .inconclusive, .improvement,
  ]

  private func lines(of check: Check) -> String {
    let place = check.cell.map { "\($0): " } ?? ""
    var text = Self.label(of: check.verdict).padded(to: 17) + place + check.name + "\n"
    let indent = String(repeating: " ", count: 17)
    if !check.expected.isEmpty || !check.found.isEmpty {
      let expected = check.expected.isEmpty ? "nothing" : check.expected
      let found = check.found.isEmpty ? "nothing" : check.found
      // Digests do not fit beside one another.
      let separator = expected.count + found.count > 60 ? "\n" + indent : ", "
      text += "\(indent)expected \(expected)\(separator)found \(found)\n"
    }
    if !check.detail.isEmpty { text += indent + check.detail + "\n" }
    return text
  }

  private var summary: String {
    let held = comparison.checks.filter { $0.verdict == .pass }
    let cells = Set(held.compactMap(\.cell)).count
    let counts = Self.order.compactMap { verdict -> String? in
      let count = comparison.checks.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(Self.label(of: verdict))"
    }
    let passes = "\(comparison.suite): \(held.count) of \(comparison.checks.count) checks held, in \(cells) cells"
    return ([passes] + counts).joined(separator: "; ")
  }

  private var nextSteps: [String] {
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
    if verdicts.contains(.baselineUnused) {
      steps.append("delete the baselines that no cell uses, or name their cells in the suite again")
    }
    if verdicts.contains(.inconclusive) {
      steps.append("inconclusive tasks: score more documents, or run on the kernel that the baseline records")
    }
    return steps
  }

  private static func label(of verdict: Verdict) -> String {
    switch verdict {
    case .pass: "held"
    case .improvement: "improvement"
    case .inconclusive: "inconclusive"
    case .regression: "regression"
    case .baselineMissing: "baseline missing"
    case .baselineUnused: "baseline unused"
    case .cellFailed: "cell failed"
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
