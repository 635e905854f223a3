import Tensors

/// The Hessian of a linear layer's squared output error, H = (2/N) Σ XᵀX: a mean over N sequences, a sum over tokens.
///
/// Kept in the reference's running form, since rounding follows it: H ← H · N/(N+1), then H ← H + X'ᵀX' with
/// X' = √(2/(N+1)) X.
///
/// Source: Frantar et al. 2023 (arXiv:2210.17323), section 2; `gptq.py` in IST-DASLab/gptq; `gptq.md` section 1.
package struct Hessian: Sendable {
  /// (in, in)
  package private(set) var matrix: Matrix
  package private(set) var sequenceCount = 0

  package init(width: Int) { matrix = Matrix(rows: width, columns: width) }

  /// Adds the inputs (T, in) of one sequence.
  package mutating func add(_ input: Matrix) {
    let factor = Float(Double(sequenceCount) / Double(sequenceCount + 1))
    sequenceCount += 1
    let scale = Float((2 / Double(sequenceCount)).squareRoot())
    var scaled = input
    scaled.withMutableElements { for index in $0.indices { $0[index] *= scale } }
    matrix.withMutableElements { for index in $0.indices { $0[index] *= factor } }
    matrix.setProduct(scaled.slice(), leftTransposed: true, scaled.slice(), adding: true)
  }
}
