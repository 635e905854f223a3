/// A value in a JSON file together with its path, so that every complaint can name the place.
struct JSONPlace {
  let file: String
  /// Member names and indices: "model.vocab", "added_tokens[2]"; empty for the whole file.
  let path: String
  /// The last step of the path.
  let name: String
  /// nil where the file has nothing at this place.
  let value: JSONValue?

  init(file: String, value: JSONValue) {
    self.init(file: file, path: "", name: "", value: value)
  }

  private init(file: String, path: String, name: String, value: JSONValue?) {
    self.file = file
    self.path = path
    self.name = name
    self.value = value
  }

  private func member(_ name: String, _ value: JSONValue?) -> JSONPlace {
    JSONPlace(file: file, path: path.isEmpty ? name : "\(path).\(name)", name: name, value: value)
  }

  subscript(name: String) -> JSONPlace { member(name, value?[name]) }

  func refused(expected: String) -> CheckpointError {
    let member = path.isEmpty ? "the file" : path
    return .invalidMember(file: file, member: member, expected: expected, found: value.kindDescription)
  }

  /// nil where nothing or null stands here.
  func optionalBoolean() throws(CheckpointError) -> Bool? {
    guard let value, !value.isNull else { return nil }
    guard let boolean = value.boolean else { throw refused(expected: "true or false") }
    return boolean
  }

  func elements() throws(CheckpointError) -> [JSONPlace] {
    guard let array = value?.array else { throw refused(expected: "an array") }
    return array.enumerated().map { index, element in
      JSONPlace(file: file, path: "\(path)[\(index)]", name: "\(index)", value: element)
    }
  }

  /// The members of an object; none where nothing or null stands here.
  func optionalMembers() throws(CheckpointError) -> [JSONPlace] {
    guard let value, !value.isNull else { return [] }
    guard let members = value.object else { throw refused(expected: "an object") }
    return members.map { member($0.name, $0.value) }
  }

  /// Refuses members that nobody here knows, as they might change the meaning.
  func expectOnly(_ names: [String]) throws(CheckpointError) {
    guard value?.object != nil else { throw refused(expected: "an object") }
    for member in try optionalMembers() where !names.contains(member.name) {
      throw member.refused(expected: "no such member")
    }
  }

  /// Refuses everything but the given values; nil stands for absence.
  func expect(_ allowed: JSONValue?...) throws(CheckpointError) {
    guard allowed.contains(value) else {
      throw refused(expected: allowed.map(\.kindDescription).joined(separator: " or "))
    }
  }
}
