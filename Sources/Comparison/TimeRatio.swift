/// How many times as long one variant takes as another, from repetitions in which both took their turns.
///
/// What slows the machine down for a while slows both turns of a repetition, so that the ratio within a repetition is
/// steadier than either time. Nothing is left out: the median does not care for the few turns that were disturbed.
package struct TimeRatio: Equatable, Sendable {
  /// The median of the repetitions' ratios.
  package let value: Double
  /// The ends of a bootstrap interval: the quantiles of the median over resamples of the repetitions.
  ///
  /// Source: Efron 1979, "Bootstrap methods"; the percentile interval.
  package let lower: Double
  package let upper: Double

  /// The times of both variants, repetition by repetition.
  ///
  /// - Precondition: as many of one as of the other, all above zero, and at least one.
  package init(
    of seconds: [Double], to reference: [Double], confidence: Double = 0.95, resamples: Int = 10_000, seed: UInt64 = 0
  ) {
    precondition(
      !seconds.isEmpty && seconds.count == reference.count && (seconds + reference).allSatisfy { $0 > 0 },
      "ratios of \(seconds.count) to \(reference.count) times")
    let ratios = zip(seconds, reference).map { $0 / $1 }
    var generator = SplitMix64(seed: seed)
    let medians = (0..<resamples).map { _ in
      median(ratios.indices.map { _ in ratios[generator.next(below: ratios.count)] })
    }.sorted()
    let tail = Int((1 - confidence) / 2 * Double(resamples))
    value = median(ratios)
    lower = medians[tail]
    upper = medians[resamples - 1 - tail]
  }

  /// The ratio of two ratios to the same reference, with ends that are too far apart rather than too close: each is what
  /// the ends of the two give together at the most.
  package init(_ value: TimeRatio, dividedBy other: TimeRatio) {
    self.init(
      value: value.value / other.value, lower: value.lower / other.upper, upper: value.upper / other.lower)
  }

  package init(value: Double, lower: Double, upper: Double) {
    self.value = value
    self.lower = lower
    self.upper = upper
  }

  /// The share of the time that is saved; below zero where it takes longer.
  package var reduction: Double { 1 - value }

  /// How many times as much is done in the same time.
  package var speedUp: Double { 1 / value }
}

/// The middle value; of an even number, the mean of the middle two.
///
/// - Precondition: there are values.
package func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// A small generator of random numbers, for resampling.
///
/// Source: Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators".
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// One of 0 … bound - 1, all as likely but for a part in 2⁶⁴ ÷ bound.
  mutating func next(below bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
}
