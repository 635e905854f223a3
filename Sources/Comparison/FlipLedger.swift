/// What became of a task's documents when a model was compressed, and when it was then recovered.
package struct FlipLedger: Equatable, Sendable {
  /// Documents by whether they were right before compression, after it, and after the recovery: index 4, 2 and 1.
  package private(set) var counts: [Int]

  /// From three texts of `0` and `1` of the same length.
  package init(before: String, compressed: String, recovered: String) {
    counts = [Int](repeating: 0, count: 8)
    let one = UInt8(ascii: "1")
    precondition(
      before.utf8.count == compressed.utf8.count && before.utf8.count == recovered.utf8.count,
      "\(before.utf8.count), \(compressed.utf8.count) and \(recovered.utf8.count) flags")
    for ((first, second), third) in zip(zip(before.utf8, compressed.utf8), recovered.utf8) {
      counts[(first == one ? 4 : 0) + (second == one ? 2 : 0) + (third == one ? 1 : 0)] += 1
    }
  }

  package init() { counts = [Int](repeating: 0, count: 8) }

  /// Notes one more document.
  mutating func add(before: Bool, compressed: Bool, recovered: Bool) {
    counts[(before ? 4 : 0) + (compressed ? 2 : 0) + (recovered ? 1 : 0)] += 1
  }

  package static func + (left: FlipLedger, right: FlipLedger) -> FlipLedger {
    var sum = left
    for index in sum.counts.indices { sum.counts[index] += right.counts[index] }
    return sum
  }

  package var documents: Int { counts.reduce(0, +) }
  /// Right before compression.
  package var rightBefore: Int { counts[4] + counts[5] + counts[6] + counts[7] }
  /// Right before compression, wrong after it; and of those, right again after the recovery.
  package var lost: Int { counts[4] + counts[5] }
  package var broughtBack: Int { counts[5] }
  /// The control: wrong before compression and after it; and of those, right after the recovery.
  package var neverRight: Int { counts[0] + counts[1] }
  package var learned: Int { counts[1] }
  /// Wrong before compression, right after it; and of those, wrong again after the recovery.
  package var gained: Int { counts[2] + counts[3] }
  package var gainedAndLost: Int { counts[2] }
  /// Right before compression and after it; and of those, wrong after the recovery.
  package var kept: Int { counts[6] + counts[7] }
  package var broken: Int { counts[6] }
}
