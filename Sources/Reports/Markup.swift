/// A piece of HTML. Text that comes into it is escaped, so that nothing from a result can be taken for markup; what it
/// offers is what the report needs, which a library of templates would not make shorter or safer.
package struct Markup: Equatable, Sendable {
  package let html: String

  private init(html: String) { self.html = html }

  package static func text(_ text: String) -> Markup { Markup(html: escaped(text)) }

  /// Markup that this program, or gnuplot from texts that it cleaned, has written.
  package static func trusted(_ html: String) -> Markup { Markup(html: html) }

  /// Attributes are written in the order of their names.
  package static func element(
    _ name: String, _ attributes: [String: String] = [:], _ content: [Markup]
  ) -> Markup {
    let start = attributes.sorted { $0.key < $1.key }.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    // A line for each row and block keeps the file readable; inside a line a break would be a blank.
    let end = blocks.contains(name) ? "\n" : ""
    guard !emptyElements.contains(name) else { return Markup(html: "<\(name)\(start)>" + end) }
    return Markup(html: "<\(name)\(start)>" + content.map(\.html).joined() + "</\(name)>" + end)
  }

  package static func element(_ name: String, _ content: [Markup]) -> Markup { element(name, [:], content) }

  /// A row of a table that names the rows below it. The name is an element of its own, so that it can stay in sight while
  /// a wide table moves sideways.
  static func groupRow(_ name: String, columns: Int) -> Markup {
    let cell = Markup.element(
      "th", ["colspan": String(columns), "scope": "rowgroup"], [.element("span", [.text(name)])])
    return .element("tr", ["class": "group"], [cell])
  }

  private static let emptyElements: Set = ["meta", "wbr"]
  private static let blocks: Set = [
    "html", "head", "body", "meta", "title", "style", "header", "main", "nav", "section", "footer", "h1", "h2", "h3",
    "p",
    "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "caption", "figure", "figcaption", "div",
    "details", "summary", "pre",
  ]

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Control characters have no place in HTML, as numbers or otherwise.
      case "\u{0}"..."\u{8}", "\u{b}"..."\u{1f}", "\u{7f}"..."\u{9f}": result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Markup: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self = .text(text) }
}
