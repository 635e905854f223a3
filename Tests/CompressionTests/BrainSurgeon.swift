import Compression
import Tensors

/// Compression by optimal brain surgeon, step by step and in double precision: what GPTQ and SparseGPT compute, without
/// their Cholesky factors and corrections put off to the end of a block.
///
/// With F the columns not yet compressed, H_F their part of the Hessian, and q the first of them:
///
///     δ_F = - (w_q - value(w_q)) / [H_F⁻¹]_qq · (H_F⁻¹)_:,q
///     error = ½ (w_q - value(w_q))² / [H_F⁻¹]_qq
///
/// after which q leaves F, and H_F is inverted anew.
///
/// Source: Frantar et al. 2023 (arXiv:2210.17323), equation 2; Frantar and Alistarh 2023 (arXiv:2301.00774), section 3; the
/// grids and the dead inputs are those of `gptq.md`, sections 2 and 3.
struct BrainSurgeon {
  var quantizer: Quantizer?
  var pattern: SparsityPattern?
  var ordersByActivation = false
  var hasStaticGroups = false
  let blockSize: Int
  var dampeningFraction = 0.01

  struct Result {
    /// In row order; of a weight without grid 0.
    var codes: [Int]
    var weight: [Double]
    var error = 0.0
    /// How near a decision came to the other one: the least of all, in steps of the grid, or in shares of a score.
    var nearestTie = 0.5
  }

  func compress(_ weight: Matrix, hessian: Hessian) -> Result {
    let (rowCount, width) = (weight.rowCount, weight.columnCount)
    let groupSize = quantizer?.groupSize ?? width
    let matrix = hessian.matrix
    let dead = (0..<width).filter { matrix[$0, $0] == 0 }
    func diagonal(_ column: Int) -> Double { dead.contains(column) ? 1 : Double(matrix[column, column]) }
    let order =
      ordersByActivation ? (0..<width).sorted { diagonal($0) > diagonal($1) } : Array(0..<width)
    let mean = (0..<width).reduce(0) { $0 + diagonal($1) } / Double(width)
    let h = order.map { row in
      order.map { row == $0 ? diagonal(row) + dampeningFraction * mean : Double(matrix[row, $0]) }
    }
    let inverses = (0..<width).map { first in inverse(h[first...].map { Array($0[first...]) }) }

    var w = (0..<rowCount).map { row in order.map { Double(weight[row, $0]) } }
    var result = Result(
      codes: Array(repeating: 0, count: weight.count), weight: Array(repeating: 0, count: weight.count))
    // Of the whole row, before the dead inputs' weights are cleared.
    var grids = quantizer.map { quantizer in w.map { Grid($0, quantizer) } } ?? []
    for row in 0..<rowCount { for place in 0..<width where dead.contains(order[place]) { w[row][place] = 0 } }
    let given = w
    func fitGrids(_ values: [[Double]], columns: [Int]) {
      guard let quantizer else { return }
      grids = values.map { row in Grid(columns.map { row[$0] }, quantizer) }
    }

    var atBlockStart = w
    var removed = w.map { $0.map { _ in false } }
    for place in 0..<width {
      func score(_ row: Int, _ place: Int) -> Double { w[row][place] * w[row][place] / inverses[place][0][0] }
      let inBlock = place % blockSize
      let blockEnd = min(place - inBlock + blockSize, width)
      if inBlock == 0 {
        atBlockStart = w
        if case .unstructured(let share) = pattern {
          let scores = (0..<rowCount).flatMap { row in (place..<blockEnd).map { score(row, $0) } }.sorted()
          let index = Int(Double(scores.count) * share)
          for row in 0..<rowCount {
            for later in place..<blockEnd { removed[row][later] = score(row, later) <= scores[index] }
          }
          if index + 1 < scores.count { result.note(scores[index], scores[index + 1]) }
        }
      }
      if case .ofEach(let zeros, let groupWidth) = pattern, inBlock % groupWidth == 0 {
        let columns = place..<min(place + groupWidth, blockEnd)
        for row in 0..<rowCount {
          let sorted = columns.sorted { score(row, $0) < score(row, $1) }
          for column in sorted.prefix(zeros) { removed[row][column] = true }
          if zeros < sorted.count { result.note(score(row, sorted[zeros - 1]), score(row, sorted[zeros])) }
        }
      }
      if quantizer?.groupSize != nil {
        if hasStaticGroups {
          let group = order[place] / groupSize
          fitGrids(given, columns: (0..<width).filter { order[$0] / groupSize == group })
        } else if place % groupSize == 0 {
          fitGrids(atBlockStart, columns: Array(place..<min(place + groupSize, width)))
        }
      }
      for row in 0..<rowCount {
        var value = removed[row][place] ? 0 : w[row][place]
        let index = row * width + order[place]
        if quantizer != nil {
          let grid = grids[row]
          let steps = value / grid.scale
          if !removed[row][place] {
            result.nearestTie = min(result.nearestTie, abs(abs(steps - steps.rounded(.down)) - 0.5))
          }
          let code = min(max(steps.rounded(.toNearestOrEven) + grid.zero, 0), grid.largestCode)
          value = grid.scale * (code - grid.zero)
          result.codes[index] = Int(code)
        }
        result.weight[index] = value
        let inverse = inverses[place]  // its first row and column are this column's
        let difference = w[row][place] - value
        result.error += difference * difference / inverse[0][0] / 2
        for later in place..<width { w[row][later] -= difference / inverse[0][0] * inverse[later - place][0] }
      }
    }
    return result
  }

  private struct Grid {
    let scale: Double
    let zero: Double
    let largestCode: Double

    init(_ values: some Sequence<Double>, _ quantizer: Quantizer) {
      guard case .bits(let bits) = quantizer.levels else { fatalError("only grids of bits") }
      var smallest = values.reduce(0, Swift.min)
      var largest = values.reduce(0, Swift.max)
      if quantizer.isSymmetric {
        largest = max(-smallest, largest)
        if smallest < 0 { smallest = -largest }
      }
      if smallest == 0, largest == 0 { (smallest, largest) = (-1, 1) }
      largestCode = Double(1 << bits) - 1
      scale = (largest - smallest) / largestCode
      // In floats, since zeros alone, which have the grid from -1 to 1, come to lie halfway between two codes.
      let steps = Double(Float(-smallest) / Float(scale))
      zero = quantizer.isSymmetric ? (largestCode + 1) / 2 : steps.rounded(.toNearestOrEven)
    }
  }
}

extension BrainSurgeon.Result {
  fileprivate mutating func note(_ lower: Double, _ higher: Double) {
    if higher > 0 { nearestTie = min(nearestTie, (higher - lower) / higher) }
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
