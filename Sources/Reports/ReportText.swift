/// A report in parts, written as aligned text for a terminal or as Markdown.
struct ReportText {
  enum Part {
    case title(String)
    case section(String)
    case paragraph(String)
    case list([String])
    /// Names, each with what it stands for.
    case facts([(name: String, text: String)])
    case table(heading: [String], rows: [[String]], textColumns: Set<Int>)
  }

  private(set) var parts: [Part] = []

  mutating func title(_ text: String) { parts.append(.title(text)) }
  mutating func section(_ text: String) { parts.append(.section(text)) }
  mutating func paragraph(_ text: String) { if !text.isEmpty { parts.append(.paragraph(text)) } }
  mutating func list(_ items: [String]) { if !items.isEmpty { parts.append(.list(items)) } }
  mutating func facts(_ facts: [(name: String, text: String)]) { if !facts.isEmpty { parts.append(.facts(facts)) } }
  mutating func table(_ heading: [String], _ rows: [[String]], textColumns: Set<Int> = [0]) {
    if !rows.isEmpty { parts.append(.table(heading: heading, rows: rows, textColumns: textColumns)) }
  }

  /// Lines of at most `width` characters.
  func plainText(width: Int) -> String {
    parts.enumerated().map { index, part in
      switch part {
      case .title(let text): wrapped(text, width: width)
      case .section(let text): (index > 0 ? "\n" : "") + wrapped(text, width: width)
      case .paragraph(let text): wrapped(text, width: width, indent: "  ")
      case .list(let items): items.map { wrapped($0, width: width, first: "  - ", indent: "    ") }.joined()
      case .facts(let facts):
        facts.map { wrapped($0.text, width: width, first: "  " + padded($0.name, to: 11), indent: "             ") }
          .joined()
      case .table(let heading, let rows, let textColumns): plainTable(heading, rows, textColumns, width)
      }
    }.joined()
  }

  /// Aligned columns where they fit into the width, and a list of rows where they do not.
  private func plainTable(_ heading: [String], _ rows: [[String]], _ textColumns: Set<Int>, _ width: Int) -> String {
    let table = TextTable(heading: heading, rows: rows, headingWidth: 100, gap: 2, textColumns: textColumns)
    guard table.width + 2 > width else { return table.text.split(separator: "\n").map { "  \($0)\n" }.joined() }
    let items = rows.map { row in
      (row.first ?? "") + ": " + row.dropFirst().filter { !$0.isEmpty }.joined(separator: " ")
    }
    return items.map { wrapped($0, width: width, first: "  - ", indent: "    ") }.joined()
  }

  func markdown() -> String {
    parts.map { part in
      switch part {
      case .title(let text): "# \(escaped(text))\n"
      case .section(let text): "## \(escaped(text))\n"
      case .paragraph(let text): escaped(text) + "\n"
      case .list(let items): items.map { "- \(escaped($0))\n" }.joined()
      case .facts(let facts): facts.map { "- **\($0.name)**: \(escaped($0.text))\n" }.joined()
      case .table(let heading, let rows, let textColumns): markdownTable(heading, rows, textColumns)
      }
    }.joined(separator: "\n")
  }

  private func markdownTable(_ heading: [String], _ rows: [[String]], _ textColumns: Set<Int>) -> String {
    let rule = heading.indices.map { textColumns.contains($0) ? "---" : "---:" }
    return ([heading.map(escaped), rule] + rows.map { $0.map(escaped) }).map {
      "| " + $0.joined(separator: " | ") + " |\n"
    }.joined()
  }

  private func padded(_ name: String, to width: Int) -> String {
    name + String(repeating: " ", count: max(1, width - name.count))
  }

  private func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "|<*".contains(character) { result.append("\\") }
      result.append(character)
    }
  }

  /// Breaks at spaces; a word longer than a line stands alone.
  private func wrapped(_ text: String, width: Int, first: String? = nil, indent: String = "") -> String {
    var lines: [String] = []
    var line = first ?? indent
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent
        isEmpty = true
      }
      line += isEmpty ? String(word) : " \(word)"
      isEmpty = false
    }
    return (lines + [line]).map { $0 + "\n" }.joined()
  }
}
