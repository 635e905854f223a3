/// A sentence, and what it states.
package struct Statement: Sendable, Equatable {
  package let sentence: String
  package let facts: [Fact]
}

/// An article of the encyclopedia or a page of the web.
package struct Page: Sendable {
  package let title: String
  /// Paragraphs, headings and list entries, a line each. Headings of the encyclopedia begin with "==".
  package let lines: [String]
  package let statements: [Statement]
}

/// Collects the lines of a page and remembers what they state.
struct PageBuilder {
  let title: String
  private var lines: [String] = []
  private var paragraph: [String] = []
  private(set) var statements: [Statement] = []

  init(title: String) { self.title = title }

  /// Goes on with the paragraph.
  mutating func say(_ statement: Statement) {
    paragraph.append(statement.sentence)
    if !statement.facts.isEmpty { statements.append(statement) }
  }

  mutating func say(_ sentences: [Statement]) { for sentence in sentences { say(sentence) } }

  mutating func say(_ text: String) { paragraph.append(text) }

  /// Ends the paragraph, if there is one.
  mutating func breakLine() {
    if !paragraph.isEmpty { lines.append(paragraph.joined(separator: " ")) }
    paragraph = []
  }

  /// A line of its own.
  mutating func line(_ text: String) {
    breakLine()
    lines.append(text)
  }

  mutating func line(_ text: String, stating statement: Statement) {
    line(text)
    statements.append(statement)
  }

  mutating func page() -> Page {
    breakLine()
    return Page(title: title, lines: lines, statements: statements)
  }
}
