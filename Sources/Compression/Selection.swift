import Tensors

/// Finds the number that stands at a place of many, were they sorted, without sorting them: their bits are narrowed down
/// from the highest, a count of each value at a time.
///
/// The numbers are not negative and not NaN; so their bits are in their order. The counts of several parts may be added
/// up.
struct RankSearch {
  /// What is known of the number's bits: those above `shift`.
  private var prefix: UInt32 = 0
  private var shift = 32
  /// The place among the numbers with that prefix.
  private(set) var rank: Int

  private static let bitsAtOnce = 11

  init(rank: Int) { self.rank = rank }

  /// The number; nil while it is not narrowed down.
  var value: Float? { shift == 0 ? Float(bitPattern: prefix) : nil }

  private var width: Int { min(Self.bitsAtOnce, shift) }

  /// How often each value of the next bits occurs.
  func counts(_ numbers: UnsafeBufferPointer<Float>) -> [Int] {
    var counts = [Int](repeating: 0, count: 1 << width)
    let below = UInt32(shift - width)
    let mask = UInt32(counts.count - 1)
    counts.withUnsafeMutableBufferPointer { counts in
      for number in numbers {
        let bits = number.bitPattern
        if shift == 32 || (bits ^ prefix) >> UInt32(shift) == 0 { counts[Int((bits >> below) & mask)] &+= 1 }
      }
    }
    return counts
  }

  mutating func narrow(_ counts: [Int]) {
    shift -= width
    for (value, count) in counts.enumerated() {
      guard rank >= count else {
        prefix |= UInt32(value) << UInt32(shift)
        return
      }
      rank -= count
    }
    preconditionFailure("no number stands there")
  }

  /// The number at `rank` of these.
  static func value(rank: Int, of numbers: UnsafeBufferPointer<Float>) -> (value: Float, rankAmongEquals: Int) {
    var search = RankSearch(rank: rank)
    while true {
      if let value = search.value { return (value, search.rank) }
      search.narrow(search.counts(numbers))
    }
  }
}

/// Marks the `count` smallest of these numbers, of equal ones the first: those that a stable sort puts in front.
func markSmallest(_ count: Int, of numbers: UnsafeBufferPointer<Float>, in marks: UnsafeMutableBufferPointer<Bool>) {
  guard count > 0 else { return }
  let (limit, equal) = RankSearch.value(rank: count - 1, of: numbers)
  var left = equal + 1
  for (place, number) in numbers.enumerated() {
    if number < limit {
      marks[place] = true
    } else if number == limit, left > 0 {
      marks[place] = true
      left -= 1
    }
  }
}
