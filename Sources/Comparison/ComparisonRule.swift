import Results

/// What a comparison goes by where bits cannot be compared. Everything else follows from counts of documents and
/// tokens.
package struct ComparisonRule: Equatable, Sendable {
  /// How often at most a suite in which nothing changed is called changed: two-sided, and over all of its accuracies
  /// together (`holmAdjusted`). Intervals have the confidence that this leaves.
  package var significance: Double
  /// The loss of accuracy, in points, up to which a task counts as comparable; nil for what `comparableLoss` derives.
  package var margin: Double?
  /// How much larger a ratio of times must be to count as a regression, once its interval lies beyond the stored one.
  ///
  /// Two processes with the same code differ by a few percent in such a ratio, by the layout of memory and the clock of
  /// the processor, and no repetition within one process shows it. A quarter is well beyond that.
  package var latencyFactor: Double

  package init(significance: Double = 0.05, margin: Double? = nil, latencyFactor: Double = 1.25) {
    precondition(significance > 0 && significance < 1, "a significance of \(significance)")
    self.significance = significance
    self.margin = margin
    self.latencyFactor = latencyFactor
  }

  var confidence: Double { 1 - significance }

  /// The loss of accuracy, as a share, up to which a task counts as comparable with its baseline.
  ///
  /// Unless it is stated: what the baseline itself leaves open, the distance from its accuracy to the lower end of its
  /// own interval; but where that end is above chance, no more than half of what the accuracy is above it, since whoever
  /// lost that has not kept most of what was there.
  package func comparableLoss(of expected: TaskResult) -> Double {
    if let margin { return margin / 100 }
    let right = expected.correct.utf8.count { $0 == UInt8(ascii: "1") }
    let interval = WilsonInterval(successes: right, trials: expected.documents, confidence: confidence)
    let chance = expected.chance ?? 0
    let open = expected.accuracy - interval.low
    return interval.low > chance ? min(open, (expected.accuracy - chance) / 2) : open
  }

  /// By which factor a mean over so many items may differ where another kernel made other weights of the same data.
  ///
  /// Rounding then decides which neighbour on a grid a weight takes, and a training repeats that over all its steps: no
  /// bound follows from the last bits. What is asked is that the mean moves no further than its own uncertainty, with
  /// items whose deviation is as large as their mean (as for costs of tokens in nats, and for distances).
  func samplingTolerance(items: Int) -> Double {
    StandardNormal.quantile(confidence: confidence) / Double(max(1, items)).squareRoot()
  }

  /// How far, in nats a token or as a difference of cosines, the same weights may be apart on another kernel: logits
  /// below 2⁵, rounded to 24 bits up to 2⁹ times in a row, are off by 2⁵ · 2⁻²⁴ · 2⁹ at most.
  static let forwardTolerance = 0x1p-10
}

extension CellResult {
  /// Whether its weights are those of the checkpoint, on every kernel the same.
  var hasCheckpointWeights: Bool { compression == nil && parameters.trainable == 0 }
}
