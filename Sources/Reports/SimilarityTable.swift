import Foundation
import Results

/// The similarity of two models as text for people: a row a block.
package struct SimilarityTable {
  private let result: SimilarityResult

  package init(_ result: SimilarityResult) { self.result = result }

  package var text: String {
    let found = result.similarity
    let curves = [
      found.attentionByRow, found.attentionFlattened, found.activationsByRow, found.activationsFlattened,
    ]
    func row(_ name: String, _ values: [Double]) -> [String] { [name] + values.map { String(format: "%.6f", $0) } }
    var rows = found.attentionByRow.indices.map { block in row("\(block)", curves.map { $0[block] }) }
    rows.append(row("mean", curves.map { $0.reduce(0, +) / Double($0.count) }))
    return TextTable(
      heading: [
        "block", "attention_by row", "attention_flattened", "activations_by row", "activations_flattened",
      ], rows: rows, headingWidth: 12, gap: 2
    ).text
      + "Cosines of \(result.model.name) with \(result.original.name), on \(found.samples) texts of \(found.length) "
      + "tokens of \(result.source). By row: the mean over queries and heads, or tokens. Flattened: all of a text as one "
      + "vector.\nOnly the texts' own tokens count: what prompts or a prefix draw to themselves is left out, and rows are "
      + "not made to sum to one again.\n"
  }
}
