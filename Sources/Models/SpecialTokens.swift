/// The tokens with a role of their own, resolved to ids, and how their texts are found inside of a text.
///
/// As the slow tokenizers of transformers 4.31 do, a text is first cut at every occurrence of such a token, leftmost
/// and longest first; what lies between is encoded by itself.
struct SpecialTokens: Sendable {
  struct Token: Equatable, Sendable {
    /// UTF-8
    let content: [UInt8]
    let id: Int
    /// Left out when decoding without special tokens. Added ordinary words are not.
    let isSpecial: Bool
  }

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
  /// 256 lists by first byte, each longest first.
  private let tokens: [[Token]]

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
    var tokens = [[Token]](repeating: [], count: 256)
    for (id, isSpecial) in flagged {
      let content = vocabulary.texts.indices.contains(id) ? vocabulary.texts[id] : added[id] ?? []
      guard let first = content.first else { continue }
      tokens[Int(first)].append(Token(content: content, id: id, isSpecial: isSpecial))
    }
    self.tokens = tokens.map { $0.sorted { ($1.content.count, $0.id) < ($0.content.count, $1.id) } }
  }

  func isSpecial(_ id: Int) -> Bool { specialIds.contains(id) }

  /// The text's parts in order; no part is empty.
  func segments(of text: [UInt8]) -> [Segment] {
    var segments: [Segment] = []
    var start = 0
    var position = 0
    while position < text.count {
      let found = tokens[Int(text[position])].first { text[position...].starts(with: $0.content) }
      guard let found else {
        position += 1
        continue
      }
      if start < position { segments.append(.text(start..<position)) }
      segments.append(.token(found.id))
      position += found.content.count
      start = position
    }
    if start < text.count { segments.append(.text(start..<text.count)) }
    return segments
  }
}
