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
  private let table: MergeTable
  private let characters: [UInt32: Int32]
  /// The characters, as two symbols in one number, that stand side by side in some piece. Nothing joins between others.
  private let neighbours: Set<UInt64>
  private let symbolTexts: [[UInt8]]
  /// The ids of the 256 byte pieces; empty without byte fallback.
  private let byteIds: [Int]
  private let byteOfId: [Int: UInt8]
  /// Pieces that are cut out of the text before all merging, longest first.
  private let userDefined: [(text: [UInt8], id: Int)]
  private let unknownSurface: [UInt8]

  private static let mark = Array("▁".utf8)
  private static let space = UInt8(ascii: " ")
  /// A character that is in no piece.
  private static let strange: Int32 = -1
  /// User-defined piece i never joins; it is symbol `firstFrozen - i`.
  private static let firstFrozen: Int32 = -2
}

// MARK: - Making

extension SentencePieceBPE {
  /// - Throws: `CheckpointError.tokenizer` where the model promises byte fallback and lacks a byte.
  package init(model: SentencePieceModel, file: String) throws(CheckpointError) {
    let pieces = model.pieces
    var ids: [[UInt8]: Int32] = [:]
    for (id, piece) in pieces.enumerated() where piece.kind.isMatchedByText { ids[piece.text] = Int32(id) }

    // A pair joins when the two texts together are a piece. Everything that can stand left or right is a piece or a
    // single character of one, so all such pairs can be listed beforehand.
    var texts = pieces.map(\.text)
    let starts = pieces.map { $0.kind.isMatchedByText ? UTF8Characters.starts($0.text) : [] }
    for (piece, starts) in zip(pieces, starts) {
      for start in starts {
        let length = UTF8Characters.length(lead: piece.text[start])
        let character = Array(piece.text[start..<start + length])
        if ids[character] == nil {
          ids[character] = Int32(texts.count)
          texts.append(character)
        }
      }
    }
    // Equal scores share a rank: among them the leftmost pair goes first.
    let scores = Set(pieces.map(\.score)).sorted(by: >)
    let ranks = Dictionary(uniqueKeysWithValues: zip(scores, UInt32(0)...))
    let unused = pieces.indices.filter { pieces[$0].kind == .unused }
    var table = MergeTable(divisible: Set(unused.map { Int32($0) }))
    for (id, piece) in pieces.enumerated() {
      guard let rank = ranks[piece.score] else { continue }
      for split in starts[id].dropFirst() {
        let (leftText, rightText) = (Array(piece.text[..<split]), Array(piece.text[split...]))
        guard let left = ids[leftText], let right = ids[rightText] else { continue }
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

  /// From a vocabulary and merges that name its entries.
  init(
    pieces: [Piece], unknown: Int, hasByteFallback: Bool, normalization: Normalization, table: MergeTable, file: String
  ) throws(CheckpointError) {
    var ids: [[UInt8]: Int32] = [:]
    for (id, piece) in pieces.enumerated() where piece.kind.isMatchedByText { ids[piece.text] = Int32(id) }
    try self.init(
      pieces: pieces, unknown: unknown, hasByteFallback: hasByteFallback, unknownSurface: Array(" \u{2047} ".utf8),
      normalization: normalization, symbols: (pieces.map(\.text), ids), table: table, file: file)
  }

  private init(
    pieces: [Piece], unknown: Int, hasByteFallback: Bool, unknownSurface: [UInt8], normalization: Normalization,
    symbols: (texts: [[UInt8]], ids: [[UInt8]: Int32]), table: MergeTable, file: String
  ) throws(CheckpointError) {
    self.pieces = pieces
    self.unknown = unknown
    self.normalization = normalization
    self.unknownSurface = unknownSurface
    self.table = table
    symbolTexts = symbols.texts

    var characters: [UInt32: Int32] = [:]
    for (text, symbol) in symbols.ids where UTF8Characters.length(lead: text[0]) == text.count {
      characters[UTF8Characters.scalar(text, 0, length: text.count)] = symbol
    }
    self.characters = characters
    var neighbours: Set<UInt64> = []
    for piece in pieces {
      var previous = Self.strange
      for scalar in String(decoding: piece.text, as: UTF8.self).unicodeScalars {
        let symbol = characters[scalar.value] ?? Self.strange
        neighbours.insert(Self.neighbourKey(previous, symbol))
        previous = symbol
      }
    }
    self.neighbours = neighbours

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
    userDefined = pieces.enumerated().filter { $0.element.kind == .userDefined }.map { ($0.element.text, $0.offset) }
      .sorted { $0.0.count > $1.0.count }
  }

  private static func neighbourKey(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
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

// MARK: - Encoding

extension SentencePieceBPE {
  /// The ids of `text`, valid UTF-8, in which special tokens are ordinary text.
  func encode(_ text: some Collection<UInt8>) -> [Int] {
    let text = normalized(text)
    guard !text.isEmpty else { return [] }
    var symbols: [Int32] = []
    var starts: [Int] = []
    symbols.reserveCapacity(text.count)
    starts.reserveCapacity(text.count + 1)
    var position = 0
    while position < text.count {
      starts.append(position)
      if let (piece, id) = userDefined.first(where: { text[position...].starts(with: $0.text) }) {
        symbols.append(Self.firstFrozen - Int32(id))
        position += piece.count
        continue
      }
      let length = UTF8Characters.length(lead: text[position])
      symbols.append(characters[UTF8Characters.scalar(text, position, length: length)] ?? Self.strange)
      position += length
    }
    starts.append(text.count)

    let cuts = symbols.indices.dropFirst().filter {
      !neighbours.contains(Self.neighbourKey(symbols[$0 - 1], symbols[$0]))
    }
    let (merged, divisions) = table.merge(symbols, cuts: cuts)
    var ids: [Int] = []
    ids.reserveCapacity(merged.count)
    for entry in merged {
      if entry.symbol == Self.strange {
        appendUnknown(text[starts[entry.position]..<starts[entry.position + 1]], to: &ids)
      } else {
        append(entry.symbol, divisions, to: &ids)
      }
    }
    return ids
  }

  private func append(_ symbol: Int32, _ divisions: [Int32: (Int32, Int32)], to ids: inout [Int]) {
    if symbol <= Self.firstFrozen {
      ids.append(Int(Self.firstFrozen - symbol))
    } else if symbol >= pieces.count {
      appendUnknown(symbolTexts[Int(symbol)][...], to: &ids)
    } else if let (left, right) = divisions[symbol] {
      // An unused piece serves merging only. Both parts are shorter, so this ends.
      append(left, divisions, to: &ids)
      append(right, divisions, to: &ids)
    } else {
      ids.append(Int(symbol))
    }
  }

  private func appendUnknown(_ bytes: ArraySlice<UInt8>, to ids: inout [Int]) {
    if !byteIds.isEmpty {
      for byte in bytes { ids.append(byteIds[Int(byte)]) }
    } else if ids.last != unknown {
      // A run of unknown characters is one unknown piece.
      ids.append(unknown)
    }
  }

  private func normalized(_ text: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 2)
    let blank = normalization.escapesSpaces ? Self.mark : [Self.space]
    let removes = normalization.removesExtraSpaces
    if text.isEmpty || removes && text.allSatisfy({ $0 == Self.space }) { return [] }
    if normalization.addsPrefix { result += blank }
    var followsSpace = removes
    var pendingSpace = false
    for byte in text {
      guard byte == Self.space else {
        if pendingSpace { result += blank }
        pendingSpace = false
        result.append(byte)
        followsSpace = false
        continue
      }
      if !removes {
        result += blank
      } else if !followsSpace {
        // Written when something comes after it.
        pendingSpace = true
        followsSpace = true
      }
    }
    if normalization.stripsMarksAtEnd {
      while result.ends(with: blank) { result.removeLast(blank.count) }
    }
    return result
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

extension [UInt8] {
  fileprivate func ends(with suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }
}
