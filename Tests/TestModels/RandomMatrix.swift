import Tensors

/// A matrix of standard normal numbers, the same ones for the same seed.
package func randomMatrix(_ rowCount: Int, _ columnCount: Int, seed: UInt64) -> Matrix {
  var stream = RandomStream(seed: seed, purpose: "random matrix")
  return Matrix(rows: rowCount, columns: columnCount, (0..<rowCount * columnCount).map { _ in stream.nextNormal() })
}
