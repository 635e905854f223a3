import Comparison
import Testing

@Suite struct HolmAdjustmentTests {
  /// Four tests with p-values of 0.01, 0.04, 0.03 and 0.005: the example of Wikipedia's article on the method.
  @Test func `the smallest counts as often as there are tests`() {
    let adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005])
    for (found, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(found - expected) < 1e-15) }
  }

  /// The closure of Bonferroni's test: of all sets of tests that a test is in, the one whose Bonferroni p is largest.
  @Test func `it is the closure of Bonferroni's test`() {
    var state: UInt64 = 1
    for _ in 0..<50 {
      let pValues = (0..<6).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 40) / 0x1p24 / 4
      }
      for (index, found) in holmAdjusted(pValues).enumerated() {
        let sets = (1..<64).filter { $0 >> index & 1 == 1 }
        let expected = sets.map { set in
          let members = (0..<6).filter { set >> $0 & 1 == 1 }
          return min(1, Double(members.count) * (members.map { pValues[$0] }.min() ?? 1))
        }.max()
        #expect(found == expected)
      }
    }
  }

  @Test func `none exceeds one, and a single test stays as it is`() {
    #expect(holmAdjusted([0.6, 0.7]) == [1, 1])
    #expect(holmAdjusted([0.04]) == [0.04])
    #expect(holmAdjusted([]).isEmpty)
  }
}
