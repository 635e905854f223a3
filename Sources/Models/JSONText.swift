extension JSONValue {
  /// As text, members in their order, two blanks for each level.
  package var text: String { text(indentation: "") }

  private func text(indentation: String) -> String {
    switch self {
    case .null: return "null"
    case .boolean(let flag): return flag ? "true" : "false"
    case .integer(let integer): return String(integer)
    case .number(let number): return "\(number)"
    case .string(let string): return quoted(string)
    case .array(let elements):
      return block("[", elements.map { $0.text(indentation: indentation + "  ") }, "]", indentation)
    case .object(let members):
      let lines = members.map { "\(quoted($0.name)): \($0.value.text(indentation: indentation + "  "))" }
      return block("{", lines, "}", indentation)
    }
  }

  private func block(_ opening: String, _ lines: [String], _ closing: String, _ indentation: String) -> String {
    guard !lines.isEmpty else { return opening + closing }
    return opening + "\n" + lines.map { indentation + "  " + $0 }.joined(separator: ",\n") + "\n" + indentation
      + closing
  }

  /// An object with the member at the end, or in its old place, or left out where `value` is nil.
  package func setting(_ name: String, to value: JSONValue?) -> JSONValue {
    guard case .object(var members) = self else { return self }
    if let place = members.firstIndex(where: { $0.name == name }) {
      if let value { members[place] = Member(name: name, value: value) } else { members.remove(at: place) }
    } else if let value {
      members.append(Member(name: name, value: value))
    }
    return .object(members)
  }
}
