import Tensors

/// Llama's feed-forward layer: down(silu(gate(x)) ⊙ up(x)).
package struct GatedFeedForward: Sendable {
  package var gate: Linear
  package var up: Linear
  package var down: Linear

  package struct Activations: Sendable {
    let input: Matrix
    let gate: Matrix
    let up: Matrix
    let gated: Matrix
  }

  func callAsFunction(_ x: Matrix, pass: inout ForwardPass) -> Matrix {
    pass.observe(.linearInput(paths: [gate.path, up.path], x))
    let gated = Matrix.gated(gate(x), up(x))
    pass.observe(.linearInput(paths: [down.path], gated))
    return down(gated)
  }

  func activations(_ x: Matrix) -> (output: Matrix, activations: Activations) {
    let gate = gate(x)
    let up = up(x)
    let gated = Matrix.gated(gate, up)
    return (down(gated), Activations(input: x, gate: gate, up: up, gated: gated))
  }

  func backward(_ gradient: Matrix, _ saved: Activations, block: Int, gradients: inout LinearGradients) -> Matrix {
    let gatedGradient = down.backward(gradient, input: saved.gated, block: block, gradients: &gradients)
    let (gateGradient, upGradient) = Matrix.gatedGradient(gatedGradient, gate: saved.gate, up: saved.up)
    var inputGradient = gate.backward(gateGradient, input: saved.input, block: block, gradients: &gradients)
    inputGradient.add(up.backward(upGradient, input: saved.input, block: block, gradients: &gradients))
    return inputGradient
  }
}
