import Foundation

/// What the files beside a vocabulary say about special tokens: `tokenizer_config.json`, overruled by
/// `special_tokens_map.json`, and `added_tokens.json`, as transformers 4.31 reads them. Any of them may be absent.
///
/// Blanks around special tokens are always kept: `lstrip`, `rstrip` and `single_word` are refused. `legacy: false`,
/// which changes how a text goes on after a special token, is not followed: encoding is the legacy one throughout.
struct TokenizerSettings: Sendable {
  enum Role: String, CaseIterable, Sendable {
    case beginning = "bos_token"
    case end = "eos_token"
    case unknown = "unk_token"
    case padding = "pad_token"
    case separator = "sep_token"
    case classification = "cls_token"
    case mask = "mask_token"
  }

  struct Name: Sendable {
    /// UTF-8
    let content: [UInt8]
    let file: String
    let place: String
  }

  struct Added: Sendable {
    let content: [UInt8]
    let id: Int
    let isSpecial: Bool
    let file: String
  }

  /// A role that is present with nil was given to no token.
  var roles: [Role: Name?] = [:]
  var additional: [Name] = []
  var added: [Added] = []
  var addsBeginning: Bool?

  init() {}

  init(folder: String) throws(CheckpointError) {
    if let config = try Self.place(folder, "tokenizer_config.json") {
      try readNames(config)
      addsBeginning = try config["add_bos_token"].optionalBoolean()
      guard try config["add_eos_token"].optionalBoolean() != true else {
        throw config["add_eos_token"].refused(expected: "false")
      }
      for entry in try config["added_tokens_decoder"].optionalMembers() {
        guard let id = Int(entry.name) else { throw entry.refused(expected: "an id as its name") }
        added.append(try Self.readAdded(entry, id: id))
      }
    }
    if let map = try Self.place(folder, "special_tokens_map.json") { try readNames(map) }
    if let list = try Self.place(folder, "added_tokens.json") {
      for entry in try list.optionalMembers() {
        guard let id = entry.value?.integer else { throw entry.refused(expected: "an id") }
        added.append(Added(content: Array(entry.name.utf8), id: id, isSpecial: false, file: entry.file))
      }
    }
  }

  private static func place(_ folder: String, _ name: String) throws(CheckpointError) -> JSONPlace? {
    let path = folder + "/" + name
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let place = JSONPlace(file: path, value: try JSONValue(contentsOf: path))
    guard place.value?.object != nil else { throw place.refused(expected: "an object") }
    return place
  }

  private mutating func readNames(_ place: JSONPlace) throws(CheckpointError) {
    for role in Role.allCases {
      let member = place[role.rawValue]
      guard let value = member.value else { continue }
      if value.isNull {
        roles.updateValue(nil, forKey: role)
      } else {
        roles.updateValue(try Self.readName(member), forKey: role)
      }
    }
    let member = place["additional_special_tokens"]
    guard member.value?.isNull == false else { return }
    for element in try member.elements() { additional.append(try Self.readName(element)) }
  }

  /// A token written as its text, or as an object with a `content`.
  private static func readName(_ place: JSONPlace) throws(CheckpointError) -> Name {
    var content = place
    if place.value?.object != nil {
      content = place["content"]
      try refuseStripping(place)
    }
    guard let text = content.value?.string, !text.isEmpty else { throw content.refused(expected: "a token's text") }
    return Name(content: Array(text.utf8), file: place.file, place: place.path)
  }

  /// An entry of `added_tokens` or `added_tokens_decoder`.
  static func readAdded(_ place: JSONPlace, id: Int) throws(CheckpointError) -> Added {
    try refuseStripping(place)
    guard let text = place["content"].value?.string, !text.isEmpty else {
      throw place["content"].refused(expected: "a token's text")
    }
    let isSpecial = try place["special"].optionalBoolean() ?? false
    return Added(content: Array(text.utf8), id: id, isSpecial: isSpecial, file: place.file)
  }

  private static func refuseStripping(_ place: JSONPlace) throws(CheckpointError) {
    for option in ["lstrip", "rstrip", "single_word"] {
      guard try place[option].optionalBoolean() != true else { throw place[option].refused(expected: "false") }
    }
  }
}
