/// Which documents changed sides between two scorings of the same documents, in the same order.
package struct Flips: Equatable, Sendable {
  package let documents: Int
  /// Right in the baseline, wrong now: places in the scored order, from zero.
  package let lostPlaces: [Int]
  /// Wrong in the baseline, right now.
  package let gainedPlaces: [Int]

  /// Compares two texts of `0` and `1` of the same length.
  package init(expected: String, found: String) {
    let one = UInt8(ascii: "1")
    documents = expected.utf8.count
    precondition(documents == found.utf8.count, "\(documents) flags against \(found.utf8.count)")
    let pairs = zip(expected.utf8, found.utf8).enumerated()
    lostPlaces = pairs.filter { $0.element.0 == one && $0.element.1 != one }.map(\.offset)
    gainedPlaces = pairs.filter { $0.element.0 != one && $0.element.1 == one }.map(\.offset)
  }

  package var lost: Int { lostPlaces.count }
  package var gained: Int { gainedPlaces.count }
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

  /// The fewest flips, all in one direction, that show a difference at a level: the first k with 2 · 2⁻ᵏ at most that.
  package static func fewestShown(significance: Double) -> Int {
    precondition(significance > 0, "a significance of \(significance)")
    var count = 1
    var p = 1.0
    while p > significance {
      count += 1
      p /= 2
    }
    return count
  }
}
