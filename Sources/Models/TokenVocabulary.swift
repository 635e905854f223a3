/// The entries of a vocabulary by id and by text, compared byte for byte.
struct TokenVocabulary: Sendable {
  /// UTF-8, as the file writes it.
  let texts: [[UInt8]]
  private let ids: TextIndex

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
    var ids = TextIndex(minimumCapacity: members.count)
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
      _ = ids.insert(texts[id], id: Int32(id))
    }
    self.texts = texts
    self.ids = ids
  }

  init(texts: [[UInt8]]) {
    self.texts = texts
    var ids = TextIndex(minimumCapacity: texts.count)
    for (id, text) in texts.enumerated() { _ = ids.insert(text, id: Int32(id)) }
    self.ids = ids
  }

  var count: Int { texts.count }

  subscript(text: some Collection<UInt8>) -> Int? { ids[text].map(Int.init) }

  /// The merges of `pairs` in the order of their rank, as a table over ids.
  ///
  /// - Parameter place: where `file` has the pair of a rank.
  /// - Throws: `CheckpointError.tokenizer` where a part or the whole of a merge is not in the vocabulary.
  func mergeTable(_ pairs: [MergePair], file: String, place: (Int) -> String) throws(CheckpointError) -> MergeTable {
    var table = MergeTable(minimumCapacity: pairs.count)
    for (rank, pair) in pairs.enumerated() {
      guard let left = ids[pair.left], let right = ids[pair.right], let result = ids[pair.text] else {
        let missing = [pair.left, pair.right, pair.text[...]].first { ids[$0] == nil } ?? []
        let text = String(decoding: missing, as: UTF8.self)
        throw .tokenizer(file: file, place: place(rank), reason: "“\(text)” is not in the vocabulary")
      }
      guard table.insert(left, right, rank: Int32(rank), result: result) else {
        throw .tokenizer(file: file, place: place(rank), reason: "the same merge stands above")
      }
    }
    return table
  }
}

/// Two texts that may be joined.
struct MergePair {
  /// Both, one after the other.
  let text: [UInt8]
  private let leftCount: Int

  var left: ArraySlice<UInt8> { text[..<leftCount] }
  var right: ArraySlice<UInt8> { text[leftCount...] }

  /// "left right": exactly one space, neither at the start nor at the end.
  init?(line: ArraySlice<UInt8>) {
    let space = UInt8(ascii: " ")
    guard let middle = line.firstIndex(of: space), middle > line.startIndex, middle + 1 < line.endIndex else {
      return nil
    }
    let right = line[(middle + 1)...]
    if right.contains(space) { return nil }
    self.init(left: line[..<middle], right: right)
  }

  init(left: some Collection<UInt8>, right: some Collection<UInt8>) {
    text = Array(left) + right
    leftCount = left.count
  }
}

extension JSONValue? {
  /// What stands in a file where something else was expected: "absent", "a text “x”", "an array".
  package var kindDescription: String {
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
