import Results

/// Holds a cell's likeness to the dense model against that of its baseline, a check a curve: bit for bit where bits can
/// be compared, otherwise each block's distance 1 - cos within the tolerance of rounding, and within that of the number
/// of items it is a mean over where the weights themselves may differ.
func compareSimilarity(found: CellResult, expected: CellResult, bits: BitComparison, rule: ComparisonRule) -> [Check] {
  switch (found.similarity, expected.similarity) {
  case (nil, nil): return []
  case (.some, nil):
    return [
      Check(cell: found.cell, name: "similarity", verdict: .baselineMissing, detail: "the baseline has none")
    ]
  case (nil, .some):
    return [Check(cell: found.cell, name: "similarity", verdict: .regression, detail: "it is not measured any more")]
  case (let now?, let before?):
    guard now.samples == before.samples, now.length == before.length else {
      return [
        Check(
          cell: found.cell, name: "similarity", verdict: .regression,
          expected: "\(before.samples) texts of \(before.length) tokens",
          found: "\(now.samples) texts of \(now.length) tokens", detail: "not the same measurement")
      ]
    }
    return zip(now.curves, before.curves).map { now, before in
      let items = now.name.hasSuffix("ByRow") ? expected.similarity.map { $0.samples * $0.length } : nil
      return SimilarityComparison(cell: found.cell, name: now.name, found: now.values, expected: before.values)
        .check(
          bits: bits, items: items ?? expected.similarity?.samples ?? 1,
          hasSameWeights: found.hasCheckpointWeights && expected.hasCheckpointWeights, rule: rule)
    }
  }
}

private struct SimilarityComparison {
  let cell: Cell
  let name: String
  let found: [Double]
  let expected: [Double]

  func check(bits: BitComparison, items: Int, hasSameWeights: Bool, rule: ComparisonRule) -> Check {
    guard found.count == expected.count else {
      return check(.regression, expected: "\(expected.count) blocks", found: "\(found.count) blocks")
    }
    guard !expected.isEmpty else { return check(.pass) }
    if bits.isPossible {
      guard let block = expected.indices.first(where: { found[$0] != expected[$0] }) else { return check(.pass) }
      return check(
        .regression, expected: "\(expected[block])", found: "\(found[block])", detail: bits.difference("block \(block)")
      )
    }
    /// How much further from the dense model a block is now, in units of what it may be.
    func excess(_ block: Int) -> Double {
      (expected[block] - found[block]) / tolerance(block, items: items, hasSameWeights, rule)
    }
    let worst = expected.indices.max { abs(excess($0)) < abs(excess($1)) } ?? 0
    let verdict: Verdict = abs(excess(worst)) <= 1 ? .pass : excess(worst) > 0 ? .regression : .improvement
    let reason = hasSameWeights ? "rounding on another kernel" : "what \(items) items leave open"
    return check(
      verdict, expected: decimal(expected[worst], 6), found: decimal(found[worst], 6),
      tolerance: shortest(tolerance(worst, items: items, hasSameWeights, rule)),
      detail: "block \(worst) is the furthest off; the tolerance is \(reason)")
  }

  private func tolerance(_ block: Int, items: Int, _ hasSameWeights: Bool, _ rule: ComparisonRule) -> Double {
    let sampling = hasSameWeights ? 0 : abs(1 - expected[block]) * rule.samplingTolerance(items: items)
    return ComparisonRule.forwardTolerance + sampling
  }

  private func check(
    _ verdict: Verdict, expected: String = "", found: String = "", tolerance: String = "", detail: String = ""
  ) -> Check {
    Check(
      cell: cell, name: "similarity \(name)", verdict: verdict, expected: expected, found: found, tolerance: tolerance,
      detail: detail)
  }
}
