import Tensors

/// OPT's feed-forward layer: second(relu(first(x))).
package struct RectifiedFeedForward: Sendable {
  package var first: Linear
  package var second: Linear

  package struct Activations: Sendable {
    let input: Matrix
    let rectified: Matrix
  }

  func callAsFunction(_ x: Matrix, pass: inout ForwardPass) -> Matrix {
    pass.observe(.linearInput(paths: [first.path], x))
    let rectified = first(x).rectified()
    pass.observe(.linearInput(paths: [second.path], rectified))
    return second(rectified)
  }

  func activations(_ x: Matrix) -> (output: Matrix, activations: Activations) {
    let rectified = first(x).rectified()
    return (second(rectified), Activations(input: x, rectified: rectified))
  }

  func backward(_ gradient: Matrix, _ saved: Activations, block: Int, gradients: inout LinearGradients) -> Matrix {
    let rectifiedGradient = second.backward(gradient, input: saved.rectified, block: block, gradients: &gradients)
    return first.backward(
      Matrix.rectifiedGradient(rectifiedGradient, result: saved.rectified), input: saved.input, block: block,
      gradients: &gradients)
  }
}
