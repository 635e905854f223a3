/// The entries of a vocabulary by id and by text, compared byte for byte.
struct TokenVocabulary: Sendable {
  /// UTF-8, as the file writes it.
  let texts: [[UInt8]]
  private let ids: [[UInt8]: Int]

  /// From a JSON object of ids by text; the ids are 0 to count - 1, each once.
  ///
  /// - Throws: `CheckpointError.invalidMember` where it is no such object, `.tokenizer` naming the entry whose id is
  ///   out of range or taken.
  init(_ value: JSONValue?, file: String, member: String) throws(CheckpointError) {
    guard let members = value?.object, !members.isEmpty else {
      throw .invalidMember(file: file, member: member, expected: "an object of ids", found: value.kindDescription)
    }
    var texts = [[UInt8]](repeating: [], count: members.count)
    var isTaken = [Bool](repeating: false, count: members.count)
    var ids: [[UInt8]: Int] = Dictionary(minimumCapacity: members.count)
    for entry in members {
      guard let id = entry.value.integer else {
        throw .invalidMember(
          file: file, member: "\(member).\(entry.name)", expected: "an id",
          found: Optional(entry.value).kindDescription)
      }
      guard texts.indices.contains(id), !isTaken[id] else {
        let isTwice = texts.indices.contains(id)
        let reason = isTwice ? "a second entry of that id" : "the ids go from 0 to \(texts.count - 1)"
        throw .tokenizer(file: file, place: "\(member).\(entry.name) = \(id)", reason: reason)
      }
      isTaken[id] = true
      texts[id] = Array(entry.name.utf8)
      ids[texts[id]] = id
    }
    self.texts = texts
    self.ids = ids
  }

  init(texts: [[UInt8]]) {
    self.texts = texts
    ids = Dictionary(texts.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  var count: Int { texts.count }

  subscript(text: some Collection<UInt8>) -> Int? { ids[Array(text)] }

  /// The merges of `pairs` in the order of their rank, as a table over ids.
  ///
  /// - Throws: `CheckpointError.tokenizer` where a part or the whole of a merge is not in the vocabulary.
  func mergeTable(_ pairs: [MergePair], file: String) throws(CheckpointError) -> MergeTable {
    var table = MergeTable()
    table.reserveCapacity(pairs.count)
    for (rank, pair) in pairs.enumerated() {
      guard let left = self[pair.left], let right = self[pair.right], let result = self[pair.left + pair.right] else {
        let missing = [pair.left, pair.right, pair.left + pair.right].first { self[$0] == nil } ?? []
        let text = String(decoding: missing, as: UTF8.self)
        throw .tokenizer(file: file, place: pair.place, reason: "“\(text)” is not in the vocabulary")
      }
      guard table.insert(Int32(left), Int32(right), rank: UInt32(rank), result: Int32(result)) else {
        throw .tokenizer(file: file, place: pair.place, reason: "the same merge stands above")
      }
    }
    return table
  }
}

/// Two texts that may be joined, and where the file says so.
struct MergePair {
  let left: [UInt8]
  let right: [UInt8]
  let place: String

  /// "left right": exactly one space, neither at the start nor at the end.
  init?(line: some Collection<UInt8>, place: String) {
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    self.init(left: Array(parts[0]), right: Array(parts[1]), place: place)
  }

  init(left: [UInt8], right: [UInt8], place: String) {
    self.left = left
    self.right = right
    self.place = place
  }
}

extension JSONValue? {
  /// What stands in a file where something else was expected: "absent", "a text “x”", "an array".
  var kindDescription: String {
    switch self {
    case nil: "absent"
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "a text “\(value)”"
    case .array(let elements): "an array of \(elements.count)"
    case .object(let members): "an object of \(members.count) members"
    }
  }
}
