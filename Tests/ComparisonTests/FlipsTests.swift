import Comparison
import Testing

@Suite struct FlipsTests {
  @Test func `flips are counted both ways`() {
    let flips = Flips(expected: "110010", found: "011010")
    #expect(flips.lost == 1)
    #expect(flips.gained == 1)
    #expect(flips.documents == 6)
  }

  @Test func `six flips one way are the fewest that show a difference`() {
    #expect(Flips(expected: "11111", found: "00000").smallestShown(significance: 0.05) == nil)
    #expect(Flips(expected: "111111", found: "000000").smallestShown(significance: 0.05) == 6)
    // Of eight flips, seven to one gives p = 18/256 = 0.07: all eight are needed.
    #expect(Flips(expected: "11111111", found: "00000000").smallestShown(significance: 0.05) == 8)
    #expect(Flips(expected: "111111111", found: "000000000").smallestShown(significance: 0.05) == 8)
  }
}
