/// Cells of text in aligned columns: words to the left, numbers to the right.
package struct TextTable {
  /// Columns of the terminal that the table takes.
  package let width: Int
  private let headingLines: [[String]]
  private let rows: [[String]]
  private let widths: [Int]
  private let gap: Int
  private let textColumns: Set<Int>

  /// - Parameters:
  ///   - headingWidth: Headings longer than this are broken over lines; the first column's is not.
  ///   - textColumns: Those that hold words.
  package init(heading: [String], rows: [[String]], headingWidth: Int, gap: Int, textColumns: Set<Int> = [0]) {
    let broken = heading.enumerated().map { index, name in
      index == 0 ? [name] : Self.broken(name, to: headingWidth)
    }
    let height = broken.map(\.count).max() ?? 0
    headingLines = (0..<height).map { line in
      broken.map { parts in line < height - parts.count ? "" : parts[line - (height - parts.count)] }
    }
    self.rows = rows
    self.gap = gap
    self.textColumns = textColumns
    let lines = headingLines + rows
    widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    width = widths.reduce(0, +) + gap * max(0, widths.count - 1)
  }

  package var text: String {
    let rule = String(repeating: "─", count: width)
    return (headingLines.map(line) + [rule] + rows.map(line)).map { $0 + "\n" }.joined()
  }

  private func line(_ cells: [String]) -> String {
    let padded = zip(cells, widths).enumerated().map { index, cell in
      let padding = String(repeating: " ", count: cell.1 - cell.0.count)
      return textColumns.contains(index) ? cell.0 + padding : padding + cell.0
    }
    let line = padded.joined(separator: String(repeating: " ", count: gap))
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  /// Breaks a name at underscores where that is enough, and into equal pieces where it is not.
  private static func broken(_ name: String, to width: Int) -> [String] {
    guard name.count > width else { return [name] }
    return name.split(separator: "_").flatMap { part in
      let pieces = (part.count + width - 1) / width
      let length = (part.count + pieces - 1) / pieces
      return stride(from: 0, to: part.count, by: length).map { start in String(part.dropFirst(start).prefix(length)) }
    }
  }
}
