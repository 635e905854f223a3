/// A JSON value to be written, its members in the order given.
package indirect enum JSONLine: Sendable {
  case text(String)
  case number(Int)
  case literal(String)
  case list([JSONLine])
  case object([(String, JSONLine)])

  /// On one line, with the separators given.
  package func written(comma: String = ", ", colon: String = ": ") -> String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .number(let number): String(number)
    case .literal(let literal): literal
    case .list(let elements):
      "[" + elements.map { $0.written(comma: comma, colon: colon) }.joined(separator: comma) + "]"
    case .object(let members):
      "{"
        + members.map { Self.quoted($0.0) + colon + $0.1.written(comma: comma, colon: colon) }
        .joined(separator: comma) + "}"
    }
  }

  /// Without a blank behind commas and colons.
  var compact: String { written(comma: ",", colon: ":") }

  /// On many lines, so many blanks for each level.
  func indented(by width: Int, level: Int = 0) -> String {
    let inner = String(repeating: " ", count: width * (level + 1))
    let outer = String(repeating: " ", count: width * level)
    func block(_ open: String, _ lines: [String], _ close: String) -> String {
      lines.isEmpty
        ? open + close : open + "\n" + lines.map { inner + $0 }.joined(separator: ",\n") + "\n" + outer + close
    }
    switch self {
    case .text, .number, .literal: return written()
    case .list(let elements): return block("[", elements.map { $0.indented(by: width, level: level + 1) }, "]")
    case .object(let members):
      return block("{", members.map { Self.quoted($0.0) + ": " + $0.1.indented(by: width, level: level + 1) }, "}")
    }
  }

  /// The texts of the world are ASCII.
  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }
}
