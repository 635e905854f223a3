import Foundation

/// Turns text into the ids that a model reads, and back, exactly as the slow tokenizers of transformers 4.31 do
/// (Llama's in its legacy mode).
package struct Tokenizer: Sendable {
  /// The file, or pair of files, that holds the vocabulary.
  package enum Form: Equatable, Sendable, CaseIterable {
    /// `tokenizer.model`
    case sentencePiece
    /// `tokenizer.json`
    case json
    /// `vocab.json` and `merges.txt`
    case vocabularyAndMerges
  }

  /// The files of a folder that may have a part in its tokenizer, those of settings and special tokens included.
  package static var fileNames: [String] {
    Form.allCases.flatMap(\.files) + ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"]
  }

  private enum Algorithm {
    case sentencePiece(SentencePieceBPE)
    case byteLevel(ByteLevelBPE)
  }

  private let algorithm: Algorithm
  private let specials: SpecialTokens
  /// Whether `encodeWithBeginning` puts a token first.
  package let addsBeginning: Bool
  /// The number of ids, with those of added tokens. A model may have more rows than this.
  package let vocabularySize: Int

  package var beginning: Int? { specials.beginning }
  package var end: Int? { specials.end }
  package var unknown: Int? { specials.unknown }
  package var padding: Int? { specials.padding }

  /// Reads the first form that `folder` has, in the order of `Form`'s cases.
  ///
  /// - Throws: `CheckpointError` naming file and place of what is malformed or not supported.
  package init(folder: String) throws(CheckpointError) {
    let form = Form.allCases.first { $0.isPresent(in: folder) }
    guard let form else {
      let expected = Form.allCases.map { $0.files.joined(separator: " and ") }.joined(separator: ", or ")
      throw .tokenizer(file: folder, place: "the folder", reason: "it has no tokenizer: neither \(expected)")
    }
    try self.init(folder: folder, form: form)
  }

  package init(folder: String, form: Form) throws(CheckpointError) {
    var settings = try TokenizerSettings(folder: folder)
    let files = form.files.map { folder + "/" + $0 }
    let vocabulary: TokenVocabulary
    var defaults: [TokenizerSettings.Role: Int] = [:]
    switch form {
    case .sentencePiece:
      let model = try SentencePieceModel(bytes: try Self.readBytes(path: files[0]), file: files[0])
      algorithm = .sentencePiece(try SentencePieceBPE(model: model, file: files[0]))
      vocabulary = TokenVocabulary(texts: model.pieces.map(\.text))
      defaults = model.roles
      addsBeginning = settings.addsBeginning ?? true  // the default of LlamaTokenizer
    case .json:
      let stored = try TokenizerJSON(path: files[0])
      switch stored.model {
      case .sentencePiece(let model): algorithm = .sentencePiece(model)
      case .byteLevel(let model): algorithm = .byteLevel(model)
      }
      vocabulary = stored.vocabulary
      defaults[.unknown] = stored.unknown
      defaults[.beginning] = stored.beginning
      settings.added += stored.added
      addsBeginning = settings.addsBeginning ?? (stored.beginning != nil)
    case .vocabularyAndMerges:
      vocabulary = try TokenVocabulary(try JSONValue(contentsOf: files[0]), file: files[0], member: "the file")
      let table = try Self.readMerges(path: files[1], vocabulary)
      algorithm = .byteLevel(try ByteLevelBPE(vocabulary: vocabulary, table: table, file: files[0]))
      // The default of GPT2Tokenizer for all three.
      let endOfText = vocabulary["<|endoftext|>".utf8]
      for role in [TokenizerSettings.Role.beginning, .end, .unknown] { defaults[role] = endOfText }
      addsBeginning = settings.addsBeginning ?? false
    }
    specials = try SpecialTokens(settings: settings, defaults: defaults, vocabulary: vocabulary)
    vocabularySize = vocabulary.count + specials.added.count
  }

  private static func readBytes(path: String) throws(CheckpointError) -> [UInt8] {
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  /// Reads `merges.txt`: a line "#version…", then one merge a line.
  private static func readMerges(path: String, _ vocabulary: TokenVocabulary) throws(CheckpointError) -> MergeTable {
    let lines = try readBytes(path: path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let first = lines[0].starts(with: "#version".utf8) ? 1 : 0
    func place(_ index: Int) -> String { "line \(first + index + 1)" }
    var pairs: [MergePair] = []
    pairs.reserveCapacity(lines.count)
    for (index, line) in lines.dropFirst(first).enumerated() {
      if first + index == lines.count - 1, line.isEmpty { continue }
      guard let pair = MergePair(line: line) else {
        throw .tokenizer(file: path, place: place(index), reason: "expected two tokens with one space between them")
      }
      pairs.append(pair)
    }
    return try vocabulary.mergeTable(pairs, file: path, place: place)
  }
}

extension Tokenizer.Form {
  /// The names of its files in a folder.
  package var files: [String] {
    switch self {
    case .sentencePiece: ["tokenizer.model"]
    case .json: ["tokenizer.json"]
    case .vocabularyAndMerges: ["vocab.json", "merges.txt"]
    }
  }

  package func isPresent(in folder: String) -> Bool {
    files.allSatisfy { FileManager.default.fileExists(atPath: folder + "/" + $0) }
  }
}

extension SentencePieceModel {
  /// The ids that the model itself gives to the roles.
  fileprivate var roles: [TokenizerSettings.Role: Int] {
    var roles: [TokenizerSettings.Role: Int] = [.unknown: unknown]
    for (role, id) in [(TokenizerSettings.Role.beginning, beginning), (.end, end), (.padding, padding)]
    where pieces.indices.contains(id) && pieces[id].kind == .control {
      roles[role] = id
    }
    return roles
  }
}

// MARK: - Encoding

extension Tokenizer {
  /// The ids of `text` without a beginning; special tokens written in it become their ids.
  package func encode(_ text: String) -> [Int] {
    encoding(text) { bytes, ids in
      for segment in specials.segments(of: bytes) {
        switch segment {
        case .token(let id): ids.append(id)
        case .text(let range): encodePlain(UnsafeBufferPointer(rebasing: bytes[range]), to: &ids)
        }
      }
    }
  }

  /// The ids of `text` as the bare algorithm gives them: the text of a special token is ordinary text.
  package func encodePlain(_ text: String) -> [Int] {
    encoding(text) { bytes, ids in encodePlain(bytes, to: &ids) }
  }

  private func encoding(_ text: String, _ body: (UnsafeBufferPointer<UInt8>, inout [Int]) -> Void) -> [Int] {
    var text = text
    return text.withUTF8 { bytes in
      var ids: [Int] = []
      // English text has about four bytes a token.
      ids.reserveCapacity(bytes.count / 3 + 4)
      body(bytes, &ids)
      return ids
    }
  }

  private func encodePlain(_ text: UnsafeBufferPointer<UInt8>, to ids: inout [Int]) {
    switch algorithm {
    case .sentencePiece(let model): model.encode(text, to: &ids)
    case .byteLevel(let model): model.encode(text, to: &ids)
    }
  }

  /// The beginning, where this tokenizer adds one, then the ids of `text`: `add_special_tokens=True`. Nothing is
  /// appended.
  package func encodeWithBeginning(_ text: String) -> [Int] {
    guard addsBeginning, let beginning else { return encode(text) }
    return [beginning] + encode(text)
  }
}

// MARK: - Decoding

extension Tokenizer {
  /// How the vocabulary writes a token: "▁the", "Ġthe", "<0x0A>"; nil for an id that no token has.
  package func token(_ id: Int) -> String? {
    if let content = specials.added[id] { return String(decoding: content, as: UTF8.self) }
    switch algorithm {
    case .sentencePiece(let model):
      return model.pieces.indices.contains(id) ? String(decoding: model.pieces[id].text, as: UTF8.self) : nil
    case .byteLevel(let model):
      guard let bytes = model.bytes(of: id) else { return nil }
      return String(String.UnicodeScalarView(bytes.map(ByteAlphabet.scalar)))
    }
  }

  /// The text of `ids`; bytes that form no character become U+FFFD.
  ///
  /// As in transformers 4.31, added tokens beyond the vocabulary have a blank on either side, and with a
  /// sentencepiece model a special token that follows text is set off by a blank from what stands before that text.
  /// An id that no token has decodes like the unknown token.
  package func decode(_ ids: [Int], skippingSpecials: Bool) -> String {
    let kept = skippingSpecials ? ids.filter { !specials.isSpecial($0) } : ids
    var parts: [String] = []
    var run: [Int] = []
    for id in kept {
      guard let content = specials.added[id] else {
        run.append(id)
        continue
      }
      if !run.isEmpty { parts.append(decodeRun(run)) }
      run = []
      parts.append(String(decoding: content, as: UTF8.self))
    }
    if !run.isEmpty { parts.append(decodeRun(run)) }
    return parts.joined(separator: " ")
  }

  /// The text of `ids` as the bare algorithm gives it: sentencepiece leaves control tokens out.
  package func decodePlain(_ ids: [Int]) -> String {
    switch algorithm {
    case .sentencePiece(let model): String(decoding: model.decode(ids), as: UTF8.self)
    case .byteLevel(let model): decodeBytes(ids, model)
    }
  }

  /// Ids within the vocabulary, none of them added.
  private func decodeRun(_ ids: [Int]) -> String {
    guard case .sentencePiece(let model) = algorithm else { return decodePlain(ids) }
    // Source: transformers 4.31, `LlamaTokenizer.convert_tokens_to_string`, with its misplaced blank.
    var text: [UInt8] = []
    var current: [Int] = []
    var followsSpecial = false
    for (index, id) in ids.enumerated() {
      guard specials.isSpecial(id) else {
        current.append(id)
        followsSpecial = false
        continue
      }
      if !followsSpecial, index > 0 { text.append(UInt8(ascii: " ")) }
      text += model.decode(current)
      text += model.pieces[id].text
      current = []
      followsSpecial = true
    }
    text += model.decode(current)
    return String(decoding: text, as: UTF8.self)
  }

  private func decodeBytes(_ ids: [Int], _ model: ByteLevelBPE) -> String {
    let unknownBytes = unknown.flatMap(model.bytes(of:)) ?? []
    return String(decoding: ids.flatMap { model.bytes(of: $0) ?? unknownBytes }, as: UTF8.self)
  }

  /// `text` without the spaces before punctuation and English contractions: the clean-up that transformers 4.31 offers
  /// after decoding, and that its GPT-2 tokenizers do unless told otherwise.
  ///
  /// Source: transformers 4.31, `PreTrainedTokenizerBase.clean_up_tokenization`.
  package static func removingSpacesBeforePunctuation(_ text: String) -> String {
    let replacements = [
      (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"),
      (" 've", "'ve"), (" 're", "'re"),
    ]
    var bytes = Array(text.utf8)
    for (pattern, replacement) in replacements {
      bytes = bytes.replacing(Array(pattern.utf8), with: Array(replacement.utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
