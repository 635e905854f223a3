import Results

/// Holds a cell's ratio of times against that of its baseline; never a time against a time, since those are a matter of
/// the machine.
///
/// A ratio of two models measured in turns, in one process, is the same on a busy machine as on an idle one while both
/// slow down alike; what noise is left widens the interval of the median. So a **regression** takes three things: the
/// intervals are disjoint, the ratio is larger by more than `latencyFactor`, and most repetitions were undisturbed.
///
/// Where most were disturbed, the median is one of a busy machine. Another program takes processor time, or the caches
/// and the way to memory; a model that waits for memory then loses otherwise than one that computes. Two threads that
/// share a core have half of it each at worst, so such a machine can pass for a change by less than two, and not by
/// two. Less is then **inconclusive**: not green, and not a false alarm either; the next run decides.
func compareLatency(found: CellResult, expected: CellResult, rule: ComparisonRule) -> [Check] {
  func check(
    _ verdict: Verdict, expected: String = "", found ratio: String = "", tolerance: String = "", interval: String = "",
    detail: String = ""
  ) -> [Check] {
    [
      Check(
        cell: found.cell, name: "latency ratio", verdict: verdict, expected: expected, found: ratio,
        tolerance: tolerance, interval: interval, detail: detail)
    ]
  }
  switch (found.latency, expected.latency) {
  case (nil, nil): return []
  case (let now?, nil): return check(.baselineMissing, found: text(now), detail: "the baseline has none")
  case (nil, let before?): return check(.regression, expected: text(before), detail: "it is not measured any more")
  case (let now?, let before?):
    guard now.batch == before.batch, now.length == before.length else {
      return check(
        .regression, expected: "\(before.batch) × \(before.length) tokens",
        found: "\(now.batch) × \(now.length) tokens",
        detail: "not the same measurement")
    }
    let factor = now.ratio / before.ratio
    let (verdict, detail) = judged(now, before, factor: factor, rule: rule)
    return check(
      verdict, expected: text(before), found: text(now),
      tolerance: "a factor of \(decimal(rule.latencyFactor, 2)) between disjoint intervals",
      interval: "[\(decimal(now.lower / before.upper, 2)), \(decimal(now.upper / before.lower, 2))] times",
      detail: "\(decimal(factor, 2)) times the baseline's" + (detail.isEmpty ? "" : "; \(detail)"))
  }
}

private func judged(
  _ now: CellLatency, _ before: CellLatency, factor: Double, rule: ComparisonRule
) -> (Verdict, String) {
  let isAbove = now.lower > before.upper
  let isBelow = now.upper < before.lower
  if factor <= rule.latencyFactor, factor >= 1 / rule.latencyFactor { return (.pass, "") }
  guard isAbove || isBelow else {
    return (.inconclusive, "the intervals overlap: measure again, with more repetitions")
  }
  if 2 * now.disturbed > now.repetitions, factor < 2, factor > 0.5 {
    return (
      .inconclusive, "\(now.disturbed) of \(now.repetitions) repetitions were disturbed: measure on an idle machine"
    )
  }
  return (isAbove ? .regression : .improvement, "")
}

private func text(_ latency: CellLatency) -> String {
  "\(decimal(latency.ratio, 3)) [\(decimal(latency.lower, 3)), \(decimal(latency.upper, 3))]"
}
