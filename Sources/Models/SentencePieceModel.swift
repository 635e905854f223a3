/// A `tokenizer.model` file: the parts of sentencepiece's ModelProto that a BPE model needs.
///
/// Properties carry the defaults of the schema, which hold where the file is silent.
///
/// Source: google/sentencepiece, `src/sentencepiece_model.proto`.
package struct SentencePieceModel: Sendable {
  enum Kind: Int, Sendable {
    case normal = 1
    case unknown
    case control
    case userDefined
    case unused
    case byte
  }

  struct Piece: Equatable, Sendable {
    /// UTF-8
    var text: [UInt8] = []
    /// Orders the merges, highest first.
    var score: Float = 0
    var kind = Kind.normal
  }

  private(set) var pieces: [Piece] = []

  /// The longest text of a piece, in bytes: 512 characters, more than which sentencepiece's trainer does not allow. The
  /// time to find the ways in which a piece may come about grows with the square of its length.
  static let longestPiece = 2048

  /// 1 is unigram, 2 is BPE.
  private var modelType: UInt64 = 1
  private(set) var hasByteFallback = false
  private var treatsSpaceAsSuffix = false
  /// Ids; -1 stands for none.
  private(set) var unknown = 0
  private(set) var beginning = 1
  private(set) var end = 2
  private(set) var padding = -1
  /// What an unknown piece decodes to.
  private(set) var unknownSurface = Array(" \u{2047} ".utf8)

  private(set) var addsDummyPrefix = true
  private(set) var removesExtraSpaces = true
  private(set) var escapesSpaces = true
  private var characterMap = 0..<0

  /// - Throws: `CheckpointError.tokenizer` naming the byte of a malformed file, the piece that breaks a rule, or the
  ///   feature that is not supported: models other than BPE, character maps, white space as a suffix.
  package init(bytes: [UInt8], file: String) throws(CheckpointError) {
    var reader = ProtobufReader(bytes: bytes, range: bytes.indices, file: file)
    while let field = try reader.nextField() {
      switch field.number {
      case 1: pieces.append(try Self.readPiece(reader.readMessage(field), offset: field.offset))
      case 2: try readTrainer(reader.readMessage(field))
      case 3: try readNormalizer(reader.readMessage(field))
      case 5: try refuseCharacterMap(reader.readMessage(field))
      default: try reader.skip(field)
      }
    }
    try validate(file: file)
  }

  private static func readPiece(_ reader: ProtobufReader, offset: Int) throws(CheckpointError) -> Piece {
    var reader = reader
    var piece = Piece()
    while let field = try reader.nextField() {
      switch field.number {
      case 1: piece.text = try reader.readText(field)
      case 2: piece.score = try reader.readFloat(field)
      case 3:
        let kind = try reader.readVarint(field)
        guard let known = Int(exactly: kind).flatMap(Kind.init) else {
          throw reader.error(at: field.offset, "unknown type \(kind) of a piece")
        }
        piece.kind = known
      default: try reader.skip(field)
      }
    }
    guard !piece.text.isEmpty else { throw reader.error(at: offset, "a piece without text") }
    guard piece.text.count <= longestPiece else {
      throw reader.error(at: offset, "a piece of \(piece.text.count) bytes, more than the \(longestPiece) allowed")
    }
    guard piece.score.isFinite else { throw reader.error(at: offset, "a piece of score \(piece.score)") }
    return piece
  }

  private mutating func readTrainer(_ reader: ProtobufReader) throws(CheckpointError) {
    var reader = reader
    while let field = try reader.nextField() {
      switch field.number {
      case 3: modelType = try reader.readVarint(field)
      case 24: treatsSpaceAsSuffix = try reader.readBool(field)
      case 35: hasByteFallback = try reader.readBool(field)
      case 40: unknown = try reader.readInt32(field)
      case 41: beginning = try reader.readInt32(field)
      case 42: end = try reader.readInt32(field)
      case 43: padding = try reader.readInt32(field)
      case 44: unknownSurface = try reader.readText(field)
      default: try reader.skip(field)
      }
    }
  }

  private mutating func readNormalizer(_ reader: ProtobufReader) throws(CheckpointError) {
    var reader = reader
    while let field = try reader.nextField() {
      switch field.number {
      case 2: characterMap = try reader.readRange(field)
      case 3: addsDummyPrefix = try reader.readBool(field)
      case 4: removesExtraSpaces = try reader.readBool(field)
      case 5: escapesSpaces = try reader.readBool(field)
      default: try reader.skip(field)
      }
    }
  }

  private func refuseCharacterMap(_ reader: ProtobufReader) throws(CheckpointError) {
    var reader = reader
    while let field = try reader.nextField() {
      guard field.number == 2 else {
        try reader.skip(field)
        continue
      }
      guard try reader.readRange(field).isEmpty else {
        throw reader.error(at: field.offset, "a denormalizer is not supported")
      }
    }
  }

  private func validate(file: String) throws(CheckpointError) {
    func refuse(_ place: String, _ reason: String) -> CheckpointError {
      .tokenizer(file: file, place: place, reason: reason)
    }
    guard !pieces.isEmpty else { throw refuse("pieces", "there are none") }
    guard modelType == 2 else {
      throw refuse("trainer_spec.model_type", "\(modelType) is not supported, only 2 (BPE)")
    }
    guard !treatsSpaceAsSuffix else { throw refuse("trainer_spec.treat_whitespace_as_suffix", "true is not supported") }
    guard characterMap.isEmpty else {
      throw refuse("normalizer_spec.precompiled_charsmap", "only the identity, an empty map, is supported")
    }
    guard pieces.indices.contains(unknown), pieces[unknown].kind == .unknown else {
      throw refuse("trainer_spec.unk_id", "piece \(unknown) is not of the type UNKNOWN")
    }
    var seen = TextIndex(minimumCapacity: pieces.count)
    for (id, piece) in pieces.enumerated() {
      guard seen.insert(piece.text, id: Int32(id)) else {
        throw refuse("piece \(id)", "“\(String(decoding: piece.text, as: UTF8.self))” occurs twice")
      }
      guard piece.kind != .unknown || id == unknown else { throw refuse("piece \(id)", "a second UNKNOWN piece") }
      guard piece.kind != .byte || hasByteFallback else {
        throw refuse("piece \(id)", "a BYTE piece without trainer_spec.byte_fallback")
      }
    }
  }
}
