import Tensors

/// Sequences one below the other in one matrix, so that a weight is read once for all of them.
///
/// What a row becomes must not depend on the rows around it. With OpenBLAS's kernels for x86-64 it does not where each
/// sequence begins at a multiple of twelve rows and ends, with padding, at another: the widest strip in which any of them
/// takes rows. (Measured with 0.3.21: rows that fill no strip are summed in another order by the Haswell kernel.)
struct SequencePacking {
  /// The rows of each sequence.
  let sequences: [Range<Int>]
  /// The rows of none.
  let padding: [Range<Int>]
  let rowCount: Int

  private static let strip = 12

  init(lengths: [Int]) {
    var sequences: [Range<Int>] = []
    var padding: [Range<Int>] = []
    var next = 0
    for length in lengths {
      sequences.append(next..<next + length)
      let end = next + (length + Self.strip - 1) / Self.strip * Self.strip
      padding.append(next + length..<end)
      next = end
    }
    self.sequences = sequences
    self.padding = padding
    rowCount = next
  }

  /// Zeros in the rows of padding.
  func packed(_ matrices: [Matrix]) -> Matrix {
    var result = Matrix(uninitializedRows: rowCount, columns: matrices.first?.columnCount ?? 0)
    for (rows, matrix) in zip(sequences, matrices) { result.replaceRows(from: rows.lowerBound, by: matrix) }
    result.clearRows(padding)
    return result
  }

  func unpacked(_ matrix: Matrix) -> [Matrix] { sequences.map { matrix.rows($0) } }

  /// Each row's position in its sequence; that of padding is of no account.
  var positions: [Int] {
    zip(sequences, padding).flatMap { sequence, padding in
      Array(0..<sequence.count) + Array(repeating: 0, count: padding.count)
    }
  }
}

extension LanguageModel {
  /// Hidden states (Tᵢ, C) after the last block, before the last norm, of sequences that stand alone, each at positions
  /// 0 … Tᵢ - 1. A sequence's have the same bits whatever others run with it.
  package func runBlocks(batch embeddings: [Matrix]) -> [Matrix] {
    let packing = SequencePacking(lengths: embeddings.map(\.rowCount))
    var pass = ForwardPass(packing)
    return packing.unpacked(runBlocks(packing.packed(embeddings), at: packing.positions, &pass))
  }
}
