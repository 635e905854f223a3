/// A binary heap, smallest first.
struct Heap<Element: Comparable> {
  private var entries: [Element] = []

  var first: Element? { entries.first }

  mutating func insert(_ entry: Element) {
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

  /// - Precondition: there is one.
  mutating func removeFirst() {
    let last = entries.removeLast()
    let count = entries.count
    guard count > 0 else { return }
    var parent = 0
    while 2 * parent + 1 < count {
      var child = 2 * parent + 1
      if child + 1 < count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < last else { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = last
  }
}
