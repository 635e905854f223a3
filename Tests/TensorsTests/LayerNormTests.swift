import Tensors
import Testing

@Suite struct LayerNormTests {
  @Test func `each row loses its mean and is divided by its standard deviation`() {
    // 1, 3, 5, 7 have the mean 4 and the population variance 5; with ε = 4 the root is 3.
    let norm = LayerNorm(weight: [3, 3, 3, 6], bias: [0, 10, 0, 0], epsilon: 4)
    let found = norm(Matrix(rows: 2, columns: 4, [1, 3, 5, 7, 101, 103, 105, 107]))
    for row in 0..<2 {
      for (value, expected) in zip(found.row(row), [-3, 9, 1, 6] as [Float]) {
        #expect(abs(value - expected) <= 2 * expected.ulp)  // two products and a sum
      }
    }
  }

  @Test func `channels that fill no eight count like the others`() {
    // Eleven channels 0 … 10: mean 5, variance 10.
    let norm = LayerNorm(
      weight: Array(repeating: 1, count: 11), bias: Array(repeating: 0, count: 11), epsilon: 0)
    let found = norm(Matrix(rows: 1, columns: 11, (0...10).map(Float.init)))
    for (value, x) in zip(found.elements, 0...10) { #expect(abs(value - Float(x - 5) / Float(10).squareRoot()) < 1e-6) }
  }

  @Test func `the gradient is that of finite differences`() {
    let (rowCount, width) = (3, 11)
    let norm = LayerNorm(
      weight: randomMatrix(1, width, seed: 1).elements, bias: randomMatrix(1, width, seed: 4).elements, epsilon: 0.1)
    let x = randomMatrix(rowCount, width, seed: 2)
    let outer = randomMatrix(rowCount, width, seed: 3)

    /// Σ outer ⊙ norm(x) of one row, in double precision.
    func value(_ row: Int, _ x: [Double]) -> Double {
      let mean = x.reduce(0, +) / Double(width)
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      let factor = 1 / (variance + Double(norm.epsilon)).squareRoot()
      return x.indices.reduce(0) {
        $0 + Double(outer[row, $1]) * (Double(norm.weight[$1]) * (x[$1] - mean) * factor + Double(norm.bias[$1]))
      }
    }
    let gradient = norm.backward(outer, input: x)
    let step = 1e-4  // exact to step² ~ 1e-8
    for row in 0..<rowCount {
      for column in 0..<width {
        var (up, down) = (x.row(row).map(Double.init), x.row(row).map(Double.init))
        up[column] += step
        down[column] -= step
        let expected = (value(row, up) - value(row, down)) / (2 * step)
        // Differences of products of size up to ten, each rounded to 6e-8 of itself.
        #expect(abs(Double(gradient[row, column]) - expected) < 3e-6)
      }
    }
  }

  @Test func `a constant row becomes the bias`() {
    let norm = LayerNorm(weight: [2, 2, 2], bias: [1, -1, 0], epsilon: 1e-5)
    #expect(norm(Matrix(rows: 1, columns: 3, [7, 7, 7])).elements == [1, -1, 0])
  }
}
