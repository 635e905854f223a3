import Foundation
import Tensors
import Testing

/// Softmax in double precision.
private func softmax(_ x: [Double]) -> [Double] {
  let largest = x.max() ?? 0
  let exponentials = x.map { exp($0 - largest) }
  let sum = exponentials.reduce(0, +)
  return exponentials.map { $0 / sum }
}

/// The derivative of `function` at x by the central difference of step 1e-4: exact to 1e-8 for numbers of size one.
private func derivatives(of function: ([Double]) -> Double, at x: [Double]) -> [Double] {
  x.indices.map { index in
    var (up, down) = (x, x)
    up[index] += 1e-4
    down[index] -= 1e-4
    return (function(up) - function(down)) / 2e-4
  }
}

private func doubles(_ values: [Float]) -> [Double] { values.map(Double.init) }

private func nearly(_ found: [Float], _ expected: [Double], within tolerance: Double) -> Bool {
  found.count == expected.count && zip(found, expected).allSatisfy { abs(Double($0) - $1) <= tolerance }
}

@Suite struct SoftmaxTests {
  // The exponential is right to 3e-7, and the quotient adds two roundings of 6e-8.
  private let tolerance = 5e-7

  @Test func `exponentials are divided by their sum`() {
    // exp(0) : exp(ln 3) = 1 : 3
    var scores = Matrix(rows: 1, columns: 2, [0, Float(log(3.0))])
    scores.replaceByCausalSoftmax(visible: 2)
    #expect(nearly(scores.row(0), [0.25, 0.75], within: tolerance))
  }

  @Test func `each row sees one entry more than the one above, and zeros stand behind`() {
    var scores = Matrix(rows: 3, columns: 4, repeating: 5)
    scores.replaceByCausalSoftmax(visible: 2)
    let third = 1.0 / 3
    #expect(nearly(scores.row(0), [0.5, 0.5, 0, 0], within: tolerance))
    #expect(nearly(scores.row(1), [third, third, third, 0], within: tolerance))
    #expect(nearly(scores.row(2), [0.25, 0.25, 0.25, 0.25], within: tolerance))
    #expect(scores[0, 2] == 0 && scores[0, 3] == 0 && scores[1, 3] == 0)
  }

  @Test func `what is not seen does not matter`() {
    let random = randomMatrix(3, 11, seed: 1)
    var clean = random
    var dirty = random
    for (row, column) in [(0, 9), (0, 10), (1, 10)] { dirty[row, column] = [.nan, .infinity, 1e30][row + column - 9] }
    clean.replaceByCausalSoftmax(visible: 9)
    dirty.replaceByCausalSoftmax(visible: 9)
    #expect(clean == dirty)
  }

  @Test func `no row sees more entries than there are`() {
    var scores = Matrix(rows: 2, columns: 2, repeating: 0)
    scores.replaceByCausalSoftmax(visible: 5)
    #expect(scores.elements == [0.5, 0.5, 0.5, 0.5])
  }

  @Test func `rows that are not named stay as they were, and the first named sees the first entries`() {
    var scores = Matrix(rows: 3, columns: 2, repeating: 7)
    scores.replaceByCausalSoftmax(rows: 1..<2, visible: 1)
    #expect(scores.elements == [7, 7, 1, 0, 7, 7])
  }

  @Test(arguments: [1, 7, 8, 9, 50]) func `a row is that of double precision and sums to one`(count: Int) {
    let scores = randomMatrix(4, count, seed: UInt64(count))
    var probabilities = scores
    probabilities.replaceByCausalSoftmax(visible: count)
    for row in 0..<4 {
      #expect(nearly(probabilities.row(row), softmax(doubles(scores.row(row))), within: tolerance))
      #expect(abs(doubles(probabilities.row(row)).reduce(0, +) - 1) < 1e-6)
    }
  }

  @Test func `large scores neither overflow nor lose their differences`() {
    var scores = Matrix(rows: 1, columns: 3, [1e4, 1e4, -1e4])
    scores.replaceByCausalSoftmax(visible: 3)
    #expect(scores.elements == [0.5, 0.5, 0])
  }

