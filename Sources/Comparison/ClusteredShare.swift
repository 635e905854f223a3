/// A share of trials that come in clusters: the same document is tried once for each cell that is pooled, and its trials
/// resemble one another, so a hundred of them tell less than a hundred documents would. Trials may have weights.
///
/// The trials are counted down to as many independent ones as would leave the share as uncertain as the clusters do
/// (the "effective sample size"), never more than there are clusters, and that number goes into Wilson's interval. With
/// one trial a cluster it is the number of trials, and the interval the usual one.
///
/// Source: Kish 1965, "Survey Sampling", chapter 8 (the design effect); Korn & Graubard 1998, "Confidence intervals for
/// proportions with small expected number of positive counts estimated from survey data" (Survey Methodology 24:193),
/// for its use in an interval of a binomial share.
package struct ClusteredShare: Equatable, Sendable {
  package let value: Double
  /// Without weights.
  package let successes: Int
  package let trials: Int
  /// Clusters with a trial.
  package let clusters: Int
  package let effectiveTrials: Double

  package func interval(confidence: Double) -> WilsonInterval {
    WilsonInterval(share: value, trials: effectiveTrials, confidence: confidence)
  }
}

/// The trials and successes of each cluster, as they are counted.
package struct ClusterSums: Sendable {
  private var successes: [Double]
  private var trials: [Double]
  private var successCount = 0
  private var trialCount = 0

  package init(clusters: Int) {
    successes = [Double](repeating: 0, count: clusters)
    trials = successes
  }

  package mutating func add(successes: Int, trials: Int, to cluster: Int, weight: Double = 1) {
    successCount += successes
    trialCount += trials
    self.successes[cluster] += weight * Double(successes)
    self.trials[cluster] += weight * Double(trials)
  }

  /// How far each cluster's successes lie from those that a share of its trials would be, over all trials.
  func residuals(from share: Double) -> [Double] {
    let all = trials.reduce(0, +)
    return zip(successes, trials).map { ($0 - share * $1) / all }
  }

  /// nil where there are no trials.
  package var share: ClusteredShare? {
    let all = trials.reduce(0, +)
    guard trialCount > 0, all > 0 else { return nil }
    let isConstant = successCount == 0 || successCount == trialCount
    // Exactly 0 or 1, which a quotient of weighted sums need not be.
    let share = isConstant ? (successCount == 0 ? 0 : 1) : successes.reduce(0, +) / all
    let count = trials.count { $0 > 0 }
    let variance = residuals(from: share).reduce(0) { $0 + $1 * $1 }
    // Var(p) = Σ (s - p t)² / T², which is p (1 - p) / n for n independent trials. A share of 0 or 1 shows no spread to
    // take it from: then each cluster counts as one trial.
    let independent = isConstant ? Double(count) : share * (1 - share) / variance
    return ClusteredShare(
      value: share, successes: successCount, trials: trialCount, clusters: count,
      effectiveTrials: min(Double(count), independent))
  }
}
