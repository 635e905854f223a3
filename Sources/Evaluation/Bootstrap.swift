import Glibc
import Tensors

/// What sums up one number per document.
package enum SummaryStatistic: String, Sendable {
  case mean
  /// exp(-mean) of log-likelihoods in nats.
  case perplexity

  /// - Precondition: there are values.
  package func value(of values: [Double]) -> Double { value(ofMean: Evaluation.mean(values)) }

  func value(ofMean mean: Double) -> Double {
    switch self {
    case .mean: mean
    case .perplexity: exp(-mean)
    }
  }
}

/// The bootstrap of the evaluation harness: the spread of a statistic over resamples of the documents.
///
/// Resamples are drawn in chunks, chunk i by CPython's `random.Random(i)`, so that they are the same in every run.
///
/// Source: Efron 1979, "Bootstrap methods"; EleutherAI/lm-evaluation-harness 0bf683b4, metrics.py, `bootstrap_stderr`.
package struct Bootstrap: Equatable, Sendable {
  package let iterations: Int
  package let chunk: Int

  /// Resamples that do not fill a chunk are left out, as in the harness; fewer than one chunk are one chunk.
  package init(iterations: Int = 100_000, chunk: Int = 1000) {  // defaults of the harness
    precondition(iterations > 0 && chunk > 0, "\(iterations) resamples in chunks of \(chunk)")
    self.iterations = iterations
    self.chunk = min(chunk, iterations)
  }

  /// The statistic of each resample, in the order drawn: as many values as there are, drawn with replacement.
  ///
  /// - Precondition: there are values.
  /// - Complexity: O(iterations × values)
  package func resampled(
    _ statistic: SummaryStatistic, of values: [Double], workers: Workers
  ) throws -> [Double] {
    precondition(!values.isEmpty, "resamples of nothing")
    return try workers.map(iterations / chunk) { seed in
      var generator = MersenneTwister(seed: seed)
      return (0..<chunk).map { _ in
        // `choices` of CPython, then the sum in the order drawn.
        statistic.value(ofMean: generator.sumOfChoices(values) / Double(values.count))
      }
    }.flatMap(\.self)
  }

  /// The sample standard deviation of the resampled statistic; nil for a single resample.
  package func standardError(
    of statistic: SummaryStatistic, over values: [Double], workers: Workers
  ) throws -> Double? {
    sampleStandardDeviation(try resampled(statistic, of: values, workers: workers))
  }
}
