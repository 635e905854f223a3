import Tensors

/// A compressed weight.
package struct CompressedMatrix: Sendable {
  /// (rows, columns): the values.
  package let weight: Matrix
  /// nil where weights are not quantized.
  package let quantization: Quantization?
  /// nil where no weight is removed.
  package let pattern: SparsityPattern?
  /// Half the sum of the squared errors, each in units of its column's U diagonal: what the reference prints. nil for
  /// methods that know no U.
  package let error: Double?

  /// The codes and the grids of a quantized weight.
  package struct Quantization: Sendable {
    package let quantizer: Quantizer
    /// (rows, columns) in row order.
    package let codes: [UInt8]
    /// (rows, groups)
    package let scales: Matrix
    /// (rows, groups): whole numbers; with three values the smallest of them.
    package let zeros: Matrix
    /// The group of each column.
    package let groups: [Int]
    /// The columns in the order in which they were quantized.
    package let order: [Int]

    func grid(row: Int, column: Int) -> QuantizationGrid {
      QuantizationGrid(
        levels: quantizer.levels, scale: scales[row, groups[column]], zero: zeros[row, groups[column]])
    }
  }

  /// With other values in the place of its own, and all else as it is.
  package func replacing(weight: Matrix) -> CompressedMatrix {
    CompressedMatrix(weight: weight, quantization: quantization, pattern: pattern, error: error)
  }

  package var zeroCount: Int { weight.withElements { $0.count { $0 == 0 } } }

  /// Codes with their scales and zeros, or halves where weights are not quantized. Where weights are removed, only what is
  /// left is counted, and a bit for each place that says whether it is.
  package var bitsPerWeight: Double {
    guard weight.count > 0 else { return 0 }
    let valueBits = quantization?.quantizer.bitsPerCode ?? 16
    let keptCount = pattern == nil ? weight.count : weight.count - zeroCount
    let gridBits = quantization.map { $0.scales.count * $0.quantizer.bitsPerGroup } ?? 0
    let maskBits = pattern == nil ? 0 : weight.count
    return Double(valueBits * keptCount + gridBits + maskBits) / Double(weight.count)
  }
}
