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

  /// Between words; it joins nothing.
  private static let barrier: Int32 = -1

  var count: Int { tokens.count }

  /// - Throws: `CheckpointError.tokenizer` for a token with a character that stands for no byte, a byte that is no
  ///   token, and a merge of tokens that do not exist.
  init(vocabulary: TokenVocabulary, merges: [MergePair], file: String, mergesFile: String) throws(CheckpointError) {
    var tokens: [[UInt8]] = []
    tokens.reserveCapacity(vocabulary.count)
    for text in vocabulary.texts {
      let written = String(decoding: text, as: UTF8.self)
      var bytes: [UInt8] = []
      for scalar in written.unicodeScalars {
        guard let byte = ByteAlphabet.byte(of: scalar) else {
          throw .tokenizer(file: file, place: "the token “\(written)”", reason: "“\(scalar)” stands for no byte")
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
    table = try vocabulary.mergeTable(merges, file: mergesFile)
  }

  /// The ids of `text`, in which special tokens are ordinary text.
  func encode(_ text: some StringProtocol) -> [Int] {
    let bytes = Array(text.utf8)
    var symbols: [Int32] = []
    symbols.reserveCapacity(bytes.count + bytes.count / 4)
    var cuts: [Int] = []
    for word in WordSplitting.words(in: text) {
      for byte in bytes[word] { symbols.append(byteSymbols[Int(byte)]) }
      symbols.append(Self.barrier)
      cuts.append(symbols.count)
    }
    return table.merge(symbols, cuts: cuts).symbols.lazy.filter { $0.symbol != Self.barrier }.map { Int($0.symbol) }
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

  private static let bytes = Dictionary(uniqueKeysWithValues: zip(scalars.map(\.value), UInt8.min...UInt8.max))

  package static func scalar(of byte: UInt8) -> Unicode.Scalar { scalars[Int(byte)] }

  static func byte(of scalar: Unicode.Scalar) -> UInt8? { bytes[scalar.value] }
}
