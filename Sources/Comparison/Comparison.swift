import Results

/// A whole suite held against its stored answers: a list of checks, and the status that follows from them.
package struct Comparison: Equatable, Sendable {
  package let suite: String
  package let checks: [Check]

  /// Compares each cell's result with its baseline.
  ///
  /// - Parameters:
  ///   - cells: The cells of the suite, all of which must have a result.
  ///   - failures: Why a cell has none, where that is known.
  ///   - significance: The two-sided level below which a difference in accuracy counts. It holds for each check by
  ///     itself: of many tasks that did not change, about that share would be called changed.
  package init(
    suite: String, cells: [Cell], found: [Cell: CellResult], failures: [Cell: String] = [:], baseline: Baseline,
    significance: Double = 0.05
  ) {
    self.suite = suite
    var checks: [Check] = []
    if cells.isEmpty {
      checks.append(Check(cell: nil, name: "cells", verdict: .cellFailed, detail: "the suite has no cells"))
    }
    for cell in cells {
      guard let result = found[cell], failures[cell] == nil else {
        checks.append(
          Check(cell: cell, name: "result", verdict: .cellFailed, detail: failures[cell] ?? "the cell has no result"))
        continue
      }
      let unfit = guardFailures(of: result, suite: suite, cell: cell)
      checks += unfit
      guard let expected = baseline.results[cell] else {
        checks.append(Self.missingBaseline(of: cell, in: baseline))
        continue
      }
      if !expected.isComparable {
        let reason = expected.notComparableReason ?? "no reason given"
        checks.append(
          Check(
            cell: cell, name: "baseline", verdict: .baselineMissing, detail: "marked as not comparable: \(reason)"))
      } else if unfit.isEmpty {
        checks += compareCells(found: result, expected: expected, significance: significance)
      }
    }
    checks += baseline.unusedFiles.map { file in
      Check(
        cell: nil, name: file, verdict: .baselineUnused, expected: "no such file", found: "\(baseline.folder)/\(file)",
        detail: "no cell of the suite uses this baseline")
    }
    self.checks = checks
  }

  package func exitStatus(strictImprovement: Bool = false) -> Int32 {
    Verdict.exitStatus(of: checks.map(\.verdict), strictImprovement: strictImprovement)
  }

  private static func missingBaseline(of cell: Cell, in baseline: Baseline) -> Check {
    let path = Baseline.path(of: cell, in: baseline.folder)
    let detail = baseline.damaged[cell].map { "the baseline cannot be used: \($0)" } ?? "there is no baseline"
    return Check(cell: cell, name: "baseline", verdict: .baselineMissing, expected: path, detail: detail)
  }
}
