/// A JSON value with exactly one text: no white space, members sorted by the bytes of their names, numbers in their
/// shortest form. Its digest names what went into a stage.
///
/// Foundation's encoder sorts too, but by an order that it does not promise to keep.
package enum CanonicalJSON: Equatable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([CanonicalJSON])
  case object([String: CanonicalJSON])
}

extension CanonicalJSON {
  package var text: String {
    switch self {
    case .null: return "null"
    case .boolean(let boolean): return boolean ? "true" : "false"
    case .integer(let integer): return String(integer)
    case .number(let number):
      precondition(number.isFinite, "\(number) has no JSON text")
      return "\(number)"
    case .string(let string): return Self.quoted(string)
    case .array(let elements): return "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      return "{" + sorted.map { Self.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\u{0}"..<" ": text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension CanonicalJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByDictionaryLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(dictionaryLiteral elements: (String, CanonicalJSON)...) {
    self = .object(Dictionary(uniqueKeysWithValues: elements))
  }

  static func optional(_ integer: Int?) -> CanonicalJSON { integer.map { .integer($0) } ?? .null }
  /// null also for what is not finite.
  static func optional(_ number: Double?) -> CanonicalJSON {
    number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
  }
  static func strings(_ strings: [String]) -> CanonicalJSON { .array(strings.map { .string($0) }) }
  static func strings(_ strings: [String: String]) -> CanonicalJSON { .object(strings.mapValues { .string($0) }) }
}
