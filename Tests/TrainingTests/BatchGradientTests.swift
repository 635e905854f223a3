import Models
import Synchronization
import Tensors
import Testing
import Training

@Suite struct BatchGradientTests {
  private func sequence(_ loss: Double, _ gradient: [Float]) -> SequenceGradient {
    SequenceGradient(
      loss: loss, embeddings: Matrix(rows: 1, columns: gradient.count, gradient), updates: BlockGradients())
  }

  private func batch(
    _ sequences: [SequenceGradient], targetCount: Int = 1, threads: Int = 1
  ) throws -> BatchGradient {
    try BatchGradient(
      sequenceCount: sequences.count, targetCount: targetCount, workers: Workers(threadCount: threads),
      sequence: { sequences[$0] }, gradients: { [$0.embeddings] })
  }

  @Test func `the loss is the mean over targets, the gradients are added as they are`() throws {
    let found = try batch([sequence(3, [1, -2]), sequence(4.5, [0.5, 4])], targetCount: 5)
    #expect(found.loss == 1.5)  // 7.5 / 5
    #expect(found.gradients == [Matrix(rows: 1, columns: 2, [1.5, 2])])
  }

  @Test(arguments: 1...4)
  func `addition is in the order of the sequences, however many run at once`(threads: Int) throws {
    // (2²⁴ + 1) + 1 = 2²⁴ in floats, where (1 + 1) + 2²⁴ = 2²⁴ + 2; in doubles the same with 2⁵³.
    let large = sequence(0x1p53, [0x1p24])
    let small = sequence(1, [1])
    let largeFirst = try batch([large, small, small], threads: threads)
    #expect(largeFirst.loss == 0x1p53 && largeFirst.gradients[0].elements == [0x1p24])
    let largeLast = try batch([small, small, large], threads: threads)
    #expect(largeLast.loss == 0x1p53 + 2 && largeLast.gradients[0].elements == [0x1p24 + 2])
  }

  @Test(arguments: [1, 2, 3])
  func `no more sequences run at once than there are workers`(threads: Int) throws {
    let held = Mutex((now: 0, most: 0))
    let found = try BatchGradient(
      sequenceCount: 12, targetCount: 1, workers: Workers(threadCount: threads),
      sequence: { index in
        held.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        return sequence(Double(index), [Float(index)])
      },
      gradients: { sequence in
        held.withLock { $0.now -= 1 }
        return [sequence.embeddings]
      })
    #expect(found.loss == 66)
    #expect(held.withLock(\.most) <= threads)
  }

  @Test func `every parameter has its own sum`() throws {
    let sequences = [sequence(1, [1, 2, 3]), sequence(1, [10, 20, 30])]
    let found = try BatchGradient(
      sequenceCount: 2, targetCount: 2, workers: Workers(threadCount: 1), sequence: { sequences[$0] },
      gradients: { sequence in
        [
          Matrix(rows: 1, columns: 1, [sequence.embeddings[0, 2]]),
          Matrix(rows: 1, columns: 1, [sequence.embeddings[0, 0]]),
        ]
      })
    #expect(found.gradients.map(\.elements) == [[33], [11]])
  }
}
