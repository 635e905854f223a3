/// The mean, summed in order.
package func mean(_ values: [Double]) -> Double {
  precondition(!values.isEmpty, "the mean of nothing")
  return values.reduce(0, +) / Double(values.count)
}

/// The standard deviation of a sample, with n - 1 under the root; nil for fewer than two values.
///
/// Source: EleutherAI/lm-evaluation-harness 0bf683b4, metrics.py, `sample_stddev`.
package func sampleStandardDeviation(_ values: [Double]) -> Double? {
  guard values.count > 1 else { return nil }
  let center = mean(values)
  let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
  return (squares / Double(values.count - 1)).squareRoot()
}

/// The standard error of the mean of a sample, in the unit of the values; nil for fewer than two.
///
/// Source: EleutherAI/lm-evaluation-harness 0bf683b4, metrics.py, `mean_stderr`.
package func standardErrorOfMean(_ values: [Double]) -> Double? {
  sampleStandardDeviation(values).map { $0 / Double(values.count).squareRoot() }
}
