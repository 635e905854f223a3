import Models
import Testing

@Suite struct MergeTrainingTests {
  private static func training(_ words: KeyValuePairs<String, Int>, longest: Int = .max) -> MergeTraining {
    let units = Set(words.flatMap { $0.key.utf8 }).sorted()
    return MergeTraining(
      units: units.map { [$0] },
      words: words.map { word, count in
        (word.utf8.map { byte in Int32(units.firstIndex(of: byte) ?? 0) }, count)
      }, longest: longest)
  }

  /// The texts of all merges in their order.
  private static func merged(_ training: MergeTraining) -> [String] {
    var training = training
    let unitCount = training.texts.count
    while training.next() != nil {}
    return training.texts[unitCount...].map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `the most frequent pair joins first`() {
    // un 4 + 3 + 2 + 1 = 10, su 7, ng 3, gu 2, ru 1; then s-un 7, un-g 3, g-un 2, r-un 1; then sun-g 3.
    var training = Self.training(["sun": 4, "sung": 3, "gun": 2, "run": 1])
    #expect(Self.merged(training) == ["un", "sun", "sung", "gun", "run"])
    // The units are g 0, n 1, r 2, s 3, u 4, and the merges go on from 5.
    #expect(training.next() == MergeTraining.Merge(left: 4, right: 1, count: 10))
    #expect(training.next() == MergeTraining.Merge(left: 3, right: 5, count: 7))
    #expect(training.next() == MergeTraining.Merge(left: 6, right: 0, count: 3))
  }

  @Test func `of equal pairs the shorter joins first, then the first in byte order`() {
    #expect(Self.merged(Self.training(["dc": 1, "ba": 1, "cd": 2, "ab": 1])) == ["cd", "ab", "ba", "dc"])
    // After "ab" both "abz" and "yx" are there twice.
    #expect(Self.merged(Self.training(["abz": 2, "yx": 2])) == ["ab", "yx", "abz"])
  }

  @Test func `the order of the words does not matter`() {
    let first = Self.merged(Self.training(["banana": 2, "bandana": 1, "cabana": 3, "canal": 1]))
    let second = Self.merged(Self.training(["canal": 1, "cabana": 3, "bandana": 1, "banana": 2]))
    #expect(first == second)
  }

  @Test func `a pair of equal symbols counts as often as it can be joined`() {
    // "aaa" has aa once and "aaaa" twice: 3, where overlapping pairs would make 5 and go before bc.
    #expect(Self.merged(Self.training(["aaa": 1, "aaaa": 1, "bc": 4])).starts(with: ["bc", "aa"]))
    #expect(Self.merged(Self.training(["aaa": 1, "aaaa": 1, "bc": 2])).starts(with: ["aa", "bc"]))
  }

  @Test func `no text is learnt twice`() {
    var training = MergeTraining(units: [[97], [98], [97, 98]], words: [([0, 1], 5), ([1, 0], 1)])
    #expect(training.next() == MergeTraining.Merge(left: 1, right: 0, count: 1))
    #expect(training.next() == nil)
  }

  @Test func `no symbol is longer than is allowed`() {
    #expect(Self.merged(Self.training(["abcd": 2], longest: 3)) == ["ab", "cd"])
    #expect(Self.merged(Self.training(["abcd": 2], longest: 1)) == [])
  }

  @Test func `counting all pairs anew for each merge gives the same merges`() {
    // A linear congruential generator, Knuth's MMIX constants: the words are the same in every run.
    var state: UInt64 = 7
    func random(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for round in 0..<60 {
      let units = (0..<1 + round % 4).map { [UInt8(97 + $0)] }
      let words = (0..<1 + random(below: 25)).map { _ in
        (
          symbols: (0..<random(below: 12)).map { _ in Int32(random(below: units.count)) },
          count: 1 + random(below: 4)
        )
      }
      let longest = round % 3 == 0 ? 4 : Int.max
      var training = MergeTraining(units: units, words: words, longest: longest)
      var plain = PlainMergeTraining(texts: units, words: words, longest: longest)
      while let expected = plain.next() { #expect(training.next() == expected) }
      #expect(training.next() == nil)
      #expect(training.texts == plain.texts)
    }
  }
}

/// The same merges, found by looking at all pairs of all words each time.
private struct PlainMergeTraining {
  var texts: [[UInt8]]
  var words: [(symbols: [Int32], count: Int)]
  let longest: Int

  mutating func next() -> MergeTraining.Merge? {
    let pairs = Set(words.flatMap { word in zip(word.symbols, word.symbols.dropFirst()).map { [$0, $1] } })
    let merges = pairs.map { pair in
      let count = words.reduce(0) { $0 + $1.count * ($1.symbols.count - joined($1.symbols, pair).count) }
      return MergeTraining.Merge(left: pair[0], right: pair[1], count: count)
    }
    let allowed = merges.filter { text($0).count <= longest && !texts.contains(text($0)) }
    guard let best = allowed.min(by: precedes) else { return nil }
    for index in words.indices { words[index].symbols = joined(words[index].symbols, [best.left, best.right]) }
    texts.append(text(best))
    return best
  }

  private func text(_ merge: MergeTraining.Merge) -> [UInt8] { texts[Int(merge.left)] + texts[Int(merge.right)] }

  private func precedes(_ first: MergeTraining.Merge, _ second: MergeTraining.Merge) -> Bool {
    let (firstText, secondText) = (text(first), text(second))
    if first.count != second.count { return first.count > second.count }
    if firstText.count != secondText.count { return firstText.count < secondText.count }
    if firstText != secondText { return firstText.lexicographicallyPrecedes(secondText) }
    return texts[Int(first.left)].count < texts[Int(second.left)].count
  }

  private func joined(_ symbols: [Int32], _ pair: [Int32]) -> [Int32] {
    var result: [Int32] = []
    var rest = symbols[...]
    while let symbol = rest.first {
      let isPair = rest.starts(with: pair)
      result.append(isPair ? Int32(texts.count) : symbol)
      rest = rest.dropFirst(isPair ? 2 : 1)
    }
    return result
  }
}
