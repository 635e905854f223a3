import Results

/// A whole suite held against its stored answers: a list of checks, and the status that follows from them.
package struct Comparison: Equatable, Sendable {
  package let suite: String
  package let checks: [Check]
  package let rule: ComparisonRule
  /// Accuracies that were compared; nil where none was.
  package let accuracies: Accuracies?

  package struct Accuracies: Equatable, Sendable {
    package let tests: Int
    /// Of a task, the fewest and the most.
    package let documents: ClosedRange<Int>
    /// The fewest documents that change sides, all one way, of which the suite can say that it is no chance.
    package let fewestShown: Int
  }

  /// Compares each cell's result with its baseline.
  ///
  /// - Parameters:
  ///   - cells: Those that must have a result: all of the suite, or the part that was run. Baselines of others are not
  ///     asked for.
  ///   - failures: Why a cell has none, where that is known.
  package init(
    suite: String, cells: [Cell], found: [Cell: CellResult], failures: [Cell: String] = [:], baseline: Baseline,
    rule: ComparisonRule = ComparisonRule()
  ) {
    var findings: [CellFinding] = []
    if cells.isEmpty {
      findings.append(.check(Check(cell: nil, name: "cells", verdict: .cellFailed, detail: "there are no cells")))
    }
    var seen: Set<Cell> = []
    for cell in cells {
      guard seen.insert(cell).inserted else {
        let detail = "two cells have this name, and one file between them"
        findings.append(.check(Check(cell: cell, name: "name", verdict: .cellFailed, detail: detail)))
        continue
      }
      guard let result = found[cell], failures[cell] == nil else {
        let detail = failures[cell] ?? "the cell has no result"
        findings.append(.check(Check(cell: cell, name: "result", verdict: .cellFailed, detail: detail)))
        continue
      }
      let unfit = guardFailures(of: result, suite: suite, cell: cell)
      findings += unfit.map(CellFinding.check)
      if let missing = Self.missingBaseline(of: cell, in: baseline) {
        findings.append(.check(missing))
      } else if unfit.isEmpty, let expected = baseline.results[cell] {
        findings += compareCells(found: result, expected: expected, rule: rule)
      }
    }
    findings += baseline.unusedFiles.map { file in
      .check(
        Check(
          cell: nil, name: file, verdict: .baselineUnused, expected: "no such file",
          found: "\(baseline.folder)/\(file)", detail: "no cell of the suite uses this baseline"))
    }
    self.suite = suite
    self.rule = rule
    (checks, accuracies) = Self.judged(findings, rule: rule)
  }

  package func exitStatus(strictImprovement: Bool = false) -> Int32 {
    Verdict.exitStatus(of: checks.map(\.verdict), strictImprovement: strictImprovement)
  }

  /// Judges all accuracies together, so that the more are compared, the more each must show.
  private static func judged(_ findings: [CellFinding], rule: ComparisonRule) -> ([Check], Accuracies?) {
    let pairs = findings.compactMap { finding in
      if case .accuracy(let pair) = finding { pair } else { nil }
    }
    var adjusted = holmAdjusted(pairs.map(\.flips.p))[...]
    let checks = findings.flatMap { finding in
      switch finding {
      case .check(let check): [check]
      case .accuracy(let pair): pair.checks(adjusted: adjusted.removeFirst(), tests: pairs.count, rule: rule)
      }
    }
    let documents = pairs.map(\.flips.documents)
    guard let fewest = documents.min(), let most = documents.max() else { return (checks, nil) }
    let level = rule.significance / Double(pairs.count)
    return (
      checks,
      Accuracies(
        tests: pairs.count, documents: fewest...most, fewestShown: Flips.fewestShown(significance: level))
    )
  }

  private static func missingBaseline(of cell: Cell, in baseline: Baseline) -> Check? {
    func missing(_ detail: String) -> Check {
      Check(
        cell: cell, name: "baseline", verdict: .baselineMissing, expected: Baseline.path(of: cell, in: baseline.folder),
        detail: detail)
    }
    guard let expected = baseline.results[cell] else {
      return missing(
        baseline.damaged[cell].map { "the baseline cannot be used: \($0.text)" } ?? "there is no baseline")
    }
    guard !expected.isComparable else { return nil }
    return missing("marked as not comparable: \(expected.notComparableReason ?? "no reason given")")
  }
}
