import Tensors

/// The gradient of a layer's own tensors: its weight and, where it has one, its bias.
package struct TensorGradient: Sendable {
  /// As the weight: (out, in) of a linear layer, (1, C) of a norm.
  package var weight: Matrix
  /// (1, out); nil where the layer has no bias.
  package var bias: Matrix?

  package init(weight: Matrix, bias: Matrix? = nil) {
    self.weight = weight
    self.bias = bias
  }
}

/// Names a norm of a block.
package struct NormName: Hashable, Sendable {
  package enum Place: Sendable {
    case attention
    case feedForward
  }

  package let block: Int
  package let place: Place

  package init(block: Int, place: Place) {
    self.block = block
    self.place = place
  }
}

extension Linear {
  /// With y = x Wᵀ + b: dW = dyᵀ x and db = Σ dy over the rows.
  func tensorGradient(_ gradient: Matrix, input: Matrix) -> TensorGradient {
    var weightGradient = Matrix(uninitializedRows: weight.rowCount, columns: weight.columnCount)
    weightGradient.setProduct(gradient.slice(), leftTransposed: true, input.slice())
    return TensorGradient(weight: weightGradient, bias: bias == nil ? nil : gradient.columnSums())
  }
}

extension Normalization {
  /// With y = w ⊙ x̂ + b: dw = Σ dy ⊙ x̂ and db = Σ dy over the rows.
  package func tensorGradient(_ gradient: Matrix, input: Matrix) -> TensorGradient {
    switch self {
    case .rootMeanSquare(let norm): TensorGradient(weight: norm.weightGradient(gradient, input: input))
    case .layer(let norm):
      TensorGradient(weight: norm.weightGradient(gradient, input: input), bias: gradient.columnSums())
    }
  }
}
