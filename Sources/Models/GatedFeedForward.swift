import Tensors

/// Llama's feed-forward layer: down(silu(gate(x)) ⊙ up(x)).
package struct GatedFeedForward: Sendable {
  package var gate: Linear
  package var up: Linear
  package var down: Linear

  package struct Activations: Sendable {
    let gate: Linear.Activations
    let up: Linear.Activations
    let down: Linear.Activations
    let gateOutput: Matrix
    let upOutput: Matrix
  }

  func callAsFunction(_ x: Matrix, pass: inout ForwardPass) -> Matrix {
    pass.observe(.linearInput(paths: [gate.path, up.path], x))
    let gated = Matrix.gated(gate(x), up(x))
    pass.observe(.linearInput(paths: [down.path], gated))
    return down(gated)
  }

  func activations(_ x: Matrix, in pass: TrainingPass.Block) -> (output: Matrix, activations: Activations) {
    let (gateOutput, gateActivations) = gate.activations(x, in: pass)
    let (upOutput, upActivations) = up.activations(x, in: pass)
    let (output, downActivations) = down.activations(.gated(gateOutput, upOutput), in: pass)
    return (
      output,
      Activations(
        gate: gateActivations, up: upActivations, down: downActivations, gateOutput: gateOutput, upOutput: upOutput)
    )
  }

  func backward(
    _ gradient: Matrix, _ saved: Activations, in pass: TrainingPass.Block, wantsInput: Bool,
    gradients: inout BlockGradients
  ) -> Matrix? {
    var gatedGradient = InputGradient()
    down.backward(gradient, saved.down, in: pass, to: &gatedGradient, gradients: &gradients)
    let (gateGradient, upGradient) = Matrix.gatedGradient(
      gatedGradient.sum ?? gradient, gate: saved.gateOutput, up: saved.upOutput)
    var inputGradient = InputGradient(isWanted: wantsInput)
    gate.backward(gateGradient, saved.gate, in: pass, to: &inputGradient, gradients: &gradients)
    up.backward(upGradient, saved.up, in: pass, to: &inputGradient, gradients: &gradients)
    return inputGradient.sum
  }
}
