import Tensors

/// A quantized weight: its codes and grids, and the values they stand for, scale · (code - zero).
package struct QuantizedMatrix: Sendable {
  /// (rows, columns): the values.
  package private(set) var weight: Matrix
  /// Row-major, one code a weight.
  package private(set) var codes: [UInt8]
  /// (rows, groups)
  package private(set) var scales: Matrix
  /// (rows, groups): whole numbers.
  package private(set) var zeros: Matrix
  package let groupSize: Int
  /// Half the sum of the squared errors, each in units of its column's U diagonal: what the reference prints.
  package internal(set) var error = 0.0

  init(rows: Int, columns: Int, groupSize: Int, groupCount: Int) {
    weight = Matrix(uninitializedRows: rows, columns: columns)
    codes = Array(repeating: 0, count: rows * columns)
    scales = Matrix(rows: rows, columns: groupCount)
    zeros = Matrix(rows: rows, columns: groupCount)
    self.groupSize = groupSize
  }

  /// The rows of the pieces, one below the other.
  init(joining pieces: [QuantizedMatrix]) {
    precondition(!pieces.isEmpty, "a matrix without rows")
    self = pieces[0]
    for piece in pieces.dropFirst() {
      weight = weight.stacked(on: piece.weight)
      codes += piece.codes
      scales = scales.stacked(on: piece.scales)
      zeros = zeros.stacked(on: piece.zeros)
      error += piece.error
    }
  }

  mutating func set(_ grid: QuantizationGrid, row: Int, group: Int) {
    scales[row, group] = grid.scale
    zeros[row, group] = grid.zero
  }

  func grid(row: Int, group: Int, bits: Int) -> QuantizationGrid {
    QuantizationGrid(scale: scales[row, group], zero: zeros[row, group], largestCode: Float((1 << bits) - 1))
  }

  mutating func set(code: Float, value: Float, row: Int, column: Int) {
    codes[row * weight.columnCount + column] = UInt8(code)
    weight[row, column] = value
  }
}
