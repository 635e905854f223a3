/// Learns a vocabulary of the form of Llama's from texts: sentencepiece's BPE with bytes for what it does not know.
///
/// The ids are those of `<unk>`, `<s>` and `</s>`, the 256 bytes, the merged pieces in the order of their merges, then
/// the characters of the texts, the most frequent ones first and of equals the lower scalar. A text is taken as it is
/// (normalization "identity"), with one space in front; a line feed is no piece and becomes its byte. The same texts
/// give the same bytes.
///
/// Source: google/sentencepiece, `src/bpe_model_trainer.cc`, `src/trainer_interface.cc` and
/// `src/sentencepiece_model.proto`; all characters are kept (`character_coverage` 1).
package struct SentencePieceTraining: Sendable {
  /// By id.
  private let pieces: [SentencePieceModel.Piece]

  private static let specials = [
    (name: "<unk>", kind: SentencePieceModel.Kind.unknown), ("<s>", .control), ("</s>", .control),
  ]
  /// In characters, the mark of a space among them.
  private static let longestPiece = 16  // max_sentencepiece_length
  private static let mark: UInt32 = 0x2581

  /// - Throws: `CheckpointError.tokenizer` where the texts have no word, or the vocabulary is too small for bytes and
  ///   characters or larger than the texts have merges for.
  package init(texts: [String], vocabularySize: Int) throws(CheckpointError) {
    let words = Self.words(of: texts).map { (scalars: Self.scalars($0.text), count: $0.count) }
    guard !words.isEmpty else { throw .tokenizer(file: "the corpus", place: "its texts", reason: "they have no word") }
    let characters = Self.characters(of: words)
    let mergeCount = vocabularySize - Self.specials.count - 256 - characters.count
    guard mergeCount >= 0 else {
      throw .tokenizer(
        file: "the corpus", place: "a vocabulary of \(vocabularySize)",
        reason: "it needs \(vocabularySize - mergeCount) at least: \(Self.specials.count) special tokens, 256 bytes "
          + "and \(characters.count) characters")
    }

    let symbols = Dictionary(uniqueKeysWithValues: zip(characters, Int32(0)...))
    let units = characters.map(UTF8Characters.bytes)
    var training = MergeTraining(
      units: units, words: words.map { ($0.scalars.compactMap { symbols[$0] }, $0.count) }, longest: Self.longestPiece)
    _ = try training.learn(mergeCount, ofVocabulary: vocabularySize)

    let bytes = (UInt8.min...UInt8.max).map {
      (name: SentencePieceBPE.byteText($0), kind: SentencePieceModel.Kind.byte)
    }
    let named = (Self.specials + bytes).map { SentencePieceModel.Piece(text: Array($0.name.utf8), kind: $0.kind) }
    let learnt = training.texts[units.count...] + units
    pieces = named + zip(learnt, 0...).map { SentencePieceModel.Piece(text: $0, score: -Float($1)) }
  }

  private static func words(of texts: [String]) -> [(text: [UInt8], count: Int)] {
    var counts = WordCounts()
    for text in texts where !text.isEmpty {
      var text = " " + text
      text.withUTF8 { bytes in
        for range in SentencePieceWords(of: bytes) where bytes[range.lowerBound] != UInt8(ascii: "\n") {
          counts.add(UnsafeBufferPointer(rebasing: bytes[range]))
        }
      }
    }
    return counts.words
  }

  /// The characters of a word, a space as its mark.
  private static func scalars(_ word: [UInt8]) -> [UInt32] {
    String(decoding: word, as: UTF8.self).unicodeScalars.map { $0 == " " ? mark : $0.value }
  }

  private static func characters(of words: [(scalars: [UInt32], count: Int)]) -> [UInt32] {
    var counts: [UInt32: Int] = [:]
    for word in words {
      for scalar in word.scalars { counts[scalar, default: 0] += word.count }
    }
    return counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.map(\.key)
  }
}

// MARK: - Files

extension SentencePieceTraining {
  /// `tokenizer.model`, with the settings of a Llama folder of transformers.
  package var files: TokenizerFiles {
    TokenizerFiles(
      [TokenizerFiles.File(name: "tokenizer.model", bytes: modelBytes)],
      settings: [
        JSONValue.Member(name: "tokenizer_class", value: .string("LlamaTokenizer")),
        JSONValue.Member(name: "add_bos_token", value: .boolean(true)),
        JSONValue.Member(name: "add_eos_token", value: .boolean(false)),
        JSONValue.Member(name: "clean_up_tokenization_spaces", value: .boolean(false)),
        JSONValue.Member(name: "legacy", value: .boolean(true)),
        JSONValue.Member(name: "sp_model_kwargs", value: .object([])),
      ],
      specials: [
        JSONValue.Member(name: "bos_token", value: .string("<s>")),
        JSONValue.Member(name: "eos_token", value: .string("</s>")),
        JSONValue.Member(name: "unk_token", value: .string("<unk>")),
      ])
  }

  /// sentencepiece's ModelProto.
  private var modelBytes: [UInt8] {
    var model = ProtobufWriter()
    for piece in pieces {
      var message = ProtobufWriter()
      message.write(1, piece.text)
      message.write(2, piece.score)
      if piece.kind != .normal { message.write(3, piece.kind.rawValue) }
      model.write(1, message.bytes)
    }
    model.write(2, trainerSpecification)
    model.write(3, Self.normalizerSpecification)
    return model.bytes
  }

  private var trainerSpecification: [UInt8] {
    var message = ProtobufWriter()
    message.write(3, 2)  // model_type: BPE
    message.write(4, pieces.count)  // vocab_size
    message.write(10, Float(1))  // character_coverage
    message.write(20, Self.longestPiece)  // max_sentencepiece_length
    message.write(25, true)  // split_digits
    message.write(35, true)  // byte_fallback
    message.write(40, 0)  // unk_id
    message.write(41, 1)  // bos_id
    message.write(42, 2)  // eos_id
    message.write(43, -1)  // pad_id
    return message.bytes
  }

  private static var normalizerSpecification: [UInt8] {
    var message = ProtobufWriter()
    message.write(1, "identity".utf8)  // name
    message.write(3, true)  // add_dummy_prefix
    message.write(4, false)  // remove_extra_whitespaces
    message.write(5, true)  // escape_whitespaces
    return message.bytes
  }
}
