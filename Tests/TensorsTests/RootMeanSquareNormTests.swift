import Tensors
import Testing

@Suite struct RootMeanSquareNormTests {
  @Test func `each row is divided by its root mean square`() {
    // The root of the mean of 1, 49, 1, 49 is 5.
    let norm = RootMeanSquareNorm(weight: [1, 1, 2, 3], epsilon: 0)
    let result = norm(Matrix(rows: 2, columns: 4, [1, 7, -1, 7, 10, 70, -10, 70]))
    for row in 0..<2 {
      for (found, expected) in zip(result.row(row), [0.2, 1.4, -0.4, 4.2] as [Float]) {
        #expect(abs(found - expected) <= 2 * expected.ulp.magnitude)  // two products
      }
    }
  }

  @Test func `epsilon stands under the root`() {
    // 1 / √(1 + 3) = 1/2
    let norm = RootMeanSquareNorm(weight: [1, 2], epsilon: 3)
    #expect(norm(Matrix(rows: 1, columns: 2, [1, -1])).elements == [0.5, -1])
    #expect(norm(Matrix(rows: 1, columns: 2, [0, 0])).elements == [0, 0])
  }

  @Test func `the gradient is that of finite differences`() {
    let (rowCount, width) = (3, 6)
    let norm = RootMeanSquareNorm(weight: randomMatrix(1, width, seed: 1).elements, epsilon: 0.1)
    let x = randomMatrix(rowCount, width, seed: 2)
    let outer = randomMatrix(rowCount, width, seed: 3)

    /// Σ outer ⊙ norm(x) of one row, in double precision.
    func value(_ row: Int, _ x: [Double]) -> Double {
      let meanSquare = x.reduce(0) { $0 + $1 * $1 } / Double(width)
      let factor = 1 / (meanSquare + Double(norm.epsilon)).squareRoot()
      return x.indices.reduce(0) { $0 + Double(outer[row, $1]) * Double(norm.weight[$1]) * x[$1] * factor }
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

  @Test func `a row's result does not depend on the rows around it`() {
    let norm = RootMeanSquareNorm(weight: randomMatrix(1, 5, seed: 4).elements, epsilon: 1e-6)
    let x = randomMatrix(4, 5, seed: 5)
    let all = norm(x)
    for row in 0..<4 { #expect(norm(x.rows(row..<row + 1)) == all.rows(row..<row + 1)) }
  }
}
