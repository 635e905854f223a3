import Foundation
import Results

/// Compares a task's accuracy with its baseline by the documents that changed sides.
///
/// Both scored the same documents, so those that both answered alike say nothing about a difference, and the exact
/// McNemar test on the flips sees far smaller changes than two accuracies with their standard errors would. The rule:
///
/// - the same documents right: **pass**, and nothing else passes;
/// - nothing right any more where something was: **regression**, without asking for significance;
/// - p at most `significance` (two-sided, 0.05 by default): **regression** or **improvement**, by the direction;
/// - otherwise **inconclusive**. Equal numbers of flips in both directions are inconclusive too: two models may differ
///   on half of the documents and agree in the accuracy by chance.
///
/// The usual 0.05 needs six flips in one direction and none in the other; the detail says what these flips needed.
func compareAccuracy(cell: Cell, found: TaskResult, expected: TaskResult, significance: Double) -> Check {
  let flips = Flips(expected: expected.correct, found: found.correct)
  let counts = "\(flips.lost) lost, \(flips.gained) gained of \(flips.documents)"
  let p = "p = " + String(format: "%.2g", flips.p)
  let verdict: Verdict
  let detail: String
  if flips.count == 0 {
    (verdict, detail) = (.pass, "")
  } else if found.accuracy == 0, expected.accuracy > 0 {
    (verdict, detail) = (.regression, "\(counts): nothing is right any more")
  } else if flips.p <= significance {
    (verdict, detail) = (flips.lost > flips.gained ? .regression : .improvement, "\(counts); \(p)")
  } else {
    let needed =
      flips.smallestShown(significance: significance).map { "at least \($0) one way" }
      ?? "more flips than \(flips.count)"
    (verdict, detail) = (.inconclusive, "\(counts); \(p), \(significance) needs \(needed)")
  }
  return Check(
    cell: cell, name: "\(found.name) accuracy", verdict: verdict, expected: percent(expected.accuracy),
    found: percent(found.accuracy), detail: detail)
}

private func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }
