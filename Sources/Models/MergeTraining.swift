/// Learns the merges of a byte-pair encoding: again and again the most frequent pair of neighbours becomes one symbol.
///
/// Pairs are counted within words, each as often as it could be joined there: "aaa" has the pair aa once. Of pairs that
/// are equally frequent the one of fewer units goes first, then the one whose text is first in the order of bytes, then
/// the one whose left part is shorter. No text is learnt twice: a pair that spells a symbol already there stays apart.
///
/// Source: Sennrich et al. 2016 (arXiv:1508.07909), Algorithm 1; the order of ties and the refusal of second pairs for
/// a text are those of google/sentencepiece, `src/bpe_model_trainer.cc`.
package struct MergeTraining {
  package struct Merge: Equatable, Sendable {
    package let left: Int32
    package let right: Int32
    /// How often the pair stood in the corpus when it was joined.
    package let count: Int

    package init(left: Int32, right: Int32, count: Int) {
      self.left = left
      self.right = right
      self.count = count
    }
  }

  private struct Word {
    /// Its symbols' place in `symbols`.
    var range: Range<Int>
    let count: Int
  }

  private struct Pair {
    let left: Int32
    let right: Int32
    var count = 0
    /// Where it stands or once stood, ascending.
    var words: [Int] = []
  }

  /// The text of every symbol: the units, then the results of the merges.
  package private(set) var texts: [[UInt8]]
  /// That of every symbol, in units.
  private var lengths: [Int]
  private let longest: Int
  private var symbols: [Int32] = []
  private var words: [Word] = []
  private var pairs: [Pair] = []
  private var indexOfPair = PairTable()
  private var candidates = Heap<MergeCandidate>()
  private var taken = TextIndex()

  /// - Parameters:
  ///   - units: the texts of the symbols 0, 1, … with which words begin: characters, or bytes.
  ///   - words: the symbols of each different word, and how often the corpus has it.
  ///   - longest: No symbol becomes longer than so many units.
  package init(units: [[UInt8]], words: [(symbols: [Int32], count: Int)], longest: Int = .max) {
    texts = units
    lengths = Array(repeating: 1, count: units.count)
    self.longest = longest
    for (id, text) in units.enumerated() { _ = taken.insert(text, id: Int32(id)) }
    for word in words {
      self.words.append(Word(range: symbols.count..<symbols.count + word.symbols.count, count: word.count))
      symbols += word.symbols
    }
    for word in self.words.indices { count(word, notingPairsFrom: 0) }
    offerPairs(from: 0)
  }

  /// Joins the next pair everywhere; nil where none is left.
  package mutating func next() -> Merge? {
    while var candidate = candidates.first {
      candidates.removeFirst()
      let pair = pairs[candidate.pair]
      if candidate.count > pair.count {
        // Merges since took some of its places. They never give it any, so that no better pair hides below.
        candidate.count = pair.count
        if pair.count > 0 { candidates.insert(candidate) }
        continue
      }
      guard taken.insert(candidate.text, id: Int32(texts.count)) else { continue }
      join(candidate)
      return Merge(left: pair.left, right: pair.right, count: pair.count)
    }
    return nil
  }

  private mutating func join(_ candidate: MergeCandidate) {
    let (left, right) = (pairs[candidate.pair].left, pairs[candidate.pair].right)
    let joined = Int32(texts.count)
    let firstNew = pairs.count
    texts.append(candidate.text)
    lengths.append(candidate.length)
    for word in pairs[candidate.pair].words {
      uncount(word)
      replace(left, right, by: joined, in: word)
      count(word, notingPairsFrom: firstNew)
    }
    pairs[candidate.pair].words = []
    offerPairs(from: firstNew)
  }

  private mutating func replace(_ left: Int32, _ right: Int32, by joined: Int32, in word: Int) {
    let range = words[word].range
    var end = range.lowerBound
    var place = range.lowerBound
    while place < range.upperBound {
      let isPair = symbols[place] == left && place + 1 < range.upperBound && symbols[place + 1] == right
      symbols[end] = isPair ? joined : symbols[place]
      end += 1
      place += isPair ? 2 : 1
    }
    words[word].range = range.lowerBound..<end
  }

  // MARK: Counting

  /// Adds the pairs of a word; those of index `first` and above note that they stand there.
  private mutating func count(_ word: Int, notingPairsFrom first: Int) {
    forEachPair(of: word) { training, left, right in
      let index = training.index(left, right)
      training.pairs[index].count += training.words[word].count
      if index >= first, training.pairs[index].words.last != word { training.pairs[index].words.append(word) }
    }
  }

  private mutating func uncount(_ word: Int) {
    forEachPair(of: word) { training, left, right in
      training.pairs[training.index(left, right)].count -= training.words[word].count
    }
  }

  @inline(__always)
  private mutating func forEachPair(of word: Int, _ body: (inout Self, _ left: Int32, _ right: Int32) -> Void) {
    let range = words[word].range
    var overlaps = false
    for place in range.dropLast() {
      let (left, right) = (symbols[place], symbols[place + 1])
      // Of three equal symbols the second pair shares one with the first.
      overlaps = !overlaps && left == right && place > range.lowerBound && symbols[place - 1] == left
      if !overlaps { body(&self, left, right) }
    }
  }

  private mutating func index(_ left: Int32, _ right: Int32) -> Int {
    if let index = indexOfPair[left, right] { return Int(index) }
    _ = indexOfPair.insert(left, right, UInt64(pairs.count))
    pairs.append(Pair(left: left, right: right))
    return pairs.count - 1
  }

  private mutating func offerPairs(from first: Int) {
    for index in first..<pairs.count {
      let (left, right) = (Int(pairs[index].left), Int(pairs[index].right))
      let length = lengths[left] + lengths[right]
      guard length <= longest else { continue }
      candidates.insert(
        MergeCandidate(
          pair: index, count: pairs[index].count, length: length, text: texts[left] + texts[right],
          leftLength: lengths[left]))
    }
  }
}

extension MergeTraining {
  /// The next `count` merges, which fill a vocabulary.
  ///
  /// - Throws: `CheckpointError.tokenizer` where the corpus runs out of pairs before.
  mutating func learn(_ count: Int, ofVocabulary vocabularySize: Int) throws(CheckpointError) -> [Merge] {
    var merges: [Merge] = []
    while merges.count < count {
      guard let merge = next() else {
        throw .tokenizer(
          file: "the corpus", place: "a vocabulary of \(vocabularySize)",
          reason: "the texts have merges for no more than \(vocabularySize - count + merges.count)")
      }
      merges.append(merge)
    }
    return merges
  }
}

/// A pair that waits to be joined, smaller the sooner it is.
private struct MergeCandidate: Comparable {
  let pair: Int
  var count: Int
  /// In units, as `leftLength` is.
  let length: Int
  let text: [UInt8]
  let leftLength: Int

  static func < (first: Self, second: Self) -> Bool {
    if first.count != second.count { return first.count > second.count }
    if first.length != second.length { return first.length < second.length }
    if first.text != second.text { return first.text.lexicographicallyPrecedes(second.text) }
    return first.leftLength < second.leftLength
  }
}
