import Tensors

/// A block's feed-forward layer, in the form of its architecture.
package enum FeedForward: Sendable {
  case gated(GatedFeedForward)
  case rectified(RectifiedFeedForward)

  package enum Activations: Sendable {
    case gated(GatedFeedForward.Activations)
    case rectified(RectifiedFeedForward.Activations)
  }

  func callAsFunction(_ x: Matrix, pass: inout ForwardPass) -> Matrix {
    switch self {
    case .gated(let layer): layer(x, pass: &pass)
    case .rectified(let layer): layer(x, pass: &pass)
    }
  }

  func activations(_ x: Matrix, in pass: TrainingPass.Block) -> (output: Matrix, activations: Activations) {
    switch self {
    case .gated(let layer):
      let (output, activations) = layer.activations(x, in: pass)
      return (output, .gated(activations))
    case .rectified(let layer):
      let (output, activations) = layer.activations(x, in: pass)
      return (output, .rectified(activations))
    }
  }

  /// The gradient with respect to the input x, nil where it is not wanted; those of low-rank updates go to `gradients`.
  func backward(
    _ gradient: Matrix, _ saved: Activations, in pass: TrainingPass.Block, wantsInput: Bool,
    gradients: inout BlockGradients
  ) -> Matrix? {
    switch (self, saved) {
    case (.gated(let layer), .gated(let saved)):
      layer.backward(gradient, saved, in: pass, wantsInput: wantsInput, gradients: &gradients)
    case (.rectified(let layer), .rectified(let saved)):
      layer.backward(gradient, saved, in: pass, wantsInput: wantsInput, gradients: &gradients)
    default: preconditionFailure("activations of another kind of layer")
    }
  }

  /// The linear layers, in the order in which they run.
  package var linears: [Linear] {
    get {
      switch self {
      case .gated(let layer): [layer.gate, layer.up, layer.down]
      case .rectified(let layer): [layer.first, layer.second]
      }
    }
    set {
      switch self {
      case .gated: self = .gated(GatedFeedForward(gate: newValue[0], up: newValue[1], down: newValue[2]))
      case .rectified: self = .rectified(RectifiedFeedForward(first: newValue[0], second: newValue[1]))
      }
    }
  }
}
