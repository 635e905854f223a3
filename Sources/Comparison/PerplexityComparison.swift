import Foundation
import Results

/// Holds a cell's perplexities against those of its baseline: bit for bit where bits can be compared, otherwise within
/// a tolerance that follows from rounding, or from the number of tokens where the weights themselves may differ.
func comparePerplexities(found: CellResult, expected: CellResult, bits: BitComparison, rule: ComparisonRule) -> [Check]
{
  let before = Dictionary((expected.perplexities ?? []).map { ($0.name, $0) }) { first, _ in first }
  let now = Dictionary((found.perplexities ?? []).map { ($0.name, $0) }) { first, _ in first }
  var checks: [Check] = []
  for perplexity in expected.perplexities ?? [] where now[perplexity.name] == nil {
    checks.append(
      Check(
        cell: found.cell, name: "perplexity of \(perplexity.name)", verdict: .regression,
        expected: decimal(perplexity.tokenPerplexity, 4), detail: "it is not measured any more"))
  }
  for perplexity in found.perplexities ?? [] {
    guard let stored = before[perplexity.name] else {
      checks.append(
        Check(
          cell: found.cell, name: "perplexity of \(perplexity.name)", verdict: .baselineMissing,
          found: decimal(perplexity.tokenPerplexity, 4), detail: "the baseline has none of this corpus"))
      continue
    }
    checks.append(
      PerplexityComparison(cell: found.cell, found: perplexity, expected: stored)
        .check(bits: bits, hasSameWeights: found.hasCheckpointWeights && expected.hasCheckpointWeights, rule: rule))
  }
  return checks
}

private struct PerplexityComparison {
  let cell: Cell
  let found: CellPerplexity
  let expected: CellPerplexity

  func check(bits: BitComparison, hasSameWeights: Bool, rule: ComparisonRule) -> Check {
    guard question(of: found) == question(of: expected) else {
      return check(
        .regression, detail: "not the same measurement: \(question(of: expected)), now \(question(of: found))")
    }
    if bits.isPossible {
      guard found != expected else { return check(.pass) }
      return check(
        .regression,
        detail: bits.difference("Σ -log p \(expected.negativeLogLikelihood), now \(found.negativeLogLikelihood)"))
    }
    let cost = expected.negativeLogLikelihood / Double(expected.tokens)
    let change = found.negativeLogLikelihood / Double(found.tokens) - cost
    let tolerance =
      hasSameWeights ? ComparisonRule.forwardTolerance : cost * rule.samplingTolerance(items: expected.tokens)
    let reason =
      hasSameWeights
      ? "rounding of the same weights on another kernel" : "what \(expected.tokens) tokens leave open"
    let verdict: Verdict = abs(change) <= tolerance ? .pass : change > 0 ? .regression : .improvement
    if verdict == .improvement, found.negativeLogLikelihood < expected.negativeLogLikelihood / 2 {
      return check(
        .inconclusive, tolerance: tolerance, change: change,
        detail: "too good: less than half of the nats are left; look for the text in the training data")
    }
    return check(verdict, tolerance: tolerance, change: change, detail: "the tolerance is \(reason)")
  }

  private func question(of perplexity: CellPerplexity) -> String {
    "\(perplexity.method) of \(perplexity.window), \(perplexity.tokens) tokens"
  }

  private func check(
    _ verdict: Verdict, tolerance: Double? = nil, change: Double? = nil, detail: String = ""
  ) -> Check {
    Check(
      cell: cell, name: "perplexity of \(found.name)", verdict: verdict, expected: decimal(expected.tokenPerplexity, 4),
      found: decimal(found.tokenPerplexity, 4), tolerance: tolerance.map { "\(shortest($0)) nats a token" } ?? "",
      interval: "",
      detail: [change.map { "\(signed($0, 5)) nats a token" }, detail].compactMap(\.self)
        .filter { !$0.isEmpty }.joined(separator: "; "))
  }
}

/// The perplexity over a task's documents, where the task has one. Between kernels each document counts as one item.
func compareTaskPerplexity(
  cell: Cell, found: TaskResult, expected: TaskResult, hasSameWeights: Bool, rule: ComparisonRule
) -> Check? {
  let name = "\(found.name) perplexity"
  switch (found.perplexity, expected.perplexity) {
  case (nil, nil): return nil
  case (let now?, nil):
    return Check(
      cell: cell, name: name, verdict: .baselineMissing, found: shortest(now), detail: "the baseline has none")
  case (nil, let before?):
    return Check(
      cell: cell, name: name, verdict: .regression, expected: shortest(before), detail: "it is not measured any more")
  case (let now?, let before?):
    let change = log(now / before)
    // A document's cost is that of a whole answer, several tokens.
    let tolerance =
      hasSameWeights
      ? 16 * ComparisonRule.forwardTolerance : log(before) * rule.samplingTolerance(items: expected.documents)
    let verdict: Verdict = abs(change) <= tolerance ? .pass : change > 0 ? .regression : .improvement
    return Check(
      cell: cell, name: name, verdict: verdict, expected: decimal(before, 4), found: decimal(now, 4),
      tolerance: "\(shortest(tolerance)) nats a document", detail: "\(signed(change, 5)) nats a document")
  }
}
