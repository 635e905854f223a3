/// Byte-pair encoding over characters as sentencepiece does it, the tokenizer of Llama.
///
/// White space is written "▁" (U+2581); merges run over the whole text, highest score first, and cross word boundaries
/// where a piece does. Despite the scores this is not the unigram model: they only order the merges.
///
/// Source: google/sentencepiece, `src/bpe_model.cc`, `src/normalizer.cc` and `src/sentencepiece_processor.cc`.
package struct SentencePieceBPE: Sendable {
  typealias Piece = SentencePieceModel.Piece

  struct Normalization: Equatable, Sendable {
    /// Puts one space before a text that is not empty.
    var addsPrefix = true
    /// Drops spaces at both ends, and all but one of a run of them.
    var removesExtraSpaces = false
    /// Removing extra spaces also takes "▁" itself from the end, as sentencepiece does.
    var stripsMarksAtEnd = false
    var escapesSpaces = true
  }

  let pieces: [Piece]
  let unknown: Int
  let normalization: Normalization

  /// Symbols are ids of pieces; those from `pieces.count` on are characters that occur only inside of pieces.
  let table: MergeTable
  let characters: SentencePieceCharacters
  let symbolTexts: [[UInt8]]
  /// The ids of the 256 byte pieces; empty without byte fallback.
  let byteIds: [Int]
  private let byteOfId: [Int: UInt8]
  /// Pieces that are cut out of the text before all merging; in their texts a space stands for "▁".
  let userDefined: TextMatcher
  private let unknownSurface: [UInt8]
  /// The parts of a text that are one piece, most parts of a text; empty where texts are not cut.
  private(set) var words = TextIndex()

  static let mark = Array("▁".utf8)
  static let space = UInt8(ascii: " ")
  /// User-defined piece i never joins; it is symbol `firstFrozen - i`, below those of all strange characters.
  static let firstFrozen = ~Int32(0x110000)
}

// MARK: - Making

extension SentencePieceBPE {
  /// - Throws: `CheckpointError.tokenizer` where the model promises byte fallback and lacks a byte.
  package init(model: SentencePieceModel, file: String) throws(CheckpointError) {
    let pieces = model.pieces
    var ids = Self.ids(of: pieces)

    // A pair joins when the two texts together are a piece. Everything that can stand left or right is a piece or a
    // single character of one, so all such pairs can be listed beforehand.
    var texts = pieces.map(\.text)
    let starts = pieces.map { $0.kind.isMatchedByText ? UTF8Characters.starts($0.text) : [] }
    for (piece, starts) in zip(pieces, starts) {
      for start in starts {
        let length = UTF8Characters.length(lead: piece.text[start])
        let character = piece.text[start..<start + length]
        if ids[character] == nil {
          _ = ids.insert(Array(character), id: Int32(texts.count))
          texts.append(Array(character))
        }
      }
    }
    // Equal scores share a rank: among them the leftmost pair goes first.
    let scores = Set(pieces.map(\.score)).sorted(by: >)
    let ranks = Dictionary(uniqueKeysWithValues: zip(scores, Int32(0)...))
    let unused = pieces.indices.filter { pieces[$0].kind == .unused }
    var table = MergeTable(divisible: Set(unused.map { Int32($0) }))
    for (id, piece) in pieces.enumerated() {
      guard let rank = ranks[piece.score] else { continue }
      for split in starts[id].dropFirst() {
        guard let left = ids[piece.text[..<split]], let right = ids[piece.text[split...]] else { continue }
        _ = table.insert(left, right, rank: rank, result: Int32(id))
      }
    }

    let normalization = Normalization(
      addsPrefix: model.addsDummyPrefix, removesExtraSpaces: model.removesExtraSpaces,
      stripsMarksAtEnd: model.removesExtraSpaces, escapesSpaces: model.escapesSpaces)
    try self.init(
      pieces: pieces, unknown: model.unknown, hasByteFallback: model.hasByteFallback,
      unknownSurface: model.unknownSurface, normalization: normalization, symbols: (texts, ids), table: table,
      file: file)
  }

  private static func ids(of pieces: [Piece]) -> TextIndex {
    var ids = TextIndex(minimumCapacity: pieces.count)
    for (id, piece) in pieces.enumerated() where piece.kind.isMatchedByText {
      _ = ids.insert(piece.text, id: Int32(id))
    }
    return ids
  }

  /// From a vocabulary and merges that name its entries.
  init(
    pieces: [Piece], unknown: Int, hasByteFallback: Bool, normalization: Normalization, table: MergeTable, file: String
  ) throws(CheckpointError) {
    try self.init(
      pieces: pieces, unknown: unknown, hasByteFallback: hasByteFallback, unknownSurface: Array(" \u{2047} ".utf8),
      normalization: normalization, symbols: (pieces.map(\.text), Self.ids(of: pieces)), table: table, file: file)
  }

