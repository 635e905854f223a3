/// A `tokenizer.json` of Hugging Face's `tokenizers`, in the two styles that Llama and OPT need: sentencepiece's BPE
/// with its normalizer spelled out, and byte-level BPE.
///
/// The file can describe far more. Whatever would change the ids and is not known here is refused by name; `truncation`
/// and `padding` are passed over, since transformers sets both anew with each call.
///
/// Source: huggingface/tokenizers, `tokenizers/src/models/bpe`, `normalizers`, `pre_tokenizers`, `decoders`.
struct TokenizerJSON {
  enum Model {
    case sentencePiece(SentencePieceBPE)
    case byteLevel(ByteLevelBPE)
  }

  let model: Model
  let vocabulary: TokenVocabulary
  let unknown: Int?
  let added: [TokenizerSettings.Added]
  /// The token that the post-processor puts first; nil where it adds none.
  let beginning: Int?

  init(path: String) throws(CheckpointError) {
    let root = JSONPlace(file: path, value: try JSONValue(contentsOf: path))
    try root.expectOnly([
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
      "model",
    ])
    let stored = root["model"]
    try stored.expectOnly([
      "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
      "ignore_merges", "vocab", "merges",
    ])
    try stored["type"].expect(.string("BPE"))
    try stored["dropout"].expect(nil, .null)
    try stored["continuing_subword_prefix"].expect(nil, .null, .string(""))
    try stored["end_of_word_suffix"].expect(nil, .null, .string(""))
    try stored["ignore_merges"].expect(nil, .boolean(false))
    let vocabulary = try TokenVocabulary(stored["vocab"].value, file: path, member: stored["vocab"].path)
    let merges = try Self.readMerges(stored["merges"])
    var added: [TokenizerSettings.Added] = []
    if root["added_tokens"].value?.isNull == false {
      for entry in try root["added_tokens"].elements() {
        guard let id = entry["id"].value?.integer else { throw entry["id"].refused(expected: "an id") }
        added.append(try TokenizerSettings.readAdded(entry, id: id))
      }
    }
    unknown = try Self.readUnknown(stored["unk_token"], vocabulary)

    if root["pre_tokenizer"].value?["type"]?.string == "ByteLevel" {
      try Self.expectByteLevel(root)
      let table = try vocabulary.mergeTable(merges, file: path, place: Self.mergePlace)
      model = .byteLevel(try ByteLevelBPE(vocabulary: vocabulary, table: table, file: path))
    } else {
      // Metaspace among others: its prefix rules differ from sentencepiece's where a text starts with a space.
      try root["pre_tokenizer"].expect(nil, .null)
      guard let unknown else { throw stored["unk_token"].refused(expected: "a token of the vocabulary") }
      let hasByteFallback = try stored["byte_fallback"].optionalBoolean() ?? false
      if !hasByteFallback { try stored["fuse_unk"].expect(.boolean(true)) }
      let normalization = try Self.readNormalization(root["normalizer"])
      try Self.expectDecoder(root["decoder"], normalization, hasByteFallback: hasByteFallback)
      if let id = vocabulary.texts.firstIndex(where: \.isEmpty) {
        throw .tokenizer(file: path, place: stored["vocab"].path, reason: "the token of id \(id) has no text")
      }
      let controls = Set(added.filter(\.isSpecial).map(\.id))
      let byteTexts = Set((UInt8.min...UInt8.max).map { Array(SentencePieceBPE.byteText($0).utf8) })
      let pieces = vocabulary.texts.enumerated().map { id, text in
        let kind: SentencePieceModel.Kind =
          if id == unknown {
            .unknown
          } else if controls.contains(id) {
            .control
          } else if hasByteFallback, byteTexts.contains(text) {
            .byte
          } else {
            .normal
          }
        return SentencePieceModel.Piece(text: text, kind: kind)
      }
      let table = try vocabulary.mergeTable(merges, file: path, place: Self.mergePlace)
      model = .sentencePiece(
        try SentencePieceBPE(
          pieces: pieces, unknown: unknown, hasByteFallback: hasByteFallback, normalization: normalization,
          table: table, file: path))
    }
    self.vocabulary = vocabulary
    self.added = added
    beginning = try Self.readBeginning(root["post_processor"], vocabulary, added)
  }

  private static func mergePlace(_ index: Int) -> String { "model.merges[\(index)]" }

  private static func readUnknown(_ place: JSONPlace, _ vocabulary: TokenVocabulary) throws(CheckpointError) -> Int? {
    guard let value = place.value, !value.isNull else { return nil }
    guard let id = value.string.flatMap({ vocabulary[$0.utf8] }) else {
      throw place.refused(expected: "a token of the vocabulary")
    }
    return id
  }

  /// Merges are texts "left right", or since tokenizers 0.20 pairs of texts.
  private static func readMerges(_ place: JSONPlace) throws(CheckpointError) -> [MergePair] {
    guard let merges = place.value?.array else { throw place.refused(expected: "an array of merges") }
    var pairs: [MergePair] = []
    pairs.reserveCapacity(merges.count)
    for (index, merge) in merges.enumerated() {
      var pair: MergePair?
      if let line = merge.string {
        pair = MergePair(line: Array(line.utf8)[...])
      } else if let parts = merge.array, parts.count == 2, let left = parts[0].string, let right = parts[1].string {
        pair = MergePair(left: left.utf8, right: right.utf8)
      }
      guard let pair else {
        throw .invalidMember(
          file: place.file, member: mergePlace(index), expected: "two texts", found: Optional(merge).kindDescription)
      }
      pairs.append(pair)
    }
    return pairs
  }
}

