internal import CKernels

/// y = w ⊙ (x - mean(x)) / sqrt(var(x) + ε) + b, row by row, with the population variance.
///
/// Source: Ba et al. 2016 (arXiv:1607.06450); `torch.nn.LayerNorm`.
package struct LayerNorm: Sendable {
  /// One factor a channel.
  package var weight: [Float]
  /// One summand a channel.
  package var bias: [Float]
  package let epsilon: Float

  package init(weight: [Float], bias: [Float], epsilon: Float) {
    precondition(weight.count == bias.count, "\(weight.count) factors and \(bias.count) summands")
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// x (T, C) → (T, C). Mean and variance are taken in double precision.
  package func callAsFunction(_ x: Matrix) -> Matrix {
    let width = weight.count
    precondition(x.columnCount == width, "\(x.columnCount) channels, a norm of \(width)")
    var result = Matrix(uninitializedRows: x.rowCount, columns: width)
    result.withMutableElements { result in
      x.withElements { x in
        weight.withUnsafeBufferPointer { weight in
          bias.withUnsafeBufferPointer { bias in
            for start in stride(from: 0, to: x.count, by: width) {
              let (mean, factor) = moments(x, start)
              for channel in 0..<width {
                result[start + channel] = (x[start + channel] - mean) * factor * weight[channel] + bias[channel]
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The gradient with respect to x.
  ///
  /// With r = (var(x) + ε)^-½, x̂ = r (x - mean(x)) and g = w ⊙ dy: dx = r (g - mean(g) - x̂ mean(g ⊙ x̂)).
  package func backward(_ gradient: Matrix, input x: Matrix) -> Matrix {
    let width = weight.count
    var result = Matrix(uninitializedRows: x.rowCount, columns: width)
    result.withMutableElements { result in
      x.withElements { x in
        gradient.withElements { gradient in
          weight.withUnsafeBufferPointer { weight in
            guard let results = result.baseAddress, let inputs = x.baseAddress,
              let gradients = gradient.baseAddress, let weights = weight.baseAddress
            else { return }
            for start in stride(from: 0, to: x.count, by: width) {
              let (mean, factor) = moments(x, start)
              recollect_layer_norm_gradient(
                weights, inputs + start, gradients + start, mean, factor, results + start, width)
            }
          }
        }
      }
    }
    return result
  }

  /// The gradient with respect to the factors (1, C), Σ dy ⊙ x̂ over the rows, row after row.
  package func weightGradient(_ gradient: Matrix, input x: Matrix) -> Matrix {
    let count = weight.count
    let plain = LayerNorm(
      weight: Array(repeating: 1, count: count), bias: Array(repeating: 0, count: count), epsilon: epsilon)
    var normalized = plain(x)
    normalized.multiply(elementwise: gradient)
    return normalized.columnSums()
  }

  /// A row's mean, and the inverse of its standard deviation.
  private func moments(_ x: UnsafeBufferPointer<Float>, _ start: Int) -> (mean: Float, factor: Float) {
    guard let row = x.baseAddress.map({ $0 + start }) else { return (0, 0) }
    let width = weight.count
    var sum = SIMD8<Double>(repeating: 0)
    forEachEight(width) { sum += SIMD8<Double>(row.eight($0)) }
    let mean = sum.sum() / Double(width)
    var squares = SIMD8<Double>(repeating: 0)
    let shift = SIMD8<Double>(repeating: mean)
    forEachEight(width) { range in
      var difference = SIMD8<Double>(row.eight(range)) - shift
      // The padding of the last eight is no channel.
      for lane in range.count..<8 { difference[lane] = 0 }
      squares += difference * difference
    }
    return (Float(mean), Float(1 / (squares.sum() / Double(width) + Double(epsilon)).squareRoot()))
  }
}