  private init(
    pieces: [Piece], unknown: Int, hasByteFallback: Bool, unknownSurface: [UInt8], normalization: Normalization,
    symbols: (texts: [[UInt8]], ids: TextIndex), table: MergeTable, file: String
  ) throws(CheckpointError) {
    self.pieces = pieces
    self.unknown = unknown
    self.normalization = normalization
    self.unknownSurface = unknownSurface
    self.table = table
    symbolTexts = symbols.texts

    characters = SentencePieceCharacters(
      pieces: pieces, symbols: symbols, escapesSpaces: normalization.escapesSpaces)

    var byteOfId: [Int: UInt8] = [:]
    var byteIds: [Int] = []
    if hasByteFallback {
      var idOfByteText: [[UInt8]: Int] = [:]
      for (id, piece) in pieces.enumerated() where piece.kind == .byte { idOfByteText[piece.text] = id }
      for byte in UInt8.min...UInt8.max {
        let text = Self.byteText(byte)
        guard let id = idOfByteText[Array(text.utf8)] else {
          throw .tokenizer(file: file, place: "byte fallback", reason: "there is no piece “\(text)”")
        }
        byteIds.append(id)
        byteOfId[id] = byte
      }
      guard idOfByteText.count == 256 else {
        throw .tokenizer(file: file, place: "byte fallback", reason: "\(idOfByteText.count) byte pieces, expected 256")
      }
    }
    self.byteIds = byteIds
    self.byteOfId = byteOfId
    userDefined = TextMatcher(
      pieces.enumerated().compactMap { id, piece in
        guard piece.kind == .userDefined else { return nil }
        return Self.unescaped(piece, normalization).map { ($0, id) }
      })
    if !table.hasDivisible { words = wholeWords() }
  }

  /// A piece's text as `normalized(_:)` writes it; nil where that never gives such a text.
  private static func unescaped(_ piece: Piece, _ normalization: Normalization) -> [UInt8]? {
    guard normalization.escapesSpaces else { return piece.text }
    if piece.text.contains(space) { return nil }
    var text: [UInt8] = []
    appendWithSpaces(piece.text[...], to: &text)
    return text
  }

  /// The pieces that merging their characters gives. Not every one is: some texts merge to other pieces.
  private func wholeWords() -> TextIndex {
    var words = TextIndex(minimumCapacity: pieces.count)
    for (id, piece) in pieces.enumerated() where piece.kind == .normal && !piece.text.isEmpty {
      guard let text = Self.unescaped(piece, normalization) else { continue }
      var ids: [Int] = []
      text.withUnsafeBufferPointer { appendParts(of: $0, to: &ids) }
      if ids == [id] { _ = words.insert(text, id: Int32(id)) }
    }
    return words
  }

  /// The name of a byte's piece: "<0x0A>".
  package static func byteText(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x" + (digits.utf8.count < 2 ? "0" : "") + digits + ">"
  }
}

extension SentencePieceModel.Kind {
  /// Control, unknown and byte pieces have names, which text never matches.
  fileprivate var isMatchedByText: Bool {
    switch self {
    case .normal, .userDefined, .unused: true
    case .unknown, .control, .byte: false
    }
  }
}

// MARK: - Decoding

extension SentencePieceBPE {
  /// The text of `ids`: "▁" becomes a space, the first of the text is dropped with the prefix, runs of bytes become
  /// characters (U+FFFD for each byte that is part of none), control pieces vanish.
  ///
  /// An id that the vocabulary does not have counts as unknown.
  func decode(_ ids: some Sequence<Int>) -> [UInt8] {
    var text: [UInt8] = []
    var bytes: [UInt8] = []
    var expectsPrefix = normalization.addsPrefix || normalization.removesExtraSpaces
    var sawPrefix = false
    for id in ids {
      if let byte = byteOfId[id] {
        bytes.append(byte)
        continue
      }
      Self.appendRepaired(bytes, to: &text)
      bytes.removeAll(keepingCapacity: true)
      if sawPrefix || !text.isEmpty { expectsPrefix = false }
      sawPrefix = false
      guard pieces.indices.contains(id), pieces[id].kind != .unknown else {
        text += unknownSurface
        continue
      }
      guard pieces[id].kind != .control else { continue }
      var piece = pieces[id].text[...]
      if expectsPrefix, piece.starts(with: Self.mark) {
        piece.removeFirst(Self.mark.count)
        // Where extra spaces are removed, every space before the first character is one.
        sawPrefix = !normalization.removesExtraSpaces
      }
      Self.appendWithSpaces(piece, to: &text)
    }
    Self.appendRepaired(bytes, to: &text)
    return text
  }

  private static func appendWithSpaces(_ piece: ArraySlice<UInt8>, to text: inout [UInt8]) {
    var rest = piece
    while let lead = rest.first {
      if lead == mark[0], rest.starts(with: mark) {
        text.append(space)
        rest.removeFirst(mark.count)
      } else {
        text.append(lead)
        rest.removeFirst()
      }
    }
  }

  private static func appendRepaired(_ bytes: [UInt8], to text: inout [UInt8]) {
    var position = 0
    while position < bytes.count {
      if let length = UTF8Characters.validLength(bytes, at: position) {
        text += bytes[position..<position + length]
        position += length
      } else {
        text += "\u{FFFD}".utf8
        position += 1
      }
    }
  }
}
