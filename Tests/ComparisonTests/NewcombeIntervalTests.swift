import Comparison
import Testing

@Suite struct NewcombeIntervalTests {
  /// Fifty sputum specimens on two media: Armitage & Berry 1994, page 127. The test's p-value and the score interval
  /// (0.056156 to 0.329207) are those that StatsDirect's manual gives for them.
  @Test func `paired shares give the published interval and test of the two media`() {
    let media = PairedCounts(bothRight: 20, onlyFirstRight: 12, onlySecondRight: 2, bothWrong: 16)
    let interval = NewcombeInterval(pairs: media, confidence: 0.95)
    #expect(abs(interval.difference - 0.2) < 1e-12)
    #expect(abs(interval.low - 0.056156) <= 5e-7)
    #expect(abs(interval.high - 0.329207) <= 5e-7)
    #expect(abs(media.test.exactTwoSidedP - 212 / 16384) < 1e-15)  // 0.0129: 2·(1 + 14 + 91)/2¹⁴
  }

  @Test func `swapping the two turns the interval round`() {
    let there = NewcombeInterval(
      pairs: PairedCounts(bothRight: 5, onlyFirstRight: 3, onlySecondRight: 9, bothWrong: 4), confidence: 0.9)
    let back = NewcombeInterval(
      pairs: PairedCounts(bothRight: 5, onlyFirstRight: 9, onlySecondRight: 3, bothWrong: 4), confidence: 0.9)
    #expect(abs(there.low + back.high) < 1e-15 && abs(there.high + back.low) < 1e-15)
  }

  @Test func `two scorings that agree everywhere still leave a width`() {
    let interval = NewcombeInterval(
      pairs: PairedCounts(bothRight: 30, onlyFirstRight: 0, onlySecondRight: 0, bothWrong: 20), confidence: 0.95)
    #expect(interval.difference == 0 && interval.low < 0 && interval.high > 0)
    let allRight = NewcombeInterval(
      pairs: PairedCounts(bothRight: 50, onlyFirstRight: 0, onlySecondRight: 0, bothWrong: 0), confidence: 0.95)
    #expect(allRight.difference == 0 && allRight.low < 0 && allRight.high > 0)
  }

  @Test func `flags are counted in pairs`() {
    #expect(
      PairedCounts(first: "110100", second: "101100")
        == PairedCounts(bothRight: 2, onlyFirstRight: 1, onlySecondRight: 1, bothWrong: 2))
  }
}
