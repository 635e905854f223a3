/// A hash table from pairs of small numbers to one word each.
///
/// Open addressing, at most half full: a look-up touches one cache line as a rule. Byte-pair encoding is a sequence of
/// such look-ups.
struct PairTable: Sendable {
  private struct Entry {
    var key: UInt64
    var value: UInt64
  }

  /// The key that stands for no entry: of no pair, since both numbers are below 2³¹.
  private static let vacant = UInt64.max

  private var entries: [Entry]
  /// 64 less the binary logarithm of the number of entries.
  private var shift: UInt64
  private(set) var count = 0

  init(minimumCapacity: Int = 0) {
    var bits: UInt64 = 3
    while 1 << bits < 2 * minimumCapacity { bits += 1 }
    entries = Array(repeating: Entry(key: Self.vacant, value: 0), count: 1 << bits)
    shift = 64 - bits
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Where the search for a key begins: the upper bits of its product with 2⁶⁴ divided by the golden ratio, which
  /// depend on all of its bits.
  @inline(__always)
  private func start(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift) }

  /// The value of the pair; nil where it has none, as when a number is negative.
  @inline(__always)
  subscript(left: Int32, right: Int32) -> UInt64? {
    guard left | right >= 0 else { return nil }
    let key = Self.key(left, right)
    var place = start(key)
    while true {
      let entry = entries[place]
      if entry.key == key { return entry.value }
      if entry.key == Self.vacant { return nil }
      place = (place + 1) & (entries.count - 1)
    }
  }

  /// Adds a pair of numbers that are not negative; where it is there already, the earlier value stays and the result is
  /// false.
  mutating func insert(_ left: Int32, _ right: Int32, _ value: UInt64) -> Bool {
    precondition(left | right >= 0, "the pair \(left), \(right) is negative")
    if 2 * (count + 1) > entries.count { grow() }
    guard put(Entry(key: Self.key(left, right), value: value)) else { return false }
    count += 1
    return true
  }

  private mutating func put(_ entry: Entry) -> Bool {
    var place = start(entry.key)
    while entries[place].key != Self.vacant {
      if entries[place].key == entry.key { return false }
      place = (place + 1) & (entries.count - 1)
    }
    entries[place] = entry
    return true
  }

  private mutating func grow() {
    var larger = PairTable(minimumCapacity: entries.count)
    for entry in entries where entry.key != Self.vacant { _ = larger.put(entry) }
    larger.count = count
    self = larger
  }
}
