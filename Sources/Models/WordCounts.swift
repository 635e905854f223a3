/// The different words of a corpus in the order of their first occurrence, each with how often it occurs.
struct WordCounts {
  private(set) var words: [(text: [UInt8], count: Int)] = []
  private var index = TextIndex()

  mutating func add(_ word: UnsafeBufferPointer<UInt8>) {
    if let id = index[word] {
      words[Int(id)].count += 1
    } else {
      _ = index.insert(Array(word), id: Int32(words.count))
      words.append((Array(word), 1))
    }
  }
}
