import Tensors

/// A norm over the channels, in the form of its architecture.
package enum Normalization: Sendable {
  case rootMeanSquare(RootMeanSquareNorm)
  case layer(LayerNorm)

  /// One factor a channel.
  package var weight: [Float] {
    get {
      switch self {
      case .rootMeanSquare(let norm): norm.weight
      case .layer(let norm): norm.weight
      }
    }
    set {
      switch self {
      case .rootMeanSquare(var norm):
        norm.weight = newValue
        self = .rootMeanSquare(norm)
      case .layer(var norm):
        norm.weight = newValue
        self = .layer(norm)
      }
    }
  }

  /// x (T, C) → (T, C).
  func callAsFunction(_ x: Matrix) -> Matrix {
    switch self {
    case .rootMeanSquare(let norm): norm(x)
    case .layer(let norm): norm(x)
    }
  }

  /// The gradient with respect to x.
  func backward(_ gradient: Matrix, input: Matrix) -> Matrix {
    switch self {
    case .rootMeanSquare(let norm): norm.backward(gradient, input: input)
    case .layer(let norm): norm.backward(gradient, input: input)
    }
  }

  /// Its tensors under a checkpoint's names, `name` being the norm's own.
  func checkpointTensors(_ name: String) -> [NamedTensor] {
    func tensor(_ role: String, _ values: [Float]) -> NamedTensor {
      NamedTensor("\(name).\(role)", shape: [values.count], Matrix(rows: 1, columns: values.count, values))
    }
    return switch self {
    case .rootMeanSquare(let norm): [tensor("weight", norm.weight)]
    case .layer(let norm): [tensor("weight", norm.weight), tensor("bias", norm.bias)]
    }
  }
}
