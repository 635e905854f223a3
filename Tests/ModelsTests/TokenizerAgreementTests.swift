import Foundation
import Models
import Synchronization
import Testing

/// Byte-pair encoding as the definition has it: look through the whole text for the best pair, join it, begin again.
private func definition(_ symbols: [String], rank: (String, String) -> Double?) -> [String] {
  var symbols = symbols
  while true {
    let pairs = zip(symbols, symbols.dropFirst()).enumerated().compactMap { place, pair in
      rank(pair.0, pair.1).map { (rank: $0, place: place) }
    }
    guard let best = pairs.min(by: { ($0.rank, $0.place) < ($1.rank, $1.place) }) else { return symbols }
    symbols[best.place] += symbols.remove(at: best.place + 1)
  }
}

/// A linear congruential generator, Knuth's MMIX constants: the texts are the same in every run.
private struct Generator {
  var state: UInt64 = 1

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  mutating func text(_ alphabet: [String], length: Int) -> String {
    (0..<length).map { _ in alphabet[below(alphabet.count)] }.joined()
  }
}

@Suite struct TokenizerAgreementTests {
  /// The ids of the definition, over the whole text at once.
  private func ids(_ text: String, _ writer: ModelWriter) -> [Int] {
    if text.isEmpty { return [] }
    let normal = Dictionary(
      uniqueKeysWithValues: writer.pieces.enumerated().filter { $0.element.kind == 1 }.map { ($0.element.text, $0) })
    let written = (writer.addsDummyPrefix ? "▁" : "") + text.replacing(" ", with: "▁")
    let merged = definition(written.unicodeScalars.map { String($0) }) { left, right in
      normal[left + right].map { Double(-$0.element.score) }
    }
    var ids: [Int] = []
    for symbol in merged {
      if let id = normal[symbol]?.offset {
        ids.append(id)
      } else if writer.hasByteFallback {
        ids += symbol.utf8.map { byte in
          writer.pieces.firstIndex { $0.text == SentencePieceBPE.byteText(byte) } ?? -1
        }
      } else if ids.last != 0 {
        ids.append(0)
      }
    }
    return ids
  }

  /// Marks within pieces join words; without them the text is cut into words.
  @Test(arguments: [["a", "b", "é", "日"], ["a", "b", "▁"], ["▁", "a"], ["a", "▁", "é", "日", "😀", "b"]])
  func `sentencepiece texts have the ids of the definition`(letters: [String]) throws {
    var generator = Generator()
    for round in 0..<40 {
      var writer = ModelWriter([:])
      var texts: Set<String> = []
      for _ in 0..<12 { texts.insert(generator.text(letters, length: 1 + generator.below(4))) }
      for _ in 0..<4 { texts.insert("▁" + generator.text(letters, length: 1 + generator.below(3))) }
      // Few scores, so that many are equal, and not every letter is a piece.
      for text in texts.sorted() { writer.pieces.append((text, -Float(generator.below(5)), 1)) }
      writer.addsDummyPrefix = round % 3 != 0
      if round % 2 == 0 { writer.addBytes() }
      let tokenizer = try writer.tokenizer()
      // Strange characters cut a text; without them its parts become long.
      let short = (0..<40).map { generator.text(letters + [" ", "x"], length: $0) }
      for text in short + [60, 120, 200].map({ generator.text(letters, length: $0) }) {
        #expect(tokenizer.encodePlain(text) == ids(text, writer), "\(writer.pieces.prefix(20)) \(text)")
      }
    }
  }

