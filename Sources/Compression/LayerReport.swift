import Models

/// What compressing one linear layer did.
package struct LayerReport: Sendable, Equatable, Codable {
  package let layer: String
  package let weightCount: Int
  package let zeroCount: Int
  /// Codes or halves, scales, zeros, and a bit a place for which weights are left where some are removed.
  package let bitsPerWeight: Double
  /// The method's own error measure (`CompressedMatrix.error`), where it has one.
  package let error: Double?
  /// |X (W - Q)ᵀ| / |X Wᵀ| for the first calibration tokens X, which are those that come through the blocks before, already
  /// compressed; nil without calibration.
  package let outputError: Double?
  /// The same before any correction: weights rounded or removed, and no more. nil for methods that correct nothing.
  package let uncorrectedOutputError: Double?
  /// The dampening fractions tried, the last of them with success; empty where there is no Hessian.
  package let dampeningFractions: [Float]
  package let seconds: Double

  /// Whether all but the time is the same.
  package func isSame(as other: LayerReport) -> Bool { with(seconds: 0) == other.with(seconds: 0) }

  private func with(seconds: Double) -> LayerReport {
    LayerReport(
      layer: layer, weightCount: weightCount, zeroCount: zeroCount, bitsPerWeight: bitsPerWeight, error: error,
      outputError: outputError, uncorrectedOutputError: uncorrectedOutputError,
      dampeningFractions: dampeningFractions, seconds: seconds)
  }
}

extension [LayerReport] {
  package var weightCount: Int { reduce(0) { $0 + $1.weightCount } }

  /// The share of all weights that are zero.
  package var zeroFraction: Double { Double(reduce(0) { $0 + $1.zeroCount }) / Double(weightCount) }

  package var bitsPerWeight: Double {
    reduce(0) { $0 + $1.bitsPerWeight * Double($1.weightCount) } / Double(weightCount)
  }

  /// The sum of the method's own error measures; 0 for methods without.
  package var errorSum: Double { reduce(0) { $0 + ($1.error ?? 0) } }
}
