import Models
import Tensors
import Testing
import Training

@Suite struct BatchGradientTests {
  private func sequence(_ loss: Double, _ gradient: [Float]) -> SequenceGradient {
    SequenceGradient(
      loss: loss, embeddings: Matrix(rows: 1, columns: gradient.count, gradient), updates: LinearGradients())
  }

  private func batch(_ sequences: [SequenceGradient], targetCount: Int = 1) -> BatchGradient {
    BatchGradient(sequences, targetCount: targetCount) { [$0.embeddings] }
  }

  @Test func `the loss is the mean over targets, the gradients are added as they are`() {
    let found = batch([sequence(3, [1, -2]), sequence(4.5, [0.5, 4])], targetCount: 5)
    #expect(found.loss == 1.5)  // 7.5 / 5
    #expect(found.gradients == [Matrix(rows: 1, columns: 2, [1.5, 2])])
  }

  @Test func `addition is in the order of the sequences`() {
    // (2²⁴ + 1) + 1 = 2²⁴ in floats, where (1 + 1) + 2²⁴ = 2²⁴ + 2; in doubles the same with 2⁵³.
    let large = sequence(0x1p53, [0x1p24])
    let small = sequence(1, [1])
    let largeFirst = batch([large, small, small])
    #expect(largeFirst.loss == 0x1p53 && largeFirst.gradients[0].elements == [0x1p24])
    let largeLast = batch([small, small, large])
    #expect(largeLast.loss == 0x1p53 + 2 && largeLast.gradients[0].elements == [0x1p24 + 2])
  }

  @Test func `every parameter has its own sum`() {
    let sequences = [sequence(1, [1, 2, 3]), sequence(1, [10, 20, 30])]
    let found = BatchGradient(sequences, targetCount: 2) { sequence in
      [
        Matrix(rows: 1, columns: 1, [sequence.embeddings[0, 2]]),
        Matrix(rows: 1, columns: 1, [sequence.embeddings[0, 0]]),
      ]
    }
    #expect(found.gradients.map(\.elements) == [[33], [11]])
  }
}
