import Models

extension Mutator {
  /// Changes the value that the text stands for, or where there is none the text.
  mutating func changedJSON(_ bytes: [UInt8], _ donor: [UInt8]) -> [UInt8] {
    guard var value = try? JSONValue(parsing: bytes) else { return changedBytes(bytes, donor, isText: true) }
    repeat { value = changed(value) } while chance(1, of: 3)
    let text = Array(value.text.utf8)
    return chance(1, of: 8) ? changedBytes(text, donor, isText: true) : text
  }

  /// Goes down into a random member again and again, and changes the value at which it stops. So a place near the root
  /// is as likely as all of a vocabulary.
  private mutating func changed(_ value: JSONValue) -> JSONValue {
    let descends = chance(3, of: 4)
    switch value {
    case .object(var members) where !members.isEmpty && descends:
      let place = below(members.count)
      members[place] = JSONValue.Member(name: members[place].name, value: changed(members[place].value))
      return .object(members)
    case .array(var elements) where !elements.isEmpty && descends:
      let place = below(elements.count)
      elements[place] = changed(elements[place])
      return .array(elements)
    default:
      return chance(1, of: 4) ? valueOfNote() : changedHere(value)
    }
  }

  private mutating func valueOfNote() -> JSONValue {
    switch below(10) {
    case 0: .null
    case 1: .boolean(chance(1, of: 2))
    case 2, 3: .integer(boundary(near: 0))
    case 4: .number(pick([0.5, -0.0, 1e308, 2.5e-308, 1.8446744073709552e19, 1e-30]))
    case 5, 6: .string(pick(["", "\0", "a", "Å", "\u{212B}", "▁", "▁a", "<unk>", "</s>", "F32", "BPE", "../a", "日"]))
    case 7: .array([])
    case 8: .object([])
    default: (0..<below(140)).reduce(.null) { inner, _ in .array([inner]) }
    }
  }

  private mutating func changedHere(_ value: JSONValue) -> JSONValue {
    switch value {
    case .null: return valueOfNote()
    case .boolean(let flag): return .boolean(!flag)
    case .integer(let integer): return .integer(boundary(near: integer))
    case .number(let number): return .number(pick([-number, number * 2, number / 3, 0]))
    case .string(let string): return .string(changed(string))
    case .array(var elements):
      guard !elements.isEmpty else { return .array([valueOfNote()]) }
      let (place, other) = (below(elements.count), below(elements.count))
      switch below(5) {
      case 0: elements.remove(at: place)
      case 1: elements.insert(elements[other], at: place)
      case 2: elements.swapAt(place, other)
      case 3: elements.insert(valueOfNote(), at: place)
      default: elements += Array(repeating: elements[other], count: below(200))
      }
      return .array(elements)
    case .object(var members):
      guard !members.isEmpty else { return .object([JSONValue.Member(name: "a", value: valueOfNote())]) }
      let (place, other) = (below(members.count), below(members.count))
      switch below(6) {
      case 0: members.remove(at: place)
      case 1:
        members.insert(JSONValue.Member(name: changed(members[other].name), value: members[other].value), at: place)
      case 2: members.swapAt(place, other)
      case 3: members[place] = JSONValue.Member(name: members[place].name, value: members[other].value)
      case 4: members[place] = JSONValue.Member(name: changed(members[place].name), value: members[place].value)
      default: members.insert(members[other], at: place)
      }
      return .object(members)
    }
  }

  private mutating func changed(_ string: String) -> String {
    var scalars = Array(string.unicodeScalars)
    let place = below(scalars.count + 1)
    switch below(6) {
    case 0:
      scalars.insert(
        contentsOf: pick(["▁", " ", "a", "é", "\u{301}", "\0", "日", "/", "</s>"]).unicodeScalars, at: place)
    case 1: if place < scalars.count { scalars.remove(at: place) }
    case 2: scalars.removeLast(scalars.count - place)
    case 3: scalars += scalars
    case 4: scalars = Array(repeatElement(scalars.prefix(8), count: 1 << below(10)).joined())
    default: scalars = []
    }
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars)
    return result
  }
}

extension JSONValue {
  /// The value as JSON; names stay in their order, and may occur twice.
  fileprivate var text: String {
    switch self {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let string): Self.quoted(string)
    case .array(let elements): "[\(elements.map(\.text).joined(separator: ","))]"
    case .object(let members): "{\(members.map { "\(Self.quoted($0.name)):\($0.value.text)" }.joined(separator: ","))}"
    }
  }

  private static func quoted(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
