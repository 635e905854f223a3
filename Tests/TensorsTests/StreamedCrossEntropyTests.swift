import Foundation
import Tensors
import Testing

@Suite struct StreamedCrossEntropyTests {
  /// The loss and its gradient of x for the logits x Wᵀ, which come in stretches of so many tokens.
  private func run(
    _ x: Matrix, _ weight: Matrix, targets: [Int], stretch: Int, factor: Float = 1
  ) -> (loss: Double, gradient: Matrix) {
    var entropy = StreamedCrossEntropy(targets: targets)
    var weighted = Matrix(rows: x.rowCount, columns: x.columnCount)
    for first in stride(from: 0, to: weight.rowCount, by: stretch) {
      let panel = weight.rows(first..<min(first + stretch, weight.rowCount))
      // A row after the other, in two matrices.
      for rows in [0..<1, 1..<x.rowCount] {
        var logits = x.rows(rows).times(transposed: panel)
        entropy.add(&logits, firstRow: rows.lowerBound, first: first, rescaling: &weighted)
        weighted.setProduct(logits.slice(), panel.slice(), adding: true, rows: rows)
      }
    }
    return (
      entropy.loss, entropy.gradient(weighted, targetRows: weight.gatheringRows(targets), weight: factor)
    )
  }

  @Test func `of two equal logits the loss is ln 2, and half the difference of their rows the gradient`() {
    // x = 1: both logits are 3. The gradient is (3 + 3) / 2 - 3.
    let (loss, gradient) = run(
      Matrix(rows: 2, columns: 1, [1, 1]), Matrix(rows: 2, columns: 1, [3, 3]), targets: [0, 1], stretch: 1)
    #expect(abs(loss - 2 * log(2)) < 1e-15)
    #expect(gradient == Matrix(rows: 2, columns: 1))
    // Logits 0 and 1: softmax 1 / (1 + e) and e / (1 + e), which is the gradient for target 0.
    let other = run(
      Matrix(rows: 2, columns: 1, [1, 1]), Matrix(rows: 2, columns: 1, [0, 1]), targets: [0, 0], stretch: 1
    ).gradient
    #expect(abs(Double(other[1, 0]) - M_E / (1 + M_E)) < 1e-6)
  }

  @Test(arguments: [1, 3, 8, 19]) func `loss and gradient are those of double precision, whatever the stretches`(
    stretch: Int
  ) {
    let (x, weight) = (randomMatrix(3, 5, seed: 1), randomMatrix(19, 5, seed: 2))
    let targets = [0, 18, 7]
    let found = run(x, weight, targets: targets, stretch: stretch, factor: 0.25)
    var loss = 0.0
    for row in 0..<3 {
      let logits = (0..<19).map { token in (0..<5).reduce(0) { $0 + Double(x[row, $1]) * Double(weight[token, $1]) } }
      let sum = logits.reduce(0) { $0 + exp($1) }
      loss -= logits[targets[row]] - log(sum)
      for column in 0..<5 {
        let mean = (0..<19).reduce(0) { $0 + exp(logits[$1]) / sum * Double(weight[$1, column]) }
        let expected = 0.25 * (mean - Double(weight[targets[row], column]))
        // Sums of numbers up to three, each right to a few 1e-7 of itself.
        #expect(abs(Double(found.gradient[row, column]) - expected) < 2e-6)
      }
    }
    #expect(abs(found.loss - loss) < 3e-6)
  }

  @Test func `logits that grow by hundreds from stretch to stretch neither overflow nor are forgotten`() {
    let weight = Matrix(rows: 4, columns: 1, [0, 200, 400, 400])
    let (loss, gradient) = run(Matrix(rows: 2, columns: 1, [1, 1]), weight, targets: [3, 0], stretch: 1)
    #expect(abs(loss - (2 * log(2) + 400)) < 1e-12)
    #expect(gradient == Matrix(rows: 2, columns: 1, [0, 400]))
  }

  @Test func `a NaN among the logits makes the loss NaN`() {
    for place in 0..<3 {
      var weight = Matrix(rows: 3, columns: 1, repeating: 1)
      weight[place, 0] = .nan
      #expect(run(Matrix(rows: 2, columns: 1, [1, 1]), weight, targets: [0, 2], stretch: 1).loss.isNaN)
    }
  }
}
