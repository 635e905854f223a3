/// Which documents changed sides between two scorings of the same documents, in the same order.
package struct Flips: Equatable, Sendable {
  package let documents: Int
  /// Right in the baseline, wrong now.
  package let lost: Int
  /// Wrong in the baseline, right now.
  package let gained: Int

  /// Compares two texts of `0` and `1` of the same length.
  package init(expected: String, found: String) {
    let pairs = zip(expected.utf8, found.utf8)
    let one = UInt8(ascii: "1")
    documents = expected.utf8.count
    precondition(documents == found.utf8.count, "\(documents) flags against \(found.utf8.count)")
    lost = pairs.count { $0 == one && $1 != one }
    gained = pairs.count { $0 != one && $1 == one }
  }

  package var count: Int { lost + gained }

  /// How likely flips this uneven are by chance (`McNemarTest`).
  package var p: Double { McNemarTest(onlyFirstRight: lost, onlySecondRight: gained).exactTwoSidedP }

  /// The fewest flips in one direction, out of these, that the test would have called a difference; nil where even all
  /// of them would not have been enough (five flips or fewer at 0.05).
  package func smallestShown(significance: Double) -> Int? {
    (0...count).first {
      2 * $0 > count
        && McNemarTest(onlyFirstRight: $0, onlySecondRight: count - $0).exactTwoSidedP <= significance
    }
  }
}
