import Models
import Tensors
import TestModels
import Testing

@Suite struct SequencePackingTests {
  private let sequences = [5, 12, 1, 25, 40].map { length in (0..<length).map { ($0 * 7 + length) % 32 } }

  @Test func `sequences run together as alone`() throws {
    check(try Llama.random())
    check(try OPT.random())
    check(try OPT.random(isProjected: true))
  }

  private func check(_ model: some LanguageModel) {
    let embeddings = sequences.map { model.embedded($0) }
    let together = model.runBlocks(batch: embeddings)
    for (found, embedding) in zip(together, embeddings) {
      var pass = ForwardPass()
      // Hidden states of a few units after sums in another order.
      #expect(found.largestDifference(from: model.runBlocks(embedding, &pass)) < 2e-5)
    }
    // To the bit, whatever the company and the order.
    for (index, embedding) in embeddings.enumerated() {
      #expect(model.runBlocks(batch: [embedding]) == [together[index]])
    }
    #expect(model.runBlocks(batch: embeddings.reversed()) == together.reversed())
  }

  @Test func `a row of a product has the same bits in a wide matrix among others as in its strip alone`() {
    // Sizes that fill no tile of any kernel, and enough elements to pass by OpenBLAS's kernels for small matrices.
    for (inner, outer) in [(288, 172), (100, 1000)] {
      let weight = Weight(randomMatrix(outer, inner, seed: 1))
      let x = randomMatrix(120, inner, seed: 2)
      let whole = weight.multiplied(x)
      for first in stride(from: 0, to: 120, by: 60) {
        #expect(weight.multiplied(x.rows(first..<first + 60)) == whole.rows(first..<first + 60))
      }
    }
  }
}
