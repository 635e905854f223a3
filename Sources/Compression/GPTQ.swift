import Tensors

/// GPTQ: quantizes a weight column by column, each time correcting the columns to come for the error made.
///
/// Source: Frantar et al. 2023, "GPTQ" (arXiv:2210.17323), Algorithm 1; `fasterquant` in IST-DASLab/gptq; `gptq.md`
/// section 2.
package struct GPTQ: LayerCompressor, Equatable {
  package let quantizer: Quantizer
  /// Whether the columns whose inputs matter most come first ("act-order").
  package let ordersByActivation: Bool
  /// Whether groups are of neighbouring columns and their grids fitted beforehand ("static-groups").
  package let hasStaticGroups: Bool
  package let blockSize: Int
  package let dampening: Dampening

  package init(
    _ quantizer: Quantizer, ordersByActivation: Bool = false, hasStaticGroups: Bool = false,
    blockSize: Int = 128,  // blocksize in IST-DASLab/gptq
    dampening: Dampening = Dampening()
  ) {
    precondition(blockSize > 0, "blocks of \(blockSize) columns")
    self.quantizer = quantizer
    self.ordersByActivation = ordersByActivation
    self.hasStaticGroups = hasStaticGroups
    self.blockSize = blockSize
    self.dampening = dampening
  }

  package var needs: InputStatistics.Kind { .hessian }

  package func prepare(_ inputs: InputStatistics, workers: Workers) throws -> HessianFactor {
    guard case .hessian(let hessian) = inputs else { preconditionFailure("GPTQ without a Hessian") }
    return try HessianFactor(
      hessian, dampening: dampening, ordersByActivation: ordersByActivation, workers: workers)
  }

  package func compressed(_ weight: Matrix, _ factor: HessianFactor, workers: Workers) throws -> CompressedMatrix {
    let sweep = try ColumnSweep(
      weight, factor: factor, blockSize: blockSize, quantizer: quantizer, hasStaticGroups: hasStaticGroups,
      workers: workers)
    // Rows know nothing of one another: each piece goes through all blocks.
    workers.forEach(sweep.pieceCount) { piece in
      for block in sweep.blocks.indices {
        sweep.compress(
          block: block, piece: piece, sweep.corrected(block: block, piece: piece), removal: .none)
      }
    }
    return sweep.result(pattern: nil)
  }

  package func uncorrected(_ weight: Matrix, workers: Workers) throws -> Matrix? {
    try RoundToNearest(quantizer).compressed(weight, (), workers: workers).weight
  }

  // The weight and, while the pieces are put together: what was given, what is passed on, values and codes, and the last
  // two of all rows, once more where they are put in order.
  package var bytesPerWeight: Int { 4 + 13 + 5 + (ordersByActivation ? 5 : 0) }

  package func dampeningFractions(_ factor: HessianFactor) -> [Float] { factor.dampeningFractions }
}
