/// Which neighbouring symbols may be joined, into what, and in which order: the heart of byte-pair encoding.
///
/// Symbols are small integers. A negative symbol stands for something that never joins, such as a character that the
/// vocabulary does not know.
///
/// Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units" (arXiv:1508.07909),
/// Algorithm 1, in the order of sentencepiece's `bpe_model.cc` and of Hugging Face's `tokenizers`.
struct MergeTable: Sendable {
  /// The last pair that could have made each divisible symbol.
  typealias Divisions = [Int32: (left: Int32, right: Int32)]

  /// The rank of a pair, lower ranks join first, above the 32 bits of the symbol that it becomes.
  private var merges: PairTable
  /// Symbols that must be taken apart again after merging.
  private let divisible: Set<Int32>

  /// Stands for a pair that does not join; its rank is above all others.
  private static let none = UInt64.max
  /// Up to so many symbols a search through all pairs is faster than an agenda.
  private static let shortCount = 32

  init(minimumCapacity: Int = 0, divisible: Set<Int32> = []) {
    merges = PairTable(minimumCapacity: minimumCapacity)
    self.divisible = divisible
  }

  var hasDivisible: Bool { !divisible.isEmpty }

  /// Adds a pair; where it is there already, the earlier entry stays and the result is false.
  mutating func insert(_ left: Int32, _ right: Int32, rank: Int32, result: Int32) -> Bool {
    merges.insert(left, right, UInt64(rank) << 32 | UInt64(UInt32(bitPattern: result)))
  }

  @inline(__always)
  private func merge(_ left: Int32, _ right: Int32) -> UInt64 { merges[left, right] ?? Self.none }

  /// Joins, again and again, the pair of lowest rank, the leftmost of equals, until no pair is left.
  ///
  /// - Returns: how many symbols remain; they stand at the front of `symbols`.
  /// - Complexity: O(n log n)
  func merge(_ symbols: UnsafeMutableBufferPointer<Int32>) -> Int {
    if symbols.count < 2 { return symbols.count }
    if symbols.count > Self.shortCount { return mergeLong(symbols) { _, _, _ in } }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.shortCount) { mergeShort(symbols, $0) }
  }

  /// As `merge(_:)`, with the last pair that could have made each divisible symbol.
  func mergeNotingDivisions(_ symbols: UnsafeMutableBufferPointer<Int32>) -> (count: Int, divisions: Divisions) {
    var divisions: Divisions = [:]
    let count = mergeLong(symbols) { left, right, result in
      if divisible.contains(result) { divisions[result] = (left, right) }
    }
    return (count, divisions)
  }

  /// - Parameter pairs: room for what `merge(_:_:)` says of each symbol and the next.
  private func mergeShort(
    _ symbols: UnsafeMutableBufferPointer<Int32>, _ pairs: UnsafeMutableBufferPointer<UInt64>
  ) -> Int {
    var count = symbols.count
    for left in 0..<count - 1 { pairs[left] = merge(symbols[left], symbols[left + 1]) }
    while count > 1 {
      var lowest = pairs[0]
      var place = 0
      for left in 1..<max(1, count - 1) where pairs[left] >> 32 < lowest >> 32 {
        lowest = pairs[left]
        place = left
      }
      if lowest == Self.none { break }
      symbols[place] = Int32(truncatingIfNeeded: lowest)
      count -= 1
      for moved in place + 1..<max(place + 1, count) {
        symbols[moved] = symbols[moved + 1]
        pairs[moved - 1] = pairs[moved]
      }
      if place > 0 { pairs[place - 1] = merge(symbols[place - 1], symbols[place]) }
      if place + 1 < count { pairs[place] = merge(symbols[place], symbols[place + 1]) }
    }
    return count
  }

  private struct Node {
    var symbol: Int32
    var previous: Int32
    var next: Int32
    /// What `merge(_:_:)` says of this symbol and the next; `none` for one that was joined to its left neighbour.
    var pair: UInt64
  }

  /// - Parameter note: learns of every pair that could join, and of its result, when that pair comes about.
  private func mergeLong(
    _ symbols: UnsafeMutableBufferPointer<Int32>, note: (_ left: Int32, _ right: Int32, _ result: Int32) -> Void
  ) -> Int {
    let count = symbols.count
    precondition(count < Int(Int32.max), "a text of \(count) symbols is too long")
    return withUnsafeTemporaryAllocation(of: Node.self, capacity: count) { nodes in
      func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        let pair = merge(left, right)
        if pair != Self.none { note(left, right, Int32(truncatingIfNeeded: pair)) }
        return pair
      }
      var agenda = Agenda()
      func plan(_ pair: UInt64, at left: Int32) {
        if pair != Self.none { agenda.insert(rank: Int32(truncatingIfNeeded: pair >> 32), place: left) }
      }

      for place in 0..<count {
        let isLast = place == count - 1
        let merge = isLast ? Self.none : pair(symbols[place], symbols[place + 1])
        let (previous, next) = (Int32(place) - 1, isLast ? -1 : Int32(place) + 1)
        nodes.initializeElement(
          at: place, to: Node(symbol: symbols[place], previous: previous, next: next, pair: merge))
        plan(merge, at: Int32(place))
      }
      while let (rank, left) = agenda.removeFirst() {
        var node = nodes[Int(left)]
        // An entry is stale where its pair has changed since: a symbol was joined, or the pair has another rank.
        guard node.pair != Self.none, node.pair >> 32 == UInt64(rank) else { continue }
        node.symbol = Int32(truncatingIfNeeded: node.pair)
        nodes[Int(node.next)].pair = Self.none
        node.next = nodes[Int(node.next)].next
        node.pair = Self.none
        if node.next >= 0 {
          nodes[Int(node.next)].previous = left
          node.pair = pair(node.symbol, nodes[Int(node.next)].symbol)
          plan(node.pair, at: left)
        }
        nodes[Int(left)] = node
        guard node.previous >= 0 else { continue }
        let before = pair(nodes[Int(node.previous)].symbol, node.symbol)
        nodes[Int(node.previous)].pair = before
        plan(before, at: node.previous)
      }

      var remaining = 0
      var place: Int32 = 0
      while place >= 0 {
        symbols[remaining] = nodes[Int(place)].symbol
        remaining += 1
        place = nodes[Int(place)].next
      }
      return remaining
    }
  }
}
