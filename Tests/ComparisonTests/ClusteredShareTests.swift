import Comparison
import Testing

@Suite struct ClusteredShareTests {
  @Test func `with one trial a cluster the interval is Wilson's`() throws {
    let trials = [Int32](repeating: 1, count: 10)
    let share = try #require(ClusteredShare(successes: [1, 1, 1, 0, 0, 0, 0, 0, 0, 0], trials: trials))
    #expect(share.value == 0.3 && share.clusters == 10)
    #expect(abs(share.effectiveTrials - 10) < 1e-9)
    let wilson = WilsonInterval(successes: 3, trials: 10, confidence: 0.95)
    #expect(abs(share.interval(confidence: 0.95).low - wilson.low) < 1e-12)
    #expect(abs(share.interval(confidence: 0.95).high - wilson.high) < 1e-12)
  }

  @Test func `trying each document again in cells that all agree tells nothing more`() throws {
    let twelve = try #require(ClusteredShare(successes: [12, 12, 12, 0, 0, 0], trials: [12, 12, 12, 12, 12, 12]))
    #expect(twelve.trials == 72)
    #expect(abs(twelve.effectiveTrials - 6) < 1e-9)
  }

  @Test func `where all succeed each cluster counts as one trial`() throws {
    let share = try #require(ClusteredShare(successes: [5, 5, 0], trials: [5, 5, 0]))
    #expect(share.clusters == 2 && share.effectiveTrials == 2)
    #expect(share.interval(confidence: 0.95).high == 1)
  }

  @Test func `without a trial there is no share`() {
    #expect(ClusteredShare(successes: [0, 0], trials: [0, 0]) == nil)
  }
}
