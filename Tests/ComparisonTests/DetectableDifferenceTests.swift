import Comparison
import Foundation
import Testing

@Suite struct DetectableDifferenceTests {
  /// Pairs that Connor's formula asks for at shares p10 and p01 of pairs that change: 45 % and 5 % need 23
  /// (powerandsamplesize.com, after Connor 1987, page 209); 30 % and 15 % need 155 (a common example).
  @Test(arguments: [(0.45, 0.05, 23), (0.30, 0.15, 155)])
  func `the pairs that Connor's formula asks for detect just that difference`(p10: Double, p01: Double, pairs: Int)
    throws
  {
    let changing = p10 + p01
    let found = try #require(detectableDifference(documents: Double(pairs), changingShare: changing))
    let withOneLess = try #require(detectableDifference(documents: Double(pairs - 1), changingShare: changing))
    #expect(found <= p10 - p01)
    #expect(withOneLess > p10 - p01)
  }

  @Test func `four times the documents see half the difference`() throws {
    let few = try #require(detectableDifference(documents: 10_000, changingShare: 0.1))
    let many = try #require(detectableDifference(documents: 40_000, changingShare: 0.1))
    #expect(abs(few / many - 2) < 0.01)
    // Where the difference is small against the share, it is (z_α + z_β) √(ψ/n) = 2.8016 · √0.00001.
    #expect(abs(few - 2.8016 * (0.1 / 10_000).squareRoot()) < 0.0001)
  }

  @Test func `with too few documents nothing can be found`() {
    #expect(detectableDifference(documents: 5, changingShare: 0.1) == nil)
  }

  @Test func `a mean over tasks is worth fewer documents than it has`() {
    #expect(equivalentDocuments(ofTasks: [700]) == 700)
    #expect(equivalentDocuments(ofTasks: [500, 500]) == 1000)
    #expect(abs(equivalentDocuments(ofTasks: [100, 10_000]) - 4 / 0.0101) < 1e-9)
  }
}
