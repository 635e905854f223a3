import Tensors

/// SparseGPT: removes weights block by block of columns, each time correcting the columns to come for the error made; and
/// quantizes what is left, where that is asked for.
///
/// Source: Frantar and Alistarh 2023, "SparseGPT" (arXiv:2301.00774), Algorithm 1; `fasterprune` in IST-DASLab/sparsegpt;
/// `sparsegpt.md` sections 1 and 5.
package struct SparseGPT: LayerCompressor, Equatable {
  /// Which weights of a block a share is.
  package enum Counting: Sendable, Equatable {
    /// What is not above the score at the share's place among all of the block: one more than the share, and every score
    /// that equals it (IST-DASLab/sparsegpt).
    case byThreshold
    /// The share, rounded down; of equal scores the first go, row by row.
    case exactly
  }

  package let pattern: SparsityPattern
  package let counting: Counting
  package let quantizer: Quantizer?
  package let blockSize: Int
  package let dampening: Dampening

  package init(
    _ pattern: SparsityPattern, counting: Counting = .byThreshold, quantizer: Quantizer? = nil,
    blockSize: Int = 128,  // blocksize in IST-DASLab/sparsegpt
    dampening: Dampening = Dampening()
  ) {
    pattern.expectPossible()
    precondition(blockSize > 0, "blocks of \(blockSize) columns")
    if case .ofEach(_, let width) = pattern {
      precondition(blockSize % width == 0, "blocks of \(blockSize) columns cut groups of \(width)")
    }
    self.pattern = pattern
    self.counting = counting
    self.quantizer = quantizer
    self.blockSize = blockSize
    self.dampening = dampening
  }

  package var needs: InputStatistics.Kind { .hessian }

  package func prepare(_ inputs: InputStatistics, workers: Workers) throws -> HessianFactor {
    guard case .hessian(let hessian) = inputs else { preconditionFailure("SparseGPT without a Hessian") }
    return try HessianFactor(hessian, dampening: dampening, workers: workers)
  }

  package func compressed(_ weight: Matrix, _ factor: HessianFactor, workers: Workers) throws -> CompressedMatrix {
    let sweep = try ColumnSweep(
      weight, factor: factor, blockSize: blockSize, quantizer: quantizer, workers: workers)
    switch pattern {
    case .ofEach(let zeros, let width):
      workers.forEach(sweep.pieceCount) { piece in
        for block in sweep.blocks.indices {
          sweep.compress(
            block: block, piece: piece, sweep.corrected(block: block, piece: piece),
            removal: .ofEach(count: zeros, of: width))
        }
      }
    case .unstructured(let share):
      for block in sweep.blocks.indices {
        let corrected = try workers.map(sweep.pieceCount) { sweep.corrected(block: block, piece: $0) }
        let scores = try workers.map(sweep.pieceCount) { sweep.scores(corrected[$0], block: block) }
        let limit = try self.limit(share, of: scores, workers: workers)
        workers.forEach(sweep.pieceCount) { piece in
          sweep.compress(
            block: block, piece: piece, corrected[piece], removal: .these(limit.removed(scores[piece], piece: piece)))
        }
      }
    }
    return sweep.result(pattern: pattern)
  }

  package func uncorrected(_ weight: Matrix, workers: Workers) throws -> Matrix? {
    let pruned = try MagnitudePruning(pattern).compressed(weight, (), workers: workers).weight
    guard let quantizer else { return pruned }
    return try RoundToNearest(quantizer).compressed(pruned, (), workers: workers).weight
  }

  // As for GPTQ; codes where there are any.
  package var bytesPerWeight: Int { 4 + 12 + 4 + (quantizer == nil ? 0 : 2) }

  package func dampeningFractions(_ factor: HessianFactor) -> [Float] { factor.dampeningFractions }

  // MARK: Choosing among a block's weights

  /// Which scores are low enough.
  private struct Limit {
    let value: Float
    /// How many of the scores that equal the limit go, by piece; nil: all.
    let equalCounts: [Int]?

    func removed(_ scores: Matrix, piece: Int) -> [Bool] {
      scores.withElements { scores in
        guard let equalCounts else { return scores.map { $0 <= value } }
        var left = equalCounts[piece]
        return scores.map { score in
          if score == value, left > 0 {
            left -= 1
            return true
          }
          return score < value
        }
      }
    }
  }

  private func limit(_ share: Double, of scores: [Matrix], workers: Workers) throws -> Limit {
    let total = scores.reduce(0) { $0 + $1.count }
    let count = SparsityPattern.count(share, of: total)
    guard total > 0, counting == .byThreshold || count > 0 else { return Limit(value: -1, equalCounts: nil) }
    var search = RankSearch(rank: counting == .byThreshold ? count : count - 1)
    while search.value == nil {
      let known = search
      let counts = try workers.map(scores.count) { scores[$0].withElements(known.counts) }
      search.narrow(counts.dropFirst().reduce(counts[0]) { sums, counts in zip(sums, counts).map(+) })
    }
    guard let value = search.value else { preconditionFailure("a search without an end") }
    guard counting == .exactly else { return Limit(value: value, equalCounts: nil) }
    var left = search.rank + 1
    let equalCounts = scores.map { scores in
      let taken = min(left, scores.withElements { $0.count { $0 == value } })
      left -= taken
      return taken
    }
    return Limit(value: value, equalCounts: equalCounts)
  }
}

extension ColumnSweep {
  /// (w / d)² for each weight (rows, block), d being U's diagonal.
  fileprivate func scores(_ corrected: Matrix, block: Int) -> Matrix {
    let squares = diagonal(block: block).map { $0 * $0 }
    var scores = corrected
    scores.withMutableElements { scores in
      for start in stride(from: 0, to: scores.count, by: squares.count) {
        for column in squares.indices {
          scores[start + column] = scores[start + column] * scores[start + column] / squares[column]
        }
      }
    }
    return scores
  }
}