  @Test func `byte-level texts have the ids of the definition`() throws {
    var generator = Generator()
    for _ in 0..<30 {
      var tokens = ["a", "b", "Ġ", "Ã", "©", "1", "'", "s"]
      var merges: [(String, String)] = []
      for _ in 0..<30 {
        let pair = (tokens[generator.below(tokens.count)], tokens[generator.below(tokens.count)])
        if !tokens.contains(pair.0 + pair.1) {
          merges.append(pair)
          tokens.append(pair.0 + pair.1)
        }
      }
      let tokenizer = try byteLevel(merges: merges)
      var ranks: [String: Double] = [:]
      for (rank, merge) in merges.enumerated() { ranks["\(merge.0) \(merge.1)"] = Double(rank) }
      let short = (0..<60).map { generator.text(["a", "b", " ", "é", "1", "'", "s", "a", "b", "\n"], length: $0) }
      for text in short + [60, 120, 200].map({ generator.text(["a", "b", "é"], length: $0) }) {
        var text = text
        let words = text.withUTF8 { bytes in WordSplitting(of: bytes).map { Array(bytes[$0]) } }
        let ids = words.flatMap { word in
          definition(word.map { String(ByteAlphabet.scalar(of: $0)) }) { ranks["\($0) \($1)"] }.map { token in
            merges.firstIndex { $0.0 + $0.1 == token }.map { 257 + $0 }
              ?? 1 + (0..<256).first { String(ByteAlphabet.scalar(of: UInt8($0))) == token }!
          }
        }
        #expect(tokenizer.encodePlain(text) == ids, "\(merges) \(text)")
      }
    }
  }

  @Test func `a long run without a break is merged like a short one`() throws {
    // 4n + 3 letters, the pairs from the left: n times aaaa, then aa, then a.
    let count = 250_000
    let run = String(repeating: "a", count: 4 * count + 3)
    let model = try ModelWriter(["▁": -9, "a": -9, "aa": -1, "aaaa": -2]).tokenizer()
    #expect(model.encode(run) == [3] + [Int](repeating: 6, count: count) + [5, 4])
    let bytes = try byteLevel(merges: [("a", "a"), ("aa", "aa")])
    #expect(bytes.encode(run) == [Int](repeating: 258, count: count) + [257, 1 + 0x61])
  }

  @Test func `every character falls into the class that Unicode gives it`() {
    for value in (0..<0x1_0000).map({ UInt32($0) }) + stride(from: 0x1_0000, to: 0x11_0000, by: 61) {
      guard let scalar = Unicode.Scalar(value), scalar != "'" else { continue }
      let properties = scalar.properties
      let isLetter = [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter]
        .contains(properties.generalCategory)
      let isNumber = [.decimalNumber, .letterNumber, .otherNumber].contains(properties.generalCategory)
      var text = "a\(scalar)1\(scalar)?"
      let found = text.withUTF8 { bytes in WordSplitting(of: bytes).map { $0.count } }
      let width = UTF8.width(scalar)
      let expected =
        if isLetter {
          [1 + width, 1, width, 1]
        } else if isNumber {
          [1, 2 * width + 1, 1]
        } else if scalar == " " {
          [1, 2, 2]
        } else if properties.isWhitespace {
          [1, width, 1, width, 1]
        } else {
          [1, width, 1, width + 1]
        }
      #expect(found == expected, "U+\(String(value, radix: 16))")
    }
  }

  @Test func `threads that share a tokenizer get the same ids`() throws {
    var writer = ModelWriter(["▁": -9, "a": -9, "b": -9, "ab": -1, "▁a": -2, "é": -5, "ba": -1, "▁ab": -3])
    writer.addBytes()
    let tokenizers = [try writer.tokenizer(), try byteLevel(merges: [("a", "b"), ("Ġ", "a"), ("Ã", "©")])]
    var generator = Generator()
    let texts = (0..<200).map { generator.text(["a", "b", " ", "é", "日", "1"], length: $0) }
    for tokenizer in tokenizers {
      let expected = texts.map(tokenizer.encode)
      let differences = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 8) { thread in
        for place in texts.indices {
          let place = (place * 7 + thread) % texts.count
          if tokenizer.encode(texts[place]) != expected[place] { differences.withLock { $0 += 1 } }
        }
      }
      #expect(differences.withLock { $0 } == 0)
    }
  }
}
