import Comparison
import Testing

@Suite struct FlipsTests {
  @Test func `flips are counted both ways`() {
    let flips = Flips(expected: "110010", found: "011010")
    #expect(flips.lost == 1)
    #expect(flips.gained == 1)
    #expect(flips.documents == 6)
  }

  @Test func `flips are known by their places`() {
    let flips = Flips(expected: "110010", found: "011010")
    #expect(flips.lostPlaces == [0])
    #expect(flips.gainedPlaces == [2])
  }

  @Test func `the fewest that show a difference are as many halvings as the level asks for`() {
    #expect(Flips.fewestShown(significance: 0.05) == 6)  // 2/2⁶ = 0.031, 2/2⁵ = 0.0625
    #expect(Flips.fewestShown(significance: 0.05 / 100) == 12)  // 2/2¹² = 0.00049
    for level in [0.3, 0.05, 0.01, 1e-6] {
      let count = Flips.fewestShown(significance: level)
      #expect(McNemarTest(onlyFirstRight: count, onlySecondRight: 0).exactTwoSidedP <= level)
      #expect(McNemarTest(onlyFirstRight: count - 1, onlySecondRight: 0).exactTwoSidedP > level)
    }
  }

  @Test func `six flips one way are the fewest that show a difference`() {
    #expect(Flips(expected: "11111", found: "00000").smallestShown(significance: 0.05) == nil)
    #expect(Flips(expected: "111111", found: "000000").smallestShown(significance: 0.05) == 6)
    // Of eight flips, seven to one gives p = 18/256 = 0.07: all eight are needed.
    #expect(Flips(expected: "11111111", found: "00000000").smallestShown(significance: 0.05) == 8)
    #expect(Flips(expected: "111111111", found: "000000000").smallestShown(significance: 0.05) == 8)
  }
}
