import Comparison
import Foundation

// A table of scores in the forms that other programs read: Markdown, LaTeX, CSV and HTML.

extension ScoreTable {
  package func markdown() -> String {
    var lines = [["model", "method", "trained", "formula"] + columns]
    lines.append(["---", "---"] + [String](repeating: "---:", count: columns.count + 2))
    for row in rows {
      lines.append(
        [row.model, row.method, row.trained.map(grouped) ?? "–", row.formula.map(grouped) ?? "–"]
          + row.scores.map { $0.map(\.text) ?? "–" })
      if row.isPublished { lines.append(["", "paper", "", ""] + row.published.map { $0 ?? "–" }) }
    }
    let table = lines.enumerated().map { index, cells in
      "| " + cells.map { index == 1 ? $0 : Self.escapedMarkdown($0) }.joined(separator: " | ") + " |\n"
    }.joined()
    return "**\(Self.escapedMarkdown(title))**\n\n\(table)\n\(Self.escapedMarkdown(caption))\n"
  }

  private static func escapedMarkdown(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "|<*_`\\[".contains(character) { result.append("\\") }
      result.append(character == "\n" ? " " : character)
    }
  }

  /// For `\input`; needs `\usepackage{booktabs}`. A model's rows stand together between rules.
  package func latex() -> String {
    var lines = [
      "% \(Self.escapedLaTeX(title))", "\\begin{tabular}{ll\(String(repeating: "r", count: columns.count + 2))}",
      "\\toprule",
      Self.line(["Model", "Method", "Trained", "Formula"] + columns.map(Self.escapedLaTeX)),
    ]
    var model: String?
    for row in rows {
      if row.model != model { lines.append("\\midrule") }
      lines.append(
        Self.line(
          [
            row.model == model ? "" : Self.escapedLaTeX(row.model), Self.escapedLaTeX(row.method),
            row.trained.map(grouped) ?? "--", row.formula.map(grouped) ?? "--",
          ] + row.scores.map { $0.map(Self.latex) ?? "--" }))
      if row.isPublished {
        lines.append(
          Self.line(
            ["", "\\textit{paper}", "", ""]
              + row.published.map { $0.map { "\\textit{\(Self.escapedLaTeX($0))}" } ?? "--" }))
      }
      model = row.model
    }
    return (lines + ["\\bottomrule", "\\end{tabular}"]).map { $0 + "\n" }.joined()
  }

  private static func line(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\" }

  private static func latex(_ score: Score) -> String {
    decimal(score.value, 2) + (score.error.map { " {\\scriptsize $\\pm$ \(decimal($0, 2))}" } ?? "")
  }

  private static func escapedLaTeX(_ text: String) -> String {
    text.map { character in
      switch character {
      case "\\": "\\textbackslash{}"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "&", "%", "$", "#", "_", "{", "}": "\\\(character)"
      case "\n": " "
      default: String(character)
      }
    }.joined()
  }

  /// Numbers without rounding; for each column its value, its standard error, and what the paper printed where it did.
  package func csv() -> String {
    let kinds = hasPublished ? ["", " standard error", " paper"] : ["", " standard error"]
    let heading =
      ["model", "method", "trained parameters", "by formula"] + columns.flatMap { column in kinds.map { column + $0 } }
    let lines = rows.map { row -> [String] in
      var fields = [row.model, row.method, row.trained.map(String.init) ?? "", row.formula.map(String.init) ?? ""]
      for (score, published) in zip(row.scores, row.published) {
        fields.append(score.map { String($0.value) } ?? "")
        fields.append(score?.error.map { String($0) } ?? "")
        if hasPublished { fields.append(published ?? "") }
      }
      return fields
    }
    return ([heading] + lines).map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
  }

  /// RFC 4180: in quotes where it needs them.
  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\n\r".contains($0) }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }

  /// A table element without a page around it.
  package func html() -> String {
    markup(caption: .element("caption", [.element("strong", [.text(title)]), " ", .text(caption)])).html
  }

  func markup(caption: Markup) -> Markup {
    let heading = ["method", "trained", "formula"] + columns
    var model: String?
    var body: [Markup] = []
    for row in rows {
      if row.model != model {
        body.append(.groupRow(row.model, columns: heading.count))
      }
      model = row.model
      let cells: [Markup] =
        [
          .element("th", ["scope": "row"], [.text(row.method)]),
          .element("td", ["class": "number"], [.text(row.trained.map(grouped) ?? "–")]),
          .element("td", ["class": "number"], [.text(row.formula.map(grouped) ?? "–")]),
        ] + row.scores.map(Self.cell)
      body.append(.element("tr", row.isReference ? ["class": "reference"] : [:], cells))
      if row.isPublished {
        let printed = row.published.map { Markup.element("td", ["class": "number"], [.text($0 ?? "–")]) }
        let names: [Markup] = [.element("th", ["scope": "row"], ["paper"]), .element("td", []), .element("td", [])]
        body.append(.element("tr", ["class": "paper"], names + printed))
      }
    }
    return .element(
      "table", ["class": "scores"],
      [
        caption,
        .element(
          "thead",
          [
            .element(
              "tr",
              heading.enumerated().map { index, name in
                .element(
                  "th", index < 1 ? ["scope": "col"] : ["scope": "col", "class": "number"], Self.breakable(name))
              })
          ]),
        .element("tbody", body),
      ])
  }

  /// A name that may be broken behind its underscores.
  private static func breakable(_ name: String) -> [Markup] {
    let parts = name.split(separator: "_", omittingEmptySubsequences: false)
    return parts.enumerated().flatMap { index, part in
      index == parts.count - 1 ? [.text(String(part))] : [.text("\(part)_"), .element("wbr", [])]
    }
  }

  private static func cell(_ score: Score?) -> Markup {
    guard let score else { return .element("td", ["class": "number"], ["–"]) }
    let error = score.error.map { Markup.element("small", [.text("±\(decimal($0, 2))")]) }
    return .element("td", ["class": "number"], [.text(decimal(score.value, 2))] + [error].compactMap(\.self))
  }
}

extension ScoreTable.Row {
  fileprivate var isPublished: Bool { published.contains { $0 != nil } }
}

extension Score {
  fileprivate var text: String { decimal(value, 2) + (error.map { " ± \(decimal($0, 2))" } ?? "") }
}
