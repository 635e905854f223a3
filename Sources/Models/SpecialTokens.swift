/// The tokens with a role of their own, resolved to ids, and how their texts are found inside of a text.
///
/// As the slow tokenizers of transformers 4.31 do, a text is first cut at every occurrence of such a token, leftmost
/// and longest first; what lies between is encoded by itself.
struct SpecialTokens: Sendable {
  enum Segment: Equatable {
    case text(Range<Int>)
    case token(Int)
  }

  let beginning: Int?
  let end: Int?
  let unknown: Int?
  let padding: Int?
  /// The tokens that follow the base vocabulary, by id.
  let added: [Int: [UInt8]]
  private let specialIds: Set<Int>
  private let tokens: TextMatcher

  /// - Parameter defaults: what a role means where the settings do not name it.
  /// - Throws: `CheckpointError.tokenizer` for a token without an id, two texts for one id, and added ids that do not
  ///   continue the vocabulary.
  init(settings: TokenizerSettings, defaults: [TokenizerSettings.Role: Int], vocabulary: TokenVocabulary)
    throws(CheckpointError)
  {
    var idOfAdded: [[UInt8]: Int] = [:]
    var added: [Int: [UInt8]] = [:]
    var flagged: [Int: Bool] = [:]
    for token in settings.added {
      let inVocabulary = vocabulary.texts.indices.contains(token.id) ? vocabulary.texts[token.id] : added[token.id]
      guard inVocabulary == nil || inVocabulary == token.content else {
        throw .tokenizer(
          file: token.file, place: "the added token “\(String(decoding: token.content, as: UTF8.self))”",
          reason: "id \(token.id) belongs to “\(String(decoding: inVocabulary ?? [], as: UTF8.self))”")
      }
      if inVocabulary == nil { added[token.id] = token.content }
      idOfAdded[token.content] = token.id
      flagged[token.id] = flagged[token.id] ?? false || token.isSpecial
    }
    for token in settings.added where !(0..<vocabulary.count + added.count).contains(token.id) {
      throw .tokenizer(
        file: token.file, place: "the added token “\(String(decoding: token.content, as: UTF8.self))”",
        reason: "id \(token.id) does not continue the vocabulary of \(vocabulary.count)")
    }

    func resolve(_ name: TokenizerSettings.Name) throws(CheckpointError) -> Int {
      guard let id = vocabulary[name.content] ?? idOfAdded[name.content] else {
        throw .tokenizer(
          file: name.file, place: name.place,
          reason: "“\(String(decoding: name.content, as: UTF8.self))” is not in the vocabulary")
      }
      return id
    }
    var ids = defaults
    for (role, name) in settings.roles {
      if let name { ids[role] = try resolve(name) } else { ids[role] = nil }
    }
    for id in ids.values { flagged[id] = true }
    for name in settings.additional { flagged[try resolve(name)] = true }

    beginning = ids[.beginning]
    end = ids[.end]
    unknown = ids[.unknown]
    padding = ids[.padding]
    self.added = added
    specialIds = Set(flagged.filter(\.value).keys)
    tokens = TextMatcher(
      flagged.keys.map { id in
        (text: vocabulary.texts.indices.contains(id) ? vocabulary.texts[id] : added[id] ?? [], id: id)
      })
  }

  func isSpecial(_ id: Int) -> Bool { specialIds.contains(id) }

  /// The text's parts in order; no part is empty.
  func segments(of text: UnsafeBufferPointer<UInt8>) -> [Segment] {
    var segments: [Segment] = []
    var start = 0
    var position = tokens.nextCandidate(in: text, from: 0)
    while position < text.count {
      if let found = tokens.match(in: text, at: position) {
        if start < position { segments.append(.text(start..<position)) }
        segments.append(.token(found.id))
        position += found.length
        start = position
      } else {
        position += 1
      }
      position = tokens.nextCandidate(in: text, from: position)
    }
    if start < text.count { segments.append(.text(start..<text.count)) }
    return segments
  }
}
