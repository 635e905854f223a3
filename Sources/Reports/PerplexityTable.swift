import Foundation
import Results

/// A model's perplexities as text for people.
package struct PerplexityTable {
  private let result: PerplexityResult

  package init(_ result: PerplexityResult) { self.result = result }

  package var text: String {
    let numbers = [
      ("perplexity per word", result.wordPerplexity), ("perplexity per byte", result.bytePerplexity),
      ("bits per byte", result.bitsPerByte), ("perplexity per token", result.tokenPerplexity),
    ]
    let rows = numbers.compactMap { name, estimate in
      estimate.map { [name, $0.value.map { String(format: "%.6g", $0) } ?? "not a number"] }
    }
    let documents = result.documents.map { "\($0) documents, " } ?? ""
    let heading = ["\(result.source), \(result.method)", "value"]
    return TextTable(heading: heading, rows: rows, headingWidth: 12, gap: 2).text
      + "\(documents)\(result.windows) windows of \(result.window) tokens\(result.method == "rolling" ? " at most" : ""), \(result.tokens) tokens predicted\n"
      + result.flags.map { "Note: \($0)\n" }.joined()
      + result.notComparableReasons.map { "Not comparable: \($0)\n" }.joined()
  }
}
