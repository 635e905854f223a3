import Tensors

/// A linear layer y = x Wᵀ + b, with an optional low-rank update beside it.
package struct Linear: Sendable {
  /// Its place in a block, as checkpoints name it, such as "self_attn.q_proj".
  package let path: String
  /// (out, in)
  package var weight: Weight
  /// One number an output; nil where the architecture has none.
  package let bias: [Float]?
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
    var y = Matrix(uninitializedRows: x.rowCount, columns: weight.rowCount)
    if let bias { y.fillRows(with: bias) }
    weight.multiply(x, into: &y, adding: bias != nil)
    if let update { update.apply(to: &y, reduced: update.reduced(x)) }
    return y
  }

  /// The gradient with respect to the input; that of the low-rank update, where there is one, goes to `gradients`.
  ///
  /// With y = x Wᵀ + b + s (x Aᵀ) Bᵀ: dx = dy W + s (dy B) A, dB = s dyᵀ (x Aᵀ), dA = s (dy B)ᵀ x.
  package func backward(_ gradient: Matrix, input x: Matrix, block: Int, gradients: inout LinearGradients) -> Matrix {
    var inputGradient = weight.multipliedBack(gradient)
    guard let update else { return inputGradient }
    let throughB = gradient.times(update.b)  // (T, r)
    inputGradient.setProduct(throughB.slice(), update.a.slice(), scale: update.scale, adding: true)
    var aGradient = Matrix(uninitializedRows: update.a.rowCount, columns: update.a.columnCount)
    aGradient.setProduct(throughB.slice(), leftTransposed: true, x.slice(), scale: update.scale)
    var bGradient = Matrix(uninitializedRows: update.b.rowCount, columns: update.b.columnCount)
    bGradient.setProduct(gradient.slice(), leftTransposed: true, update.reduced(x).slice(), scale: update.scale)
    gradients.add(LowRankGradient(a: aGradient, b: bGradient), to: LinearName(block: block, path: path))
    return inputGradient
  }
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

  package init(a: Matrix, b: Matrix, scale: Float) {
    precondition(a.rowCount == b.columnCount, "A of rank \(a.rowCount), B of rank \(b.columnCount)")
    self.a = a
    self.b = b
    self.scale = scale
  }

  /// x Aᵀ (T, r)
  func reduced(_ x: Matrix) -> Matrix {
    var reduced = Matrix(uninitializedRows: x.rowCount, columns: a.rowCount)
    reduced.setLinearProduct(x, a.slice())
    return reduced
  }

  func apply(to y: inout Matrix, reduced: Matrix) {
    y.setLinearProduct(reduced, b.slice(), scale: scale, adding: true)
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
