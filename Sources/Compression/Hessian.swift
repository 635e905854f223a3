import Tensors

/// The Hessian of a linear layer's squared output error, H = (2/N) Σ XᵀX: a mean over N sequences, a sum over tokens.
///
/// Kept in the reference's running form, since rounding follows it: H ← H · N/(N+1), then H ← H + X'ᵀX' with
/// X' = √(2/(N+1)) X.
///
/// Source: Frantar et al. 2023 (arXiv:2210.17323), section 2; `gptq.py` in IST-DASLab/gptq; `gptq.md` section 1.
package struct Hessian: Sendable {
  /// (in, in): the upper triangle, and below it whatever the products leave there.
  private var upper: Matrix
  package private(set) var sequenceCount = 0

  package init(width: Int) { upper = Matrix(rows: width, columns: width) }

  package var width: Int { upper.columnCount }

  package var diagonal: [Float] { (0..<width).map { upper[$0, $0] } }

  /// (in, in)
  package var matrix: Matrix {
    var result = upper
    for row in 0..<width { for column in 0..<row { result[row, column] = upper[column, row] } }
    return result
  }

  /// Adds the inputs (T, in) of one sequence.
  package mutating func add(_ input: Matrix) {
    let factor = Float(Double(sequenceCount) / Double(sequenceCount + 1))
    sequenceCount += 1
    var scaled = input
    scaled.multiply(by: Float((2 / Double(sequenceCount)).squareRoot()))
    upper.multiply(by: factor)
    // Strips of rows from the diagonal on: half the work of the whole square.
    let strip = 256
    for start in stride(from: 0, to: width, by: strip) {
      let rows = start..<min(start + strip, width)
      upper.setProduct(
        scaled.slice(columns: rows), leftTransposed: true, scaled.slice(columns: start..<width), adding: true,
        rows: rows, columns: start..<width)
    }
  }

  /// The upper triangle with rows and columns in this order; below it zeros.
  func upperTriangle(ordered order: [Int]) -> Matrix {
    var result = Matrix(rows: width, columns: width)
    upper.withElements { source in
      result.withMutableElements { target in
        for row in 0..<width {
          let from = order[row]
          for column in row..<width {
            let to = order[column]
            target[row &* width &+ column] = source[min(from, to) &* width &+ max(from, to)]
          }
        }
      }
    }
    return result
  }
}
