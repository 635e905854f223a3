import Models
import Tensors
import TestModels
import Testing

@Suite struct LinearTests {
  private func linear(_ weight: Matrix, bias: [Float]? = nil, update: LowRankUpdate? = nil) -> Linear {
    Linear(path: "fc1", weight: Weight(weight), bias: bias, update: update)
  }

  private func backward(
    _ layer: Linear, _ gradient: Matrix, input: Matrix
  ) -> (input: Matrix, update: LowRankGradient?) {
    let pass = TrainingPass.Block(index: 3)
    var (sum, gradients) = (InputGradient(), BlockGradients())
    let (_, activations) = layer.activations(input, in: pass)
    layer.backward(gradient, activations, in: pass, to: &sum, gradients: &gradients)
    return (sum.sum ?? Matrix(rows: 0, columns: 0), gradients.updates[LinearName(block: 3, path: "fc1")])
  }

  private func number(_ value: Float) -> Matrix { Matrix(rows: 1, columns: 1, [value]) }

  @Test func `one by one by hand`() throws {
    // W = 3, A = 5, B = 7, s = 1/2: y = 3x + 7 · 5 · x / 2
    let layer = linear(number(3), update: LowRankUpdate(a: number(5), b: number(7), scale: 0.5))
    #expect(layer(number(2)) == number(41))
    // dy = 10: dx = 10 (3 + 35/2), dA = s · dy · B · x, dB = s · dy · A · x
    let (input, update) = backward(layer, number(10), input: number(2))
    #expect(input == number(205))
    #expect(try #require(update).a == number(70))
    #expect(try #require(update).b == number(50))
  }

  @Test(arguments: [1, 2]) func `a bias is added to every row`(rowCount: Int) {
    let layer = linear(Matrix(rows: 2, columns: 1, [1, 2]), bias: [10, 20])
    let x = Matrix(rows: rowCount, columns: 1, Array([3, 4][..<rowCount]))
    #expect(layer(x) == Matrix(rows: rowCount, columns: 2, Array([13, 26, 14, 28][..<(2 * rowCount)])))
  }

  @Test func `rows are multiplied by the transposed weight`() {
    let layer = linear(Matrix(rows: 3, columns: 2, [1, 2, 3, 4, 5, 6]))
    #expect(layer(Matrix(rows: 2, columns: 2, [1, 0, 1, 1])) == Matrix(rows: 2, columns: 3, [1, 3, 5, 3, 7, 11]))
    let (input, update) = backward(
      layer, Matrix(rows: 1, columns: 3, [1, 10, 100]), input: Matrix(rows: 1, columns: 2))
    #expect(input == Matrix(rows: 1, columns: 2, [531, 642]))
    #expect(update == nil)
  }

  @Test(arguments: [1, 5]) func `an update with B = 0 changes not a bit`(rowCount: Int) {
    let base = linear(randomMatrix(6, 8, seed: 1))
    var updated = base
    updated.update = LowRankUpdate(a: randomMatrix(2, 8, seed: 2), b: Matrix(rows: 6, columns: 2), scale: 3)
    let x = randomMatrix(rowCount, 8, seed: 3)
    #expect(updated(x) == base(x))
    #expect(backward(updated, base(x), input: x).input == backward(base, base(x), input: x).input)
  }

  @Test(arguments: [1, 5]) func `an update is a change of the weight`(rowCount: Int) {
    let update = LowRankUpdate(a: randomMatrix(2, 8, seed: 4), b: randomMatrix(6, 2, seed: 5), scale: 0.75)
    let layer = linear(randomMatrix(6, 8, seed: 6), update: update)
    var merged = layer.weight.matrix
    merged.setProduct(update.b.slice(), update.a.slice(), scale: update.scale, adding: true)
    let x = randomMatrix(rowCount, 8, seed: 7)
    let gradient = randomMatrix(rowCount, 6, seed: 8)
    // Sums of ten products of numbers up to ten, rounded to 6e-8 of some dozens.
    #expect(layer(x).largestDifference(from: linear(merged)(x)) < 2e-5)
    #expect(backward(layer, gradient, input: x).input.largestDifference(from: gradient.times(merged)) < 2e-5)
  }

  @Test func `the factors' gradients are the merged weight's, through the chain rule`() throws {
    // With G = dyᵀ x the gradient of the merged weight W + s B A: dB = s G Aᵀ, dA = s Bᵀ G.
    let update = LowRankUpdate(a: randomMatrix(2, 8, seed: 4), b: randomMatrix(6, 2, seed: 5), scale: 0.75)
    let layer = linear(randomMatrix(6, 8, seed: 6), update: update)
    let x = randomMatrix(5, 8, seed: 7)
    let gradient = randomMatrix(5, 6, seed: 8)
    let weightGradient = gradient.transposedTimes(x)
    var a = Matrix(rows: 2, columns: 8)
    a.setProduct(update.b.slice(), leftTransposed: true, weightGradient.slice(), scale: 0.75)
    var b = Matrix(rows: 6, columns: 2)
    b.setProduct(weightGradient.slice(), update.a.slice(), rightTransposed: true, scale: 0.75)
    let found = try #require(backward(layer, gradient, input: x).update)
    #expect(found.a.largestDifference(from: a) < 2e-5)
    #expect(found.b.largestDifference(from: b) < 2e-5)
  }

  @Test func `a layer's role is the last part of its path`() {
    #expect(LinearName(block: 3, path: "self_attn.q_proj").role == "q_proj")
    #expect(LinearName(block: 3, path: "fc1").role == "fc1")
  }
}
