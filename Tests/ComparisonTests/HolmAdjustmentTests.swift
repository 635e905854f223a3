import Comparison
import Testing

@Suite struct HolmAdjustmentTests {
  /// Four tests with p-values of 0.01, 0.04, 0.03 and 0.005: the example of Wikipedia's article on the method.
  @Test func `the smallest counts as often as there are tests`() {
    let adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005])
    for (found, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(found - expected) < 1e-15) }
  }

  @Test func `none exceeds one, and a single test stays as it is`() {
    #expect(holmAdjusted([0.6, 0.7]) == [1, 1])
    #expect(holmAdjusted([0.04]) == [0.04])
    #expect(holmAdjusted([]).isEmpty)
  }
}
