/// Which neighbouring symbols may be joined, into what, and in which order: the heart of byte-pair encoding.
///
/// Symbols are small integers. A negative symbol stands for something that never joins: a barrier, or a character
/// that the vocabulary does not know.
///
/// Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units" (arXiv:1508.07909),
/// Algorithm 1, in the order of sentencepiece's `bpe_model.cc` and of Hugging Face's `tokenizers`.
struct MergeTable: Sendable {
  struct Merge: Equatable, Sendable {
    /// Lower ranks join first; equal ranks from left to right.
    let rank: UInt32
    let result: Int32
  }

  /// A symbol of a merged text and the place of its first part in the unmerged one.
  struct Symbol: Equatable {
    let symbol: Int32
    let position: Int
  }

  private var merges: [UInt64: Merge] = [:]
  /// Results that `merge(_:)` must be able to take apart again.
  private let divisible: Set<Int32>

  init(divisible: Set<Int32> = []) { self.divisible = divisible }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  subscript(left: Int32, right: Int32) -> Merge? {
    left < 0 || right < 0 ? nil : merges[Self.key(left, right)]
  }

  /// Adds a pair; where it is there already, the earlier entry stays and the result is false.
  mutating func insert(_ left: Int32, _ right: Int32, rank: UInt32, result: Int32) -> Bool {
    let entry = Merge(rank: rank, result: result)
    let key = Self.key(left, right)
    guard merges[key] == nil else { return false }
    merges[key] = entry
    return true
  }

  mutating func reserveCapacity(_ count: Int) { merges.reserveCapacity(count) }

  /// `symbols` after joining, again and again, the pair of lowest rank, the leftmost of equals, until no pair is left;
  /// and for every divisible symbol the last pair that could have made it.
  ///
  /// - Parameter cuts: ascending places across which nothing joins. They do not change the result: the parts are
  ///   merged one after the other, each with an agenda small enough for the cache.
  /// - Complexity: O(n log m) for n symbols, m of them in the longest part.
  func merge(_ symbols: [Int32], cuts: [Int] = []) -> (symbols: [Symbol], divisions: [Int32: (Int32, Int32)]) {
    let count = symbols.count
    precondition(count < Int(Int32.max), "a text of \(count) symbols is too long")
    var symbols = symbols
    var next = Array(1...Int32(count + 1))
    var previous = Array(-1...Int32(count))
    var divisions: [Int32: (Int32, Int32)] = [:]
    var agenda = Agenda()
    // A dead symbol was joined to its left neighbour.
    let dead = Int32.min

    func consider(_ left: Int, _ right: Int, _ agenda: inout Agenda, _ symbols: [Int32]) {
      guard let merge = self[symbols[left], symbols[right]] else { return }
      agenda.insert(UInt64(merge.rank) << 32 | UInt64(left))
      if !divisible.isEmpty, divisible.contains(merge.result) {
        divisions[merge.result] = (symbols[left], symbols[right])
      }
    }

    var start = 0
    for end in cuts + [count] {
      for left in start..<max(start, end - 1) { consider(left, left + 1, &agenda, symbols) }
      start = end
      while let first = agenda.removeFirst() {
        let left = Int(first & 0xFFFF_FFFF)
        let right = Int(next[left])
        // An entry is stale where its pair has changed since: a symbol died, or its pair now has another rank.
        guard right < count, let merge = self[symbols[left], symbols[right]], UInt64(merge.rank) == first >> 32 else {
          continue
        }
        symbols[left] = merge.result
        symbols[right] = dead
        let after = Int(next[right])
        next[left] = Int32(after)
        if after < count {
          previous[after] = Int32(left)
          consider(left, after, &agenda, symbols)
        }
        let before = Int(previous[left])
        if before >= 0 { consider(before, left, &agenda, symbols) }
      }
    }

    var result: [Symbol] = []
    var position = 0
    while position < count {
      result.append(Symbol(symbol: symbols[position], position: position))
      position = Int(next[position])
    }
    return (result, divisions)
  }
}

/// A binary heap, smallest first.
private struct Agenda {
  private var entries: [UInt64] = []

  mutating func insert(_ entry: UInt64) {
    var child = entries.count
    entries.append(entry)
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[parent] > entry else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  mutating func removeFirst() -> UInt64? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    let count = entries.count
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < count else { break }
      if child + 1 < count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < last else { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = last
    return first
  }
}
