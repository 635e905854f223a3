import Tensors

/// Wanda: removes of each row the weights of the least |w| · ‖x‖, with ‖x‖ the norm of the weight's input, and corrects
/// nothing.
///
/// A share of a row is counted exactly, and of equal scores the first go.
///
/// Source: Sun et al. 2023, "A Simple and Effective Pruning Approach for Large Language Models" (arXiv:2306.11695);
/// `prune_wanda` in locuslab/wanda; `sparsegpt.md` section 3.
package struct Wanda: LayerCompressor, Equatable {
  package let pattern: SparsityPattern

  package init(_ pattern: SparsityPattern) {
    pattern.expectPossible()
    self.pattern = pattern
  }

  package var needs: InputStatistics.Kind { .columnNorms }

  package func prepare(_ inputs: InputStatistics, workers: Workers) -> ColumnNorms {
    guard case .columnNorms(let norms) = inputs else { preconditionFailure("Wanda without norms") }
    return norms
  }

  // The weight, the rows of the pieces and the result.
  package var bytesPerWeight: Int { 12 }

  package func compressed(_ weight: Matrix, _ norms: ColumnNorms, workers: Workers) throws -> CompressedMatrix {
    let width = weight.columnCount
    precondition(norms.meanSquares.count == width, "\(norms.meanSquares.count) norms for \(width) columns")
    let roots = norms.meanSquares.map { $0.squareRoot() }
    let rowsPerPiece = 64
    let pieces = try workers.map((weight.rowCount + rowsPerPiece - 1) / rowsPerPiece) { piece in
      var rows = weight.rows(piece * rowsPerPiece..<min((piece + 1) * rowsPerPiece, weight.rowCount))
      var scores = rows
      scores.withMutableElements { for index in $0.indices { $0[index] = abs($0[index]) * roots[index % width] } }
      switch pattern {
      case .unstructured(let share):
        rows.removeSmallest(SparsityPattern.count(share, of: width), ofEach: width, by: scores)
      case .ofEach(let zeros, let group): rows.removeSmallest(zeros, ofEach: group, by: scores)
      }
      return rows
    }
    var result = weight
    for (piece, rows) in pieces.enumerated() { result.replaceRows(from: piece * rowsPerPiece, by: rows) }
    return CompressedMatrix(weight: result, quantization: nil, pattern: pattern, error: nil)
  }
}
