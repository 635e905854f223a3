import Comparison
import Testing

@Suite struct McNemarTests {
  private func p(_ b: Int, _ c: Int) -> Double { McNemarTest(onlyFirstRight: b, onlySecondRight: c).exactTwoSidedP }

  @Test func `small counts can be worked by hand`() {
    #expect(p(0, 5) == 0.0625)  // 2·C(5,0)/2⁵ = 2/32
    #expect(abs(p(1, 5) - 14 / 64) < 1e-16)  // 2·(1 + 6)/2⁶
    #expect(abs(p(10, 2) - 158 / 4096) < 1e-16)  // 2·(1 + 12 + 66)/2¹²
  }

  @Test(arguments: [(0, 0), (0, 1), (3, 3), (3, 4), (100_000, 100_000), (100_000, 99_999)])
  func `a split as even as can be is certain`(b: Int, c: Int) {
    #expect(p(b, c) == 1)
  }

  @Test func `it counts the ways in which fair coins fall at least as unevenly`() {
    for trials in 0...12 {
      for first in 0...trials {
        let unevenness = abs(2 * first - trials)
        let ways = (0..<1 << trials).count { abs(2 * $0.nonzeroBitCount - trials) >= unevenness }
        #expect(abs(p(first, trials - first) - Double(ways) / Double(1 << trials)) < 1e-15)
      }
    }
  }

  /// Computed with exact integers in Python 3.11.
  @Test(arguments: [
    (120, 90, 0.04511408786484073), (1000, 1100, 0.030720707864242296), (99_000, 100_000, 0.025127217688360945),
    (50_000, 50_500, 0.11547629006868125), (100_000, 96_000, 1.6683058314631623e-19),
    (0, 1000, 1.8665272370064378e-301),
    (400, 1600, 2.2803404122146458e-169),
  ])
  func `large counts keep twelve digits`(b: Int, c: Int, expected: Double) {
    #expect(abs(p(b, c) / expected - 1) < 1e-12)
  }

  @Test func `the two runs are alike to it`() {
    #expect(p(17, 29) == p(29, 17))
  }

  @Test func `what no double can hold is zero`() {
    #expect(p(0, 100_000) == 0)
    #expect(p(20_000, 100_000) == 0)
  }
}
