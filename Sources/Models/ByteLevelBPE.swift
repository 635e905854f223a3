/// Byte-pair encoding over bytes as GPT-2 does it, the tokenizer of OPT.
///
/// The files write each byte as a printable character; here tokens are bytes, and merges pairs of ids. Every byte is
/// in the vocabulary, so nothing is unknown.
///
/// Source: openai/gpt-2, `src/encoder.py`.
struct ByteLevelBPE: Sendable {
  private let tokens: [[UInt8]]
  private let byteSymbols: [Int32]
  private let table: MergeTable
  /// The words that are one token, most words of a text.
  private var words = TextIndex()

  var count: Int { tokens.count }

  /// - Parameter table: over the ids of `vocabulary`.
  /// - Throws: `CheckpointError.tokenizer` for a token with a character that stands for no byte, and a byte that is no
  ///   token.
  init(vocabulary: TokenVocabulary, table: MergeTable, file: String) throws(CheckpointError) {
    var tokens: [[UInt8]] = []
    tokens.reserveCapacity(vocabulary.count)
    for text in vocabulary.texts {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.count)
      for start in UTF8Characters.starts(text) {
        let scalar = text.withUnsafeBufferPointer { UTF8Characters.scalar($0, at: start).value }
        guard let byte = ByteAlphabet.byte(of: scalar) else {
          let (written, character) = (String(decoding: text, as: UTF8.self), Unicode.Scalar(scalar) ?? "\u{FFFD}")
          throw .tokenizer(file: file, place: "the token “\(written)”", reason: "“\(character)” stands for no byte")
        }
        bytes.append(byte)
      }
      tokens.append(bytes)
    }
    var byteSymbols: [Int32] = []
    for byte in UInt8.min...UInt8.max {
      let character = String(ByteAlphabet.scalar(of: byte))
      guard let id = vocabulary[character.utf8] else {
        throw .tokenizer(file: file, place: "vocabulary", reason: "“\(character)”, for byte \(byte), is no token")
      }
      byteSymbols.append(Int32(id))
    }
    self.tokens = tokens
    self.byteSymbols = byteSymbols
    self.table = table
    words = wholeWords()
  }

  /// The tokens that merging their bytes gives. Not every one is: some texts merge to other tokens.
  private func wholeWords() -> TextIndex {
    var words = TextIndex(minimumCapacity: tokens.count)
    for (id, token) in tokens.enumerated() where !token.isEmpty {
      var symbols = token.map { byteSymbols[Int($0)] }
      let count = symbols.withUnsafeMutableBufferPointer { table.merge($0) }
      if count == 1, symbols[0] == Int32(id) { _ = words.insert(token, id: Int32(id)) }
    }
    return words
  }

  /// Appends the ids of `text`, valid UTF-8 in which special tokens are ordinary text.
  func encode(_ text: UnsafeBufferPointer<UInt8>, to ids: inout [Int]) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: text.count) { symbols in
      for range in WordSplitting(of: text) {
        let word = UnsafeBufferPointer(rebasing: text[range])
        if let id = words[word] {
          ids.append(Int(id))
          continue
        }
        for (place, byte) in word.enumerated() { symbols.initializeElement(at: place, to: byteSymbols[Int(byte)]) }
        let count = table.merge(UnsafeMutableBufferPointer(rebasing: symbols[..<word.count]))
        for symbol in symbols[..<count] { ids.append(Int(symbol)) }
      }
    }
  }

  /// The bytes of `ids`, which need not be valid UTF-8; nil for an id that the vocabulary does not have.
  func bytes(of id: Int) -> [UInt8]? { tokens.indices.contains(id) ? tokens[id] : nil }
}

/// The characters in which GPT-2's files write the bytes: printable bytes stand for themselves, the other 68 for U+0100
/// and following.
package enum ByteAlphabet {
  private static let isPrintable: [Bool] = (0..<256).map { byte in
    (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
  }

  private static let scalars: [Unicode.Scalar] = {
    var next: UInt8 = 0
    return isPrintable.indices.map { byte in
      if isPrintable[byte] { return Unicode.Scalar(UInt8(byte)) }
      defer { next += 1 }
      return shifted(next)
    }
  }()

  /// U+0100 + `index`
  private static func shifted(_ index: UInt8) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(0x100 + UInt32(index)) else { preconditionFailure("U+0100–U+01FF are scalars") }
    return scalar
  }

  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x100 + isPrintable.count { !$0 })
    for (byte, scalar) in zip(UInt8.min...UInt8.max, scalars) { bytes[Int(scalar.value)] = byte }
    return bytes
  }()

  package static func scalar(of byte: UInt8) -> Unicode.Scalar { scalars[Int(byte)] }

  static func byte(of scalar: UInt32) -> UInt8? { scalar < bytes.count ? bytes[Int(scalar)] : nil }
}
