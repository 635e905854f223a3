/// A share of trials that come in clusters: the same document is tried once for each cell that is pooled, and its trials
/// resemble one another, so a hundred of them tell less than a hundred documents would.
///
/// The trials are counted down to as many independent ones as would leave the share as uncertain as the clusters do
/// (the "effective sample size"), and that number goes into Wilson's interval. With one trial a cluster it is the number
/// of trials, and the interval the usual one.
///
/// Source: Kish 1965, "Survey Sampling", chapter 8 (the design effect); Korn & Graubard 1998, "Confidence intervals for
/// proportions with small expected number of positive counts estimated from survey data" (Survey Methodology 24:193),
/// for its use in an interval of a binomial share.
package struct ClusteredShare: Equatable, Sendable {
  package let successes: Int
  package let trials: Int
  /// Clusters with a trial.
  package let clusters: Int
  package let effectiveTrials: Double

  /// From the trials and successes of each cluster; nil where there are no trials.
  package init?(successes: [Int32], trials: [Int32]) {
    let all = trials.reduce(0) { $0 + Int($1) }
    guard all > 0 else { return nil }
    let right = successes.reduce(0) { $0 + Int($1) }
    let share = Double(right) / Double(all)
    var count = 0
    var squares = 0.0
    for (success, trial) in zip(successes, trials) where trial > 0 {
      count += 1
      let residual = Double(success) - share * Double(trial)
      squares += residual * residual
    }
    self.successes = right
    self.trials = all
    clusters = count
    // Var(p) = Σ (s - p t)² / T², which is p (1 - p) / n for n independent trials. A share of 0 or 1 shows no spread to
    // take it from: then each cluster counts as one trial.
    let independent = share * (1 - share) * Double(all) * Double(all) / squares
    effectiveTrials = right == 0 || right == all ? Double(count) : min(Double(all), independent)
  }

  package var value: Double { Double(successes) / Double(trials) }

  package func interval(confidence: Double) -> WilsonInterval {
    WilsonInterval(share: value, trials: effectiveTrials, confidence: confidence)
  }
}
