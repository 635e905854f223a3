/// The Wilson score interval of a share: where the true share of successes lies with the given confidence.
///
/// Unlike ± z standard errors, it stays within 0...1 and keeps a width when all or none succeed.
///
/// Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; written as in Newcombe
/// 1998 (method 3, without continuity correction), like scipy 1.17 `binomtest(…).proportion_ci(method="wilson")`.
package struct WilsonInterval: Equatable, Sendable {
  package let low: Double
  package let high: Double

  /// `successes` of `trials`, at a two-sided `confidence` strictly between 0 and 1.
  package init(successes: Int, trials: Int, confidence: Double) {
    precondition(trials > 0 && (0...max(trials, 0)).contains(successes), "\(successes) successes in \(trials) trials")
    self.init(share: Double(successes) / Double(trials), trials: Double(trials), confidence: confidence)
  }

  /// Of a share that is as well known as if it came from so many independent trials.
  package init(share p: Double, trials n: Double, confidence: Double) {
    precondition(n > 0 && (0...1).contains(p), "a share of \(p) in \(n) trials")
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    let z = StandardNormal.quantile(confidence: confidence)
    let denominator = 2 * (n + z * z)
    let center = (2 * n * p + z * z) / denominator
    let halfWidth = z / denominator * (4 * n * p * (1 - p) + z * z).squareRoot()
    // At the ends the interval ends there too, but for rounding.
    low = p == 0 ? 0 : center - halfWidth
    high = p == 1 ? 1 : center + halfWidth
  }
}
