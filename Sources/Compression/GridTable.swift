import Tensors

/// The grids of some rows, by group of columns.
struct GridTable: Sendable {
  /// (rows, groups)
  private(set) var scales: Matrix
  /// (rows, groups)
  private(set) var zeros: Matrix

  init(rows: Int, groups: Int) {
    scales = Matrix(rows: rows, columns: groups)
    zeros = Matrix(rows: rows, columns: groups)
  }

  /// Fits the grid of `group` to those columns of each row.
  mutating func fit(_ quantizer: Quantizer, to weight: Matrix, columns: Range<Int>, group: Int) {
    weight.withElements { w in
      for row in 0..<weight.rowCount {
        let start = row * weight.columnCount
        let values = UnsafeBufferPointer(rebasing: w[start + columns.lowerBound..<start + columns.upperBound])
        let grid = quantizer.grid(fitting: values)
        scales[row, group] = grid.scale
        zeros[row, group] = grid.zero
      }
    }
  }

  /// Fits the grids of all groups of `quantizer` to the columns of `weight` in their order.
  init(fitting weight: Matrix, by quantizer: Quantizer) {
    let groupCount = quantizer.groupCount(columns: weight.columnCount)
    self.init(rows: weight.rowCount, groups: groupCount)
    let size = quantizer.groupSize ?? weight.columnCount
    for group in 0..<groupCount {
      fit(quantizer, to: weight, columns: group * size..<min((group + 1) * size, weight.columnCount), group: group)
    }
  }

  /// These grids for columns of which each has its place in `groups`.
  func grids(_ quantizer: Quantizer, groups: [Int]) -> CompressedColumns.Grids {
    CompressedColumns.Grids(quantizer.columnLevels, scales: scales, zeros: zeros, places: groups)
  }
}
