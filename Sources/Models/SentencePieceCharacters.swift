/// What a sentencepiece vocabulary knows of single characters: the symbols in which merging begins, and which
/// characters stand side by side in some piece.
///
/// Where spaces are written "▁" (U+2581), U+0020 stands for both.
struct SentencePieceCharacters: Sendable {
  private let escapesSpaces: Bool
  /// By ASCII character.
  private var asciiSymbols: [Int32] = []
  private var symbols = PairTable()
  /// Two words for each ASCII character: which ones follow it in some piece, a bit for each.
  private var asciiFollowers = [UInt64](repeating: 0, count: 256)
  private var followers = PairTable()

  private static let mark: UInt32 = 0x2581
  private static let space: UInt32 = 0x20

  /// - Parameter symbols: each with its text; those of texts of one character count.
  init(
    pieces: [SentencePieceModel.Piece], symbols: (texts: [[UInt8]], ids: TextIndex), escapesSpaces: Bool
  ) {
    self.escapesSpaces = escapesSpaces
    for text in symbols.texts where text.first.map(UTF8Characters.length) == text.count {
      guard let symbol = symbols.ids[text] else { continue }
      let scalar = text.withUnsafeBufferPointer { UTF8Characters.scalar($0, at: 0).value }
      _ = self.symbols.insert(0, Int32(scalar), UInt64(UInt32(bitPattern: symbol)))
    }
    asciiSymbols = (0..<0x80).map { find(escapesSpaces && $0 == Self.space ? Self.mark : $0) }
    for piece in pieces where !piece.text.isEmpty {
      piece.text.withUnsafeBufferPointer { text in
        var (previous, position) = UTF8Characters.scalar(text, at: 0)
        while position < text.count {
          let (scalar, end) = UTF8Characters.scalar(text, at: position)
          insert(canonical(previous), canonical(scalar))
          (previous, position) = (scalar, end)
        }
      }
    }
  }

  private mutating func insert(_ left: UInt32, _ right: UInt32) {
    if left | right < 0x80 {
      asciiFollowers[Int(2 * left + right >> 6)] |= 1 << UInt64(right & 63)
    } else {
      _ = followers.insert(Int32(left), Int32(right), 0)
    }
  }

  private func find(_ scalar: UInt32) -> Int32 {
    symbols[0, Int32(scalar)].map { Int32(truncatingIfNeeded: $0) } ?? ~Int32(scalar)
  }

  /// U+0020 for "▁" where that is how a space is written, and otherwise `scalar`.
  private func canonical(_ scalar: UInt32) -> UInt32 { escapesSpaces && scalar == Self.mark ? Self.space : scalar }

  /// The symbol of a canonical character; the complement of the scalar, as written, of one that is in no piece.
  @inline(__always)
  func symbol(_ scalar: UInt32) -> Int32 { scalar < 0x80 ? asciiSymbols[Int(scalar)] : find(scalar) }

  /// Whether some piece has these canonical characters side by side. Nothing ever joins between others.
  @inline(__always)
  func areNeighbours(_ left: UInt32, _ right: UInt32) -> Bool {
    if left | right < 0x80 { return asciiFollowers[Int(2 * left + right >> 6)] >> UInt64(right & 63) & 1 != 0 }
    return followers[Int32(left), Int32(right)] != nil
  }
}
