import Foundation

/// A raw file of Wikitext (`wiki.test.raw`), in the two forms in which it is scored and drawn from.
///
/// Source: Merity et al. 2016 (arXiv:1609.07843); for the forms see `rows` and `pages`.
package struct Wikitext: Sendable {
  package let path: String
  /// Without their line feeds. The last one is what follows the last line feed: mostly nothing.
  private let lines: [String]

  package init(path: String) throws(CheckpointError) {
    self.path = path
    let file = try MappedFile(path: path)
    defer { withExtendedLifetime(file) {} }
    guard !file.bytes.isEmpty else { throw .unreadable(file: path, reason: "the file has no text") }
    var lines: [String] = []
    for (index, line) in file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw .unreadable(file: path, reason: "line \(index + 1) is no valid UTF-8")
      }
      lines.append(text)
    }
    self.lines = lines
  }

  /// The rows of the Hugging Face data set, which GPTQ and SparseGPT join: a line with its line feed, or nothing for a
  /// blank line.
  ///
  /// Source: datasets/wikitext/wikitext.py in huggingface/datasets; `gptq.md` section 5.
  package var rows: [String] {
    let whole = lines.last == "" ? lines.dropLast() : lines[...]
    return whole.enumerated().map { index, line in
      if line.unicodeScalars.allSatisfy(\.isPythonSpace) { return "" }
      // The last line may be without a line feed.
      return index == lines.count - 1 ? line : line + "\n"
    }
  }

  /// The pages that lm-evaluation-harness scores, each one document. A line that looks like a title begins one, so that
  /// two formulas of the test file do as well: 62 pages for 60 articles.
  ///
  /// Source: lm_eval/datasets/wikitext/wikitext.py in lm-evaluation-harness 0.3.0; `tasks.md` section 4.
  package var pages: [String] {
    var pages: [String] = []
    var page: [String] = []
    func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(\.isPythonSpace) }
    for line in lines {
      if Self.isTitle(line) {
        let text = page.joined(separator: "\n")
        if !isBlank(text) { pages.append(text) }
        page = []
      }
      page.append(line)
    }
    pages.append(page.joined(separator: "\n"))
    return pages
  }

  private static func isTitle(_ line: String) -> Bool {
    let heading = replacing("= =", with: "==", in: replacing("= = =", with: "===", in: line))
    let scalars = Array(heading.unicodeScalars)
    guard let first = scalars.firstIndex(where: { !$0.isPythonSpace }),
      let last = scalars.lastIndex(where: { !$0.isPythonSpace })
    else { return false }
    let stripped = scalars[first...last]
    return stripped.starts(with: "= ".unicodeScalars) && stripped.reversed().starts(with: "= ".unicodeScalars)
  }

  /// Python's `str.replace`: from left to right, not overlapping.
  private static func replacing(_ pattern: String, with replacement: String, in text: String) -> String {
    // Titles are few and most lines have no such pattern.
    text.utf8.contains(UInt8(ascii: "="))
      ? text.replacingOccurrences(of: pattern, with: replacement, options: .literal) : text
  }
}
