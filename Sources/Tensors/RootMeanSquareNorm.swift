internal import CKernels

/// y = w ⊙ x / sqrt(mean(x²) + ε), row by row.
///
/// Source: Zhang and Sennrich 2019 (arXiv:1910.07467); Llama's `LlamaRMSNorm`.
package struct RootMeanSquareNorm: Sendable {
  /// One factor a channel.
  package var weight: [Float]
  package let epsilon: Float

  package init(weight: [Float], epsilon: Float) {
    self.weight = weight
    self.epsilon = epsilon
  }

  /// x (T, C) → (T, C). The mean is taken in double precision.
  package func callAsFunction(_ x: Matrix) -> Matrix {
    let width = weight.count
    precondition(x.columnCount == width, "\(x.columnCount) channels, a norm of \(width)")
    var result = Matrix(uninitializedRows: x.rowCount, columns: width)
    result.withMutableElements { result in
      x.withElements { x in
        weight.withUnsafeBufferPointer { weight in
          guard let base = x.baseAddress else { return }
          for start in stride(from: 0, to: x.count, by: width) {
            let factor = inverseRoot(base + start)
            for channel in 0..<width { result[start + channel] = weight[channel] * (x[start + channel] * factor) }
          }
        }
      }
    }
    return result
  }

  /// The gradient with respect to x.
  ///
  /// With r = (mean(x²) + ε)^-½: dxᵢ = r wᵢ dyᵢ - xᵢ r³ / C · Σⱼ wⱼ xⱼ dyⱼ.
  package func backward(_ gradient: Matrix, input x: Matrix) -> Matrix {
    let width = weight.count
    var result = Matrix(uninitializedRows: x.rowCount, columns: width)
    result.withMutableElements { result in
      x.withElements { x in
        gradient.withElements { gradient in
          weight.withUnsafeBufferPointer { weight in
            let count = x.count
            guard let result = result.baseAddress, let x = x.baseAddress, let gradient = gradient.baseAddress,
              let weight = weight.baseAddress
            else { return }
            for start in stride(from: 0, to: count, by: width) {
              let factor = inverseRoot(x + start)
              let (x, gradient) = (x + start, gradient + start)
              let sum = recollect_weighted_sum(weight, x, gradient, width)
              let r = Double(factor)
              recollect_root_mean_square_gradient(
                weight, x, gradient, factor, Float(sum * r * r * r / Double(width)), result + start, width)
            }
          }
        }
      }
    }
    return result
  }

  /// The gradient with respect to the factors (1, C), Σ dy ⊙ x r over the rows, row after row.
  package func weightGradient(_ gradient: Matrix, input x: Matrix) -> Matrix {
    var normalized = RootMeanSquareNorm(weight: Array(repeating: 1, count: weight.count), epsilon: epsilon)(x)
    normalized.multiply(elementwise: gradient)
    return normalized.columnSums()
  }

  private func inverseRoot(_ row: UnsafePointer<Float>) -> Float {
    var sum = SIMD8<Double>(repeating: 0)
    forEachEight(weight.count) { range in
      let values = SIMD8<Double>(row.eight(range))
      sum += values * values
    }
    return Float(1 / (sum.sum() / Double(weight.count) + Double(epsilon)).squareRoot())
  }
}
