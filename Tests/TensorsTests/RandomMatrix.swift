import Tensors

/// A matrix of standard normal numbers, the same ones for the same seed.
func randomMatrix(_ rowCount: Int, _ columnCount: Int, seed: UInt64) -> Matrix {
  var stream = RandomStream(seed: seed, purpose: "test matrix")
  return Matrix(rows: rowCount, columns: columnCount, (0..<rowCount * columnCount).map { _ in stream.nextNormal() })
}

extension Matrix {
  /// The largest difference between elements at the same place.
  func largestDifference(from other: Matrix) -> Float {
    precondition(rowCount == other.rowCount && columnCount == other.columnCount)
    return zip(elements, other.elements).map { abs($0 - $1) }.max() ?? 0
  }
}
