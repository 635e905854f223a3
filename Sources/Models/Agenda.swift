/// The pairs that wait to be joined: the lowest rank first, and the leftmost place of equal ranks.
///
/// A text has far more places than ranks, and the places of one rank mostly come about from left to right. So there is
/// a heap of ranks only; the places of a rank are an ascending list, with a heap beside it for those that come late.
struct Agenda {
  private struct Places {
    var inOrder: [Int32] = []
    /// How many of `inOrder` are done with.
    var removed = 0
    var late = Heap<Int32>()

    var isEmpty: Bool { removed == inOrder.count && late.first == nil }

    mutating func insert(_ place: Int32) {
      if let last = inOrder.last, place < last {
        late.insert(place)
      } else {
        inOrder.append(place)
      }
    }

    /// - Precondition: there is one.
    mutating func removeFirst() -> Int32 {
      if let first = late.first, removed == inOrder.count || first < inOrder[removed] {
        late.removeFirst()
        return first
      }
      let place = inOrder[removed]
      removed += 1
      return place
    }

    mutating func removeAll() {
      inOrder.removeAll(keepingCapacity: true)
      removed = 0
    }
  }

  private var ranks = Heap<Int32>()
  private var places: [Places] = []
  /// Where in `places` a rank is, as a pair of zero and the rank.
  private var indexOfRank = PairTable()
  /// That of the lowest rank, when it was last looked up.
  private var current: (rank: Int32, index: Int)?

  mutating func insert(rank: Int32, place: Int32) {
    let index = index(rank)
    if places[index].isEmpty {
      places[index].removeAll()
      ranks.insert(rank)
    }
    places[index].insert(place)
  }

  mutating func removeFirst() -> (rank: Int32, place: Int32)? {
    guard let rank = ranks.first else { return nil }
    if current?.rank != rank { current = (rank, index(rank)) }
    guard let index = current?.index else { return nil }
    let place = places[index].removeFirst()
    if places[index].isEmpty { ranks.removeFirst() }
    return (rank, place)
  }

  private mutating func index(_ rank: Int32) -> Int {
    if let index = indexOfRank[0, rank] { return Int(index) }
    _ = indexOfRank.insert(0, rank, UInt64(places.count))
    places.append(Places())
    return places.count - 1
  }
}
