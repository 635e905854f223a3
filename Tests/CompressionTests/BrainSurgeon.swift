import Compression
import Tensors

/// Quantization by optimal brain surgeon, step by step and in double precision: what GPTQ computes, without its Cholesky
/// factor and its blocks.
///
/// With F the columns not yet quantized, H_F their part of the Hessian, and q the first of them:
///
///     δ_F = - (w_q - quant(w_q)) / [H_F⁻¹]_qq · (H_F⁻¹)_:,q
///     error = ½ (w_q - quant(w_q))² / [H_F⁻¹]_qq
///
/// after which q leaves F, and H_F is inverted anew.
///
/// Source: Frantar et al. 2023 (arXiv:2210.17323), equation 2; the grids and the dead inputs are those of `gptq.md`,
/// sections 2 and 3.
struct BrainSurgeon {
  private(set) var codes: [Int] = []
  private(set) var weight: [Double] = []
  private(set) var error = 0.0
  /// How near a value came to the middle between two codes, in steps: the least of all.
  private(set) var nearestTie = 0.5

  init(_ weight: Matrix, hessian: Hessian, method: GPTQ) {
    let width = weight.columnCount
    let groupSize = method.groupSize ?? width
    var h = (0..<width).map { row in hessian.matrix.row(row).map(Double.init) }
    let dead = (0..<width).filter { h[$0][$0] == 0 }
    for column in dead { h[column][column] = 1 }
    let mean = (0..<width).reduce(0) { $0 + h[$1][$1] } / Double(width)
    for column in 0..<width { h[column][column] += Double(method.dampeningFraction) * mean }
    let inverses = (0..<width).map { first in inverse(h[first...].map { Array($0[first...]) }) }

    for row in 0..<weight.rowCount {
      var w = weight.row(row).map(Double.init)
      var grid = Grid(w, bits: method.bits)  // of the whole row, before the dead inputs' weights are cleared
      for column in dead { w[column] = 0 }
      var atBlockStart = w
      for column in 0..<width {
        if column % method.blockSize == 0 { atBlockStart = w }
        if method.groupSize != nil, column % groupSize == 0 {
          grid = Grid(atBlockStart[column..<min(column + groupSize, width)], bits: method.bits)
        }
        let steps = w[column] / grid.scale
        nearestTie = min(nearestTie, abs(abs(steps - steps.rounded(.down)) - 0.5))
        let code = min(max(steps.rounded(.toNearestOrEven) + grid.zero, 0), grid.largestCode)
        let value = grid.scale * (code - grid.zero)
        codes.append(Int(code))
        self.weight.append(value)
        let inverse = inverses[column]  // its first row and column are this column's
        let difference = w[column] - value
        error += difference * difference / inverse[0][0] / 2
        for later in column..<width { w[later] -= difference / inverse[0][0] * inverse[later - column][0] }
      }
    }
  }

  private struct Grid {
    let scale: Double
    let zero: Double
    let largestCode: Double

    init(_ values: some Sequence<Double>, bits: Int) {
      var smallest = values.reduce(0, Swift.min)
      var largest = values.reduce(0, Swift.max)
      if smallest == 0, largest == 0 { (smallest, largest) = (-1, 1) }
      largestCode = Double(1 << bits) - 1
      scale = (largest - smallest) / largestCode
      zero = (-smallest / scale).rounded(.toNearestOrEven)
    }
  }
}

/// By Gauss-Jordan elimination; for positive definite matrices, which need no pivots.
private func inverse(_ matrix: [[Double]]) -> [[Double]] {
  let order = matrix.count
  var left = matrix
  var right = (0..<order).map { row in (0..<order).map { $0 == row ? 1.0 : 0 } }
  for pivot in 0..<order {
    let factor = 1 / left[pivot][pivot]
    left[pivot] = left[pivot].map { $0 * factor }
    right[pivot] = right[pivot].map { $0 * factor }
    for row in 0..<order where row != pivot {
      let factor = left[row][pivot]
      for column in 0..<order {
        left[row][column] -= factor * left[pivot][column]
        right[row][column] -= factor * right[pivot][column]
      }
    }
  }
  return right
}
