import Comparison
import Testing

private func clustered(successes: [Int], trials: [Int], weights: [Double]? = nil) -> ClusteredShare? {
  var sums = ClusterSums(clusters: trials.count)
  for cluster in trials.indices {
    sums.add(successes: successes[cluster], trials: trials[cluster], to: cluster, weight: weights?[cluster] ?? 1)
  }
  return sums.share
}

@Suite struct ClusteredShareTests {
  @Test func `with one trial a cluster the interval is Wilson's`() throws {
    let trials = [Int](repeating: 1, count: 10)
    let share = try #require(clustered(successes: [1, 1, 1, 0, 0, 0, 0, 0, 0, 0], trials: trials))
    #expect(share.value == 0.3 && share.clusters == 10)
    #expect(abs(share.effectiveTrials - 10) < 1e-9)
    let wilson = WilsonInterval(successes: 3, trials: 10, confidence: 0.95)
    #expect(abs(share.interval(confidence: 0.95).low - wilson.low) < 1e-12)
    #expect(abs(share.interval(confidence: 0.95).high - wilson.high) < 1e-12)
  }

  @Test func `trying each document again in cells that all agree tells nothing more`() throws {
    let twelve = try #require(clustered(successes: [12, 12, 12, 0, 0, 0], trials: [12, 12, 12, 12, 12, 12]))
    #expect(twelve.trials == 72)
    #expect(abs(twelve.effectiveTrials - 6) < 1e-9)
  }

  @Test func `cells that disagree about every document do not make more documents of them`() throws {
    let share = try #require(clustered(successes: [6, 6, 6, 6], trials: [12, 12, 12, 12]))
    #expect(share.value == 0.5 && share.effectiveTrials == 4)
  }

  @Test func `a trial that weighs more than others makes the share less certain`() throws {
    // Σ w s / Σ w t = 3/6; p (1 - p) T² / Σ (s - p t)² = 0.25 · 36 / (1.5² + 3 · 0.5²) = 9/3.
    let share = try #require(
      clustered(successes: [1, 0, 0, 0], trials: [1, 1, 1, 1], weights: [3, 1, 1, 1]))
    #expect(share.value == 0.5)
    #expect(abs(share.effectiveTrials - 3) < 1e-9)
  }

  @Test func `where all succeed each cluster counts as one trial`() throws {
    let share = try #require(clustered(successes: [5, 5, 0], trials: [5, 5, 0], weights: [0.1, 0.7, 1]))
    #expect(share.value == 1 && share.clusters == 2 && share.effectiveTrials == 2)
    #expect(share.interval(confidence: 0.95).high == 1)
  }

  @Test func `without a trial there is no share`() {
    #expect(clustered(successes: [0, 0], trials: [0, 0]) == nil)
  }
}
