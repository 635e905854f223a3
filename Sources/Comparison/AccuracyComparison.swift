import Foundation
import Results

/// A task's accuracy and its baseline, over the same documents asked in the same way.
///
/// Documents that both answered alike say nothing about a difference, so the exact McNemar test on those that changed
/// sides sees far smaller changes than two accuracies with their standard errors would.
struct AccuracyComparison {
  let cell: Cell
  let found: TaskResult
  let expected: TaskResult
  let flips: Flips

  init(cell: Cell, found: TaskResult, expected: TaskResult) {
    self.cell = cell
    self.found = found
    self.expected = expected
    flips = Flips(expected: expected.correct, found: found.correct)
  }

  /// The rule, in this order:
  ///
  /// - the same documents right: **pass**;
  /// - nothing right any more where something was, or no more than guessing gives where the baseline was above it:
  ///   **regression**, without asking for significance, since that is what a broken prompt, tokenizer or file looks
  ///   like;
  /// - an adjusted p of at most the significance: **regression** or **improvement**, by the direction; a loss that the
  ///   interval keeps within a *stated* margin is none;
  /// - nothing lost, or the whole interval above the comparable loss (`ComparisonRule.comparableLoss`): **pass**, as
  ///   comparable. This is the test of non-inferiority; since all tasks must pass it, its level needs no adjustment;
  /// - otherwise **inconclusive**.
  ///
  /// A second check, "plausibility", is added where the result is too good to be taken without a look.
  ///
  /// - Parameters:
  ///   - adjusted: the flips' p-value after Holm's adjustment over all of the suite's `tests`.
  func checks(adjusted: Double, tests: Int, rule: ComparisonRule) -> [Check] {
    let counts = "\(flips.lost) lost, \(flips.gained) gained of \(flips.documents)"
    let p = "p = \(shortest(flips.p))" + (tests > 1 ? ", \(shortest(adjusted)) among \(tests) tests" : "")
    let interval = NewcombeInterval(
      pairs: PairedCounts(first: found.correct, second: expected.correct), confidence: rule.confidence)
    let margin = rule.comparableLoss(of: expected)
    let isComparable = flips.lost == 0 || interval.low >= -margin
    let isShown = adjusted <= rule.significance
    let verdict: Verdict
    let detail: String
    if flips.count == 0 {
      (verdict, detail) = (.pass, "")
    } else if found.accuracy == 0, expected.accuracy > 0 {
      (verdict, detail) = (.regression, "\(counts): nothing is right any more")
    } else if let chance = collapsedToChance(rule) {
      (verdict, detail) = (.regression, "\(counts): no more than guessing gives, \(percent(chance))")
    } else if isShown, flips.lost > flips.gained, rule.margin == nil || !isComparable {
      (verdict, detail) = (.regression, "\(counts); \(p)")
    } else if isShown, flips.gained > flips.lost {
      (verdict, detail) = (.improvement, "\(counts); \(p)")
    } else if isComparable {
      (verdict, detail) = (.pass, "comparable: \(counts); \(p)")
    } else {
      (verdict, detail) = (.inconclusive, "\(counts); \(p), \(power(tests: tests, rule: rule))")
    }
    let accuracy = Check(
      cell: cell, name: "\(found.name) accuracy", verdict: verdict, expected: percent(expected.accuracy),
      found: percent(found.accuracy), tolerance: flips.count == 0 ? "" : "\(decimal(100 * margin, 2)) points",
      interval: flips.count == 0
        ? "" : "[\(signed(100 * interval.low, 2)), \(signed(100 * interval.high, 2))] points",
      detail: detail, flips: flips)
    return [accuracy] + [plausibility(isShown: isShown, rule: rule)].compactMap(\.self)
  }

  /// What it would have taken to decide: so many flips one way, and the difference that is found four times in five.
  private func power(tests: Int, rule: ComparisonRule) -> String {
    let level = rule.significance / Double(tests)
    let needed =
      flips.smallestShown(significance: level).map { "at least \($0) one way" } ?? "more flips than \(flips.count)"
    let difference = detectableDifference(
      documents: Double(flips.documents), changingShare: Double(flips.count) / Double(flips.documents),
      significance: level)
    let smallest = difference.map { "; a difference of \(decimal(100 * $0, 1)) points would be found 4 times in 5" }
    return "\(shortest(level)) needs \(needed)" + (smallest ?? "")
  }

  /// The chance level, where the baseline was above it and the result is not.
  private func collapsedToChance(_ rule: ComparisonRule) -> Double? {
    guard let chance = expected.chance ?? found.chance, found.accuracy <= chance else { return nil }
    let right = expected.correct.utf8.count { $0 == UInt8(ascii: "1") }
    let interval = WilsonInterval(successes: right, trials: expected.documents, confidence: rule.confidence)
    return interval.low > chance ? chance : nil
  }

  /// Everything right that was not, or more than half of the errors gone at once: rather a leak of answers into prompts
  /// or training than a better model. Somebody must look, so it is inconclusive.
  private func plausibility(isShown: Bool, rule: ComparisonRule) -> Check? {
    let wrong = expected.correct.utf8.count { $0 == UInt8(ascii: "0") }
    let isPerfect =
      found.accuracy == 1 && wrong > 0
      && pow(expected.accuracy, Double(expected.documents)) <= rule.significance
    let isLeap = isShown && 2 * (flips.gained - flips.lost) > wrong
    guard isPerfect || isLeap else { return nil }
    let what = isPerfect ? "every document is right" : "more than half of the errors are gone"
    return Check(
      cell: cell, name: "\(found.name) plausibility", verdict: .inconclusive, expected: percent(expected.accuracy),
      found: percent(found.accuracy),
      detail: "too good: \(what); look for answers in prompts or training data before taking it")
  }
}

private func percent(_ share: Double) -> String { decimal(100 * share, 2) + " %" }
