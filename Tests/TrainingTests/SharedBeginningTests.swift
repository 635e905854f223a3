import Models
import Tensors
import TestModels
import Testing
import Training

@Suite struct SharedBeginningTests {
  private let tokens = [7, 30, 2, 9, 9, 1]
  private let following = [3, 1, 4]

  private struct Outcome: Equatable {
    let keys: [Matrix]
    let loss: Double
    let gradient: Matrix
  }

  /// One sequence behind the beginning.
  private func outcome(_ model: some LanguageModel, keptBytes: Int) -> Outcome {
    var beginning = SharedBeginning(
      model.embedded(tokens), of: model, predicts: true, pass: TrainingPass(keptBytes: keptBytes))
    let found = model.gradient(
      embeddings: model.embedded(following), targets: [1, 4], firstTargetRow: 0, weight: 1,
      pass: TrainingPass(prefix: beginning.cache, trainsEmbeddings: false))
    let (loss, gradient) = beginning.backward(
      firstTokens: [3], weight: 1, behind: (0..<model.shape.blockCount).compactMap { found.updates.prefixes[$0] })
    return Outcome(keys: beginning.cache.blocks.map(\.keys), loss: found.loss + loss, gradient: gradient)
  }

  @Test(arguments: AdaptedModel.allCases)
  func `what is not kept is computed again, to the same bits`(form: AdaptedModel) throws {
    let model = try form.make()
    let all = outcome(model, keptBytes: 1 << 28)
    #expect(outcome(model, keptBytes: 0) == all)
    // Of the two blocks, the last.
    #expect(outcome(model, keptBytes: 8_000) == all)
  }

  @Test(arguments: AdaptedModel.allCases)
  func `a sequence behind it is the sequence that begins with it`(form: AdaptedModel) throws {
    let model = try form.make()
    let found = outcome(model, keptBytes: 1 << 28)
    let whole = model.gradient(
      embeddings: model.embedded(tokens + following), targets: following, firstTargetRow: tokens.count - 1, weight: 1)
    // The same sums in another order.
    #expect(abs(found.loss - whole.loss) < 1e-5)
    let expected = whole.embeddings.rows(0..<tokens.count)
    let largest = expected.elements.reduce(0) { max($0, abs($1)) }
    #expect(largest > 1e-2)
    for (one, other) in zip(found.gradient.elements, expected.elements) { #expect(abs(one - other) < 1e-5 * largest) }
  }
}
