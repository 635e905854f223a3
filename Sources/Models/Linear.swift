import Tensors

/// A linear layer y = x Wᵀ + b, with an optional low-rank update beside it.
package struct Linear: Sendable {
  /// Its place in a block, as checkpoints name it, such as "self_attn.q_proj".
  package let path: String
  /// (out, in)
  package var weight: Weight
  /// One number an output; nil where the architecture has none.
  package var bias: [Float]?
  package var update: LowRankUpdate?

  package init(path: String, weight: Weight, bias: [Float]? = nil, update: LowRankUpdate? = nil) {
    precondition(bias.map { $0.count == weight.rowCount } ?? true, "a bias for other than \(weight.rowCount) outputs")
    self.path = path
    self.weight = weight
    self.bias = bias
    self.update = update
  }

  /// x (T, in) → (T, out).
  package func callAsFunction(_ x: Matrix) -> Matrix {
    var y = product(x)
    if let update { update.apply(to: &y, reduced: update.reduced(x)) }
    return y
  }

  /// What the backward pass needs of a forward one.
  package struct Activations: Sendable {
    let input: Matrix  // (T, in)
    /// What the update's A made of the input, (T, r); nil where there is no update.
    let reduced: Matrix?
  }

  /// The same, with what the backward pass needs.
  package func activations(_ x: Matrix, in pass: TrainingPass.Block) -> (output: Matrix, activations: Activations) {
    guard let update else { return (self(x), Activations(input: x, reduced: nil)) }
    var y = product(x)
    let reduced = update.reduced(dropped(x, in: pass))
    update.apply(to: &y, reduced: reduced)
    return (y, Activations(input: x, reduced: reduced))
  }

  /// Adds the gradient with respect to the input to `inputGradient`, if that is wanted; that of the low-rank update, where
  /// there is one, and those of the layer's own tensors, where they are trained, go to `gradients`.
  ///
  /// With y = x Wᵀ + b + s (x Aᵀ) Bᵀ: dx = dy W + s (dy B) A, dB = s dyᵀ (x Aᵀ), dA = s (dy B)ᵀ x.
  package func backward(
    _ gradient: Matrix, _ saved: Activations, in pass: TrainingPass.Block, to inputGradient: inout InputGradient,
    gradients: inout BlockGradients
  ) {
    inputGradient.add(gradient, through: weight)
    if pass.trainsTensors {
      gradients.add(tensorGradient(gradient, input: saved.input), to: LinearName(block: pass.index, path: path))
    }
    guard let update, let reduced = saved.reduced else { return }
    let throughB = gradient.times(update.b)  // (T, r)
    if let dropout = pass.dropout {
      // Of what the update did not see there is no gradient.
      var branch = Matrix(uninitializedRows: throughB.rowCount, columns: update.a.columnCount)
      branch.setProduct(throughB.slice(), update.a.slice(), scale: update.scale)
      inputGradient.add(dropout.applied(to: branch, of: LinearName(block: pass.index, path: path)))
    } else {
      inputGradient.add(throughB, through: update.a, scale: update.scale)
    }
    var aGradient = Matrix(uninitializedRows: update.a.rowCount, columns: update.a.columnCount)
    aGradient.setProduct(
      throughB.slice(), leftTransposed: true, dropped(saved.input, in: pass).slice(), scale: update.scale)
    var bGradient = Matrix(uninitializedRows: update.b.rowCount, columns: update.b.columnCount)
    bGradient.setProduct(gradient.slice(), leftTransposed: true, reduced.slice(), scale: update.scale)
    gradients.add(LowRankGradient(a: aGradient, b: bGradient), to: LinearName(block: pass.index, path: path))
  }

  /// x Wᵀ + b
  private func product(_ x: Matrix) -> Matrix {
    var y = Matrix(uninitializedRows: x.rowCount, columns: weight.rowCount)
    if let bias { y.fillRows(with: bias) }
    weight.multiply(x, into: &y, adding: bias != nil)
    return y
  }

  private func dropped(_ x: Matrix, in pass: TrainingPass.Block) -> Matrix {
    pass.dropout?.applied(to: x, of: LinearName(block: pass.index, path: path)) ?? x
  }
}

/// The gradient with respect to the input (T, in) that layers share, to which each adds its part; or nothing, where nobody
/// wants it.
package struct InputGradient: Sendable {
  private let isWanted: Bool
  /// nil before the first part.
  package private(set) var sum: Matrix?

  package init(isWanted: Bool = true) { self.isWanted = isWanted }

  fileprivate mutating func add(_ gradient: Matrix, through weight: Weight) {
    guard isWanted else { return }
    if sum == nil {
      sum = weight.multipliedBack(gradient)
    } else {
      weight.multiplyBack(gradient, into: &sum!, adding: true)
    }
  }

  fileprivate mutating func add(_ gradient: Matrix, through matrix: Matrix, scale: Float) {
    sum?.setProduct(gradient.slice(), matrix.slice(), scale: scale, adding: true)
  }

  fileprivate mutating func add(_ part: Matrix) { sum?.add(part) }
}

extension Linear {
  /// Its tensors under a checkpoint's names, `prefix` being the block's.
  func checkpointTensors(_ prefix: String) -> [NamedTensor] {
    let weight = weight.checkpointTensors(prefix + path)
    guard let bias else { return weight }
    let values = Matrix(rows: 1, columns: bias.count, bias)
    return weight + [NamedTensor("\(prefix)\(path).bias", shape: [bias.count], values)]
  }
}

/// LoRA's update of a linear layer: s · B A, with s = alpha / r.
///
/// Source: Hu et al. 2021 (arXiv:2106.09685), section 4.1; PEFT's `lora.Linear`.
package struct LowRankUpdate: Sendable {
  /// (r, in)
  package var a: Matrix
  /// (out, r)
  package var b: Matrix
  package let scale: Float
  /// Whether the product with B, its scaling and the sum are a pass over memory each, as in frameworks that run one
  /// operation at a time. It is slower, and changes last bits.
  package let isStepByStep: Bool

  package init(a: Matrix, b: Matrix, scale: Float, isStepByStep: Bool = false) {
    precondition(a.rowCount == b.columnCount, "A of rank \(a.rowCount), B of rank \(b.columnCount)")
    self.a = a
    self.b = b
    self.scale = scale
    self.isStepByStep = isStepByStep
  }

  /// x Aᵀ (T, r)
  func reduced(_ x: Matrix) -> Matrix {
    var reduced = Matrix(uninitializedRows: x.rowCount, columns: a.rowCount)
    reduced.setLinearProduct(x, a.slice())
    return reduced
  }

  func apply(to y: inout Matrix, reduced: Matrix) {
    guard isStepByStep else {
      y.setLinearProduct(reduced, b.slice(), scale: scale, adding: true)
      return
    }
    var update = Matrix(uninitializedRows: y.rowCount, columns: y.columnCount)
    update.setLinearProduct(reduced, b.slice())
    update.multiply(by: scale)
    y.add(update)
  }
}

/// The gradients of a low-rank update's two factors.
package struct LowRankGradient: Sendable {
  package var a: Matrix
  package var b: Matrix
}

/// Names a linear layer of a model: the block it is in, and its path there, such as "self_attn.q_proj".
package struct LinearName: Hashable, Sendable {
  package let block: Int
  package let path: String

  package init(block: Int, path: String) {
    self.block = block
    self.path = path
  }

  /// The path's last part, such as "q_proj": what target lists name.
  package var role: Substring { path[(path.lastIndex(of: ".").map(path.index(after:)) ?? path.startIndex)...] }
}
