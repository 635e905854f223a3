import Tensors

/// OPT's feed-forward layer: second(relu(first(x))).
package struct RectifiedFeedForward: Sendable {
  package var first: Linear
  package var second: Linear

  package struct Activations: Sendable {
    let first: Linear.Activations
    /// Its input is the rectified output of the first.
    let second: Linear.Activations
  }

  func callAsFunction(_ x: Matrix, pass: inout ForwardPass) -> Matrix {
    pass.observe(.linearInput(paths: [first.path], x))
    let rectified = first(x).rectified()
    pass.observe(.linearInput(paths: [second.path], rectified))
    return second(rectified)
  }

  func activations(_ x: Matrix, in pass: TrainingPass.Block) -> (output: Matrix, activations: Activations) {
    let (inner, firstActivations) = first.activations(x, in: pass)
    let (output, secondActivations) = second.activations(inner.rectified(), in: pass)
    return (output, Activations(first: firstActivations, second: secondActivations))
  }

  func backward(
    _ gradient: Matrix, _ saved: Activations, in pass: TrainingPass.Block, wantsInput: Bool,
    gradients: inout BlockGradients
  ) -> Matrix? {
    var rectifiedGradient = InputGradient()
    second.backward(gradient, saved.second, in: pass, to: &rectifiedGradient, gradients: &gradients)
    let innerGradient = Matrix.rectifiedGradient(rectifiedGradient.sum ?? gradient, result: saved.second.input)
    var inputGradient = InputGradient(isWanted: wantsInput)
    first.backward(innerGradient, saved.first, in: pass, to: &inputGradient, gradients: &gradients)
    return inputGradient.sum
  }
}