  @Test(arguments: [3, 9]) func `the softmax's gradient is that of finite differences`(count: Int) {
    let scores = randomMatrix(1, count, seed: 2)
    let outer = randomMatrix(1, count, seed: 3)
    let expected = derivatives(
      of: { zip(softmax($0), doubles(outer.elements)).reduce(0) { $0 + $1.0 * $1.1 } },
      at: doubles(scores.elements))
    var probabilities = scores
    probabilities.replaceByCausalSoftmax(visible: count)
    var gradient = outer
    // They stand in row 2 of three, and so does the gradient.
    let others = Matrix(rows: 2, columns: count, repeating: .nan)
    gradient = others.stacked(on: gradient)
    gradient.replaceByCausalSoftmaxGradient(
      probabilities: others.stacked(on: probabilities), rows: 2..<3, visible: count)
    #expect(nearly(gradient.row(2), expected, within: 1e-6))
    #expect(gradient.rows(0..<2) == others)
  }

  @Test func `the gradient of what a row does not see is zero`() {
    var probabilities = randomMatrix(3, 11, seed: 4)
    probabilities.replaceByCausalSoftmax(visible: 2)
    var gradient = randomMatrix(3, 11, seed: 5)
    gradient.replaceByCausalSoftmaxGradient(probabilities: probabilities, visible: 2)
    for row in 0..<3 {
      #expect(gradient.row(row)[(2 + row)...].allSatisfy { $0 == 0 })
      #expect(gradient.row(row)[..<(2 + row)].allSatisfy { $0 != 0 })
    }
  }
}

@Suite struct LogProbabilityTests {
  @Test func `the log-probability of a target is by hand`() {
    // 1 : 3 : 4 of 8
    let logits = Matrix(rows: 2, columns: 3, [0, 3, 4, 0, 3, 4].map { $0 == 0 ? 0 : Float(log(Double($0))) })
    let scores = logits.logProbabilities(of: [2, 0])
    // Logits rounded to 6e-8 of at most 1.4, exponentials right to 3e-7.
    #expect(abs(scores[0].logProbability - log(0.5)) < 1e-6)
    #expect(abs(scores[1].logProbability - log(0.125)) < 1e-6)
    #expect(scores[0].isArgmax)
    #expect(!scores[1].isArgmax)
  }

  @Test(arguments: [1, 8, 31, 1000]) func `log-probabilities are those of double precision`(count: Int) {
    let logits = randomMatrix(3, count, seed: UInt64(count))
    let targets = [0, count / 2, count - 1]
    for (row, score) in logits.logProbabilities(of: targets).enumerated() {
      let expected = log(softmax(doubles(logits.row(row)))[targets[row]])
      #expect(abs(score.logProbability - expected) < 4e-7)  // the exponentials' relative error
    }
  }

  @Test func `of equal logits the first is the argmax`() {
    let logits = Matrix(rows: 3, columns: 4, [1, 2, 2, 0, 1, 2, 2, 0, 1, 2, 2, 0])
    #expect(logits.logProbabilities(of: [1, 2, 0]).map(\.isArgmax) == [true, false, false])
    // Within and behind the first eight.
    let many = Matrix(rows: 2, columns: 10, [0, 0, 0, 0, 0, 0, 0, 5, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0, 5])
    #expect(many.logProbabilities(of: [7, 9]).map(\.isArgmax) == [true, false])
  }

  @Test(arguments: [0, 5, 9]) func `a NaN anywhere makes the log-probability NaN, and nothing the argmax`(place: Int) {
    var logits = Matrix(rows: 1, columns: 10, repeating: 1)
    logits[0, place] = .nan
    for target in [0, 5, 9] {
      let score = logits.logProbabilities(of: [target])[0]
      #expect(score.logProbability.isNaN)
      #expect(!score.isArgmax)
    }
  }

  @Test func `the logits themselves are left alone`() {
    let logits = randomMatrix(2, 9, seed: 4)
    let before = logits.elements
    _ = logits.logProbabilities(of: [0, 1])
    #expect(logits.elements == before)
  }
}
