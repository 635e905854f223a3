import Tensors

/// Rounds each weight to the nearest value of its grid.
///
/// The reference does so in the model's own type, half precision for most; here in floats.
///
/// Source: the option `--nearest` of IST-DASLab/gptq's llama.py; `gptq.md` section 3.
package struct RoundToNearest: LayerCompressor, Equatable {
  package let quantizer: Quantizer

  package init(_ quantizer: Quantizer) { self.quantizer = quantizer }

  // The weight, and values and codes, of the pieces and of all rows.
  package var bytesPerWeight: Int { 4 + 5 + 5 }

  /// Rows that one piece of work takes.
  private static let rowsPerPiece = 64

  package func compressed(_ weight: Matrix, _: Void, workers: Workers) throws -> CompressedMatrix {
    let (rowCount, columnCount) = (weight.rowCount, weight.columnCount)
    let groups = (0..<columnCount).map { $0 / (quantizer.groupSize ?? max(columnCount, 1)) }
    let parts = try workers.map((rowCount + Self.rowsPerPiece - 1) / Self.rowsPerPiece) { piece in
      let first = piece * Self.rowsPerPiece
      let rows = weight.rows(first..<min(first + Self.rowsPerPiece, rowCount))
      return rounded(rows, groups: groups)
    }
    var values = Matrix(uninitializedRows: rowCount, columns: columnCount)
    var scales = Matrix(uninitializedRows: rowCount, columns: quantizer.groupCount(columns: columnCount))
    var zeros = scales
    var codes: [UInt8] = []
    codes.reserveCapacity(weight.count)
    for (piece, part) in parts.enumerated() {
      values.replaceRows(from: piece * Self.rowsPerPiece, by: part.values)
      scales.replaceRows(from: piece * Self.rowsPerPiece, by: part.grids.scales)
      zeros.replaceRows(from: piece * Self.rowsPerPiece, by: part.grids.zeros)
      codes += part.codes
    }
    let quantization = CompressedMatrix.Quantization(
      quantizer: quantizer, codes: codes, scales: scales, zeros: zeros, groups: groups,
      order: Array(0..<columnCount))
    return CompressedMatrix(weight: values, quantization: quantization, pattern: nil, error: nil)
  }

  private func rounded(_ weight: Matrix, groups: [Int]) -> (values: Matrix, codes: [UInt8], grids: GridTable) {
    let grids = GridTable(fitting: weight, by: quantizer)
    var values = weight
    var codes = [UInt8](repeating: 0, count: weight.count)
    values.withMutableElements { values in
      for row in 0..<weight.rowCount {
        for column in 0..<weight.columnCount {
          let group = groups[column]
          let grid = QuantizationGrid(
            levels: quantizer.levels, scale: grids.scales[row, group], zero: grids.zeros[row, group])
          let place = row * weight.columnCount + column
          let code = grid.code(of: values[place])
          codes[place] = UInt8(code)
          values[place] = grid.value(of: code)
        }
      }
    }
    return (values, codes, grids)
  }
}