// MARK: - The byte-level style

extension TokenizerJSON {
  private static func expectByteLevel(_ root: JSONPlace) throws(CheckpointError) {
    try root["normalizer"].expect(nil, .null)
    let splitter = root["pre_tokenizer"]
    try splitter.expectOnly(["type", "add_prefix_space", "trim_offsets", "use_regex"])
    try splitter["add_prefix_space"].expect(.boolean(false))
    try splitter["use_regex"].expect(nil, .boolean(true))
    // Options of the decoder have no effect on decoding.
    try root["decoder"].expectOnly(["type", "add_prefix_space", "trim_offsets", "use_regex"])
    try root["decoder"]["type"].expect(.string("ByteLevel"))
    try root["model"]["byte_fallback"].expect(nil, .boolean(false))
  }
}

// MARK: - The sentencepiece style

extension TokenizerJSON {
  /// Steps of a normalizer or decoder: those of a sequence, or the one that stands alone.
  private static func steps(_ place: JSONPlace, _ list: String) throws(CheckpointError) -> [JSONPlace] {
    guard let value = place.value, !value.isNull else { return [] }
    guard value["type"]?.string == "Sequence" else { return [place] }
    try place.expectOnly(["type", list])
    return try place[list].elements()
  }

  private static func isReplacement(
    _ place: JSONPlace?, _ kind: String, _ pattern: String, by content: String
  ) throws(CheckpointError) -> Bool {
    guard let place, place["type"].value?.string == "Replace" else { return false }
    try place.expectOnly(["type", "pattern", "content"])
    let found = place["pattern"].value?[kind]?.string
    return place["pattern"].value?.object?.count == 1 && found == pattern && place["content"].value?.string == content
  }

  private static func readNormalization(_ place: JSONPlace) throws(CheckpointError)
    -> SentencePieceBPE.Normalization
  {
    var steps = ArraySlice(try steps(place, "normalizers"))
    var normalization = SentencePieceBPE.Normalization(addsPrefix: false)
    if try isReplacement(steps.first, "Regex", #"\A +| +\z"#, by: "") {
      steps.removeFirst()
      guard try isReplacement(steps.first, "Regex", " {2,}", by: " ") else {
        throw (steps.first ?? place).refused(expected: "runs of spaces replaced by one")
      }
      steps.removeFirst()
      normalization.removesExtraSpaces = true
    }
    if let step = steps.first, step["type"].value?.string == "Prepend" {
      try step.expectOnly(["type", "prepend"])
      try step["prepend"].expect(.string("▁"))
      steps.removeFirst()
      normalization.addsPrefix = true
    }
    guard try isReplacement(steps.first, "String", " ", by: "▁") else {
      throw (steps.first ?? place).refused(expected: "spaces replaced by “▁”")
    }
    steps.removeFirst()
    if let step = steps.first { throw step.refused(expected: "no further normalizer") }
    return normalization
  }

  /// Refuses every decoder but the one that undoes the normalization.
  private static func expectDecoder(
    _ place: JSONPlace, _ normalization: SentencePieceBPE.Normalization, hasByteFallback: Bool
  ) throws(CheckpointError) {
    var steps = ArraySlice(try steps(place, "decoders"))
    func next(_ type: String, _ names: [String]) throws(CheckpointError) -> JSONPlace {
      guard let step = steps.popFirst() else { throw place.refused(expected: "a decoder \(type)") }
      try step["type"].expect(.string(type))
      try step.expectOnly(["type"] + names)
      return step
    }
    guard try isReplacement(steps.popFirst(), "String", "▁", by: " ") else {
      throw place.refused(expected: "“▁” replaced by spaces first")
    }
    if hasByteFallback { _ = try next("ByteFallback", []) }
    _ = try next("Fuse", [])
    if normalization.addsPrefix {
      let strip = try next("Strip", ["content", "start", "stop"])
      try strip["content"].expect(.string(" "))
      try strip["start"].expect(.integer(1))
      try strip["stop"].expect(.integer(0))
    }
    if let step = steps.first { throw step.refused(expected: "no further decoder") }
  }
}

// MARK: - The post-processor

extension TokenizerJSON {
  /// The one special token that a template puts before the text.
  private static func readBeginning(
    _ place: JSONPlace, _ vocabulary: TokenVocabulary, _ added: [TokenizerSettings.Added]
  ) throws(CheckpointError) -> Int? {
    switch place.value?["type"]?.string {
    case nil:
      try place.expect(nil, .null)
      return nil
    case "ByteLevel":
      // It moves offsets only.
      return nil
    case "TemplateProcessing":
      var parts = ArraySlice(try place["single"].elements())
      var beginning: Int?
      if let first = parts.first, let token = first["SpecialToken"]["id"].value?.string {
        let content = Array(token.utf8)
        guard let id = vocabulary[content] ?? added.first(where: { $0.content == content })?.id else {
          throw first["SpecialToken"]["id"].refused(expected: "a token of the vocabulary")
        }
        beginning = id
        parts.removeFirst()
      }
      guard parts.count == 1, parts.first?["Sequence"]["id"].value?.string == "A" else {
        throw place["single"].refused(expected: "at most one special token, then the text")
      }
      return beginning
    case .some:
      throw place["type"].refused(expected: "TemplateProcessing")
    }
  }
}
