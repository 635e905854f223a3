import Models
import Recovery
import Tensors
import TestModels
import Testing
import Training

@Suite struct PromptTuningTests {
  private let method = PromptTuning(tokenCount: 3, initialization: .normal(standardDeviation: 1))
  private let one = Workers(threadCount: 1)
  /// Sequences of different lengths, one of them a single token.
  private let batch = [[3, 1, 4, 1, 5], [9], [2, 6, 5, 3, 5, 8]]

  private func prompt(
    _ tokenCount: Int, _ initialization: PromptTuning.Initialization, _ model: Llama, seed: UInt64 = 1
  ) -> Matrix {
    let parameters = PromptTuning(tokenCount: tokenCount, initialization: initialization)
      .initialParameters(of: model, seed: seed)
    #expect(parameters.names == ["prompt_embeddings"] && parameters.values.count == 1)
    return parameters.values[0]
  }

  /// -log p of each token but the first, in nats.
  private func losses(_ tokens: [Int], _ model: Llama) -> [Double] {
    model.logits(of: tokens.dropLast()).logProbabilities(of: Array(tokens.dropFirst())).map { -$0.logProbability }
  }

  @Test func `a prompt can begin as the first rows of the embedding`() throws {
    let model = try Llama.random()
    #expect(prompt(5, .embeddingRows, model) == model.embedding.matrix.rows(0..<5))
    #expect(prompt(5, .embeddingRows, model, seed: 2) == model.embedding.matrix.rows(0..<5))
    // A prompt longer than the vocabulary of 32 begins again.
    #expect(prompt(34, .embeddingRows, model) == model.embedding.matrix.stacked(on: model.embedding.matrix.rows(0..<2)))
  }

  @Test func `a prompt can begin as the embeddings of drawn tokens`() throws {
    let model = try Llama.random()
    let rows = (0..<32).map { model.embedding.matrix.row($0) }
    let found = prompt(200, .sampledVocabulary, model)
    let drawn = (0..<200).compactMap { rows.firstIndex(of: found.row($0)) }
    #expect(drawn.count == 200)
    // A given one of 32 is missed in 200 draws once in (32/31)²⁰⁰ = 570.
    #expect(Set(drawn).count > 28)
    #expect(prompt(200, .sampledVocabulary, model) == found)
    #expect(prompt(200, .sampledVocabulary, model, seed: 2) != found)
  }

  @Test func `a prompt can begin as normal numbers`() throws {
    let model = try Llama.random()
    let found = prompt(100, .normal(standardDeviation: 0.5), model)
    let elements = found.elements.map(Double.init)
    let mean = elements.reduce(0, +) / 1600
    let variance = elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1600
    // Four standard errors: 0.5 / √1600 of the mean, and 0.5 / √(2 · 1600) of the deviation.
    #expect(abs(mean) < 4 * 0.0125)
    #expect(abs(variance.squareRoot() - 0.5) < 4 * 0.00884)
    #expect(prompt(100, .normal(standardDeviation: 0.5), model) == found)
    #expect(prompt(100, .normal(standardDeviation: 0.5), model, seed: 2) != found)
    // Twice the deviation is twice each number: a power of two rounds nothing.
    #expect(prompt(100, .normal(standardDeviation: 1), model).elements == found.elements.map { 2 * $0 })
  }

  @Test func `parameters are counted by tokens times width`() throws {
    let model = try Llama.random()
    #expect(method.parameterCount(of: model) == 48)  // 3 · 16
    #expect(method.initialParameters(of: model, seed: 1).count == 48)
  }

  @Test func `a prompt of real tokens' embeddings gives the loss with those tokens in front`() throws {
    let model = try Llama.random()
    let parameters = ParameterSet([(PromptTuning.parameterName, model.embedded([7, 30, 2]))])
    let found = try method.gradient(parameters, batch: batch, model: model, workers: one)
    // Of the tokens in front, the first two predictions are of the prompt itself.
    let sum = batch.map { losses([7, 30, 2] + $0, model).dropFirst(2).reduce(0, +) }.reduce(0, +)
    // 5 + 1 + 6 tokens. The same sums but for the last token's row: rounding of some 1e-6.
    #expect(abs(found.loss - sum / 12) < 1e-5)
  }

  @Test func `the first real token is trained`() throws {
    let model = try Llama.random()
    let parameters = ParameterSet([(PromptTuning.parameterName, model.embedded([7, 30, 2]))])
    let found = try method.gradient(parameters, batch: [[9]], model: model, workers: one)
    #expect(abs(found.loss - losses([7, 30, 2, 9], model)[2]) < 1e-5)
    #expect(found.gradients[0].row(2).contains { abs($0) > 1e-3 })
  }

  @Test(arguments: LossTokens.allCases)
  func `a prompt that runs once for a batch gives what a copy for each sequence gives`(tokens: LossTokens) throws {
    let models: [any LanguageModel] = [try Llama.random(), try OPT.random(), try OPT.random(isProjected: true)]
    for model in models { try compareWithCopies(model, tokens) }
  }

  private func compareWithCopies(_ model: some LanguageModel, _ tokens: LossTokens) throws {
    let parameters = method.initialParameters(of: model, seed: 1)
    let prompt = parameters.values[0]
    let found = try method.gradient(parameters, batch: batch, model: model, workers: one, tokens: tokens)
    let isFirstPredicted = tokens == .predicted
    let targetCount = isFirstPredicted ? 12 : 9
    // A summed loss is a mean over the three sequences.
    let weight = 1 / Float(tokens == .summedFollowing ? 3 : targetCount)
    var loss = 0.0
    var expected = Matrix(rows: 3, columns: prompt.columnCount)
    for sequence in batch {
      let copy = model.gradient(
        embeddings: prompt.stacked(on: model.embedded(sequence)),
        targets: isFirstPredicted ? sequence : Array(sequence.dropFirst()), firstTargetRow: isFirstPredicted ? 2 : 3,
        weight: weight)
      loss += copy.loss
      expected.add(copy.embeddings.rows(0..<3))
    }
    // Sums of the same numbers in another order: rounding of some 1e-7 of the largest.
    #expect(abs(found.loss - loss / Double(targetCount)) < 1e-5)
    let largest = expected.elements.reduce(0) { max($0, abs($1)) }
    #expect(largest > 1e-3)
    for (one, other) in zip(found.gradients[0].elements, expected.elements) {
      #expect(abs(one - other) < 1e-5 * largest)
    }
  }

  @Test func `the gradient is the slope of the loss in any direction`() throws {
    let model = try Llama.random()
    let parameters = method.initialParameters(of: model, seed: 1)
    let found = try method.gradient(parameters, batch: batch, model: model, workers: one)
    #expect(found.gradients[0].rowCount == 3 && found.gradients[0].columnCount == 16)
    for row in 0..<3 {
      let stream = RandomStream(seed: 6, purpose: "direction", index: UInt64(row))
      let direction = (0..<16).map { stream.normal(at: $0) }
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      func loss(_ step: Float) throws -> Double {
        var moved = parameters
        for column in 0..<16 { moved.values[0][row, column] += step * direction[column] / length }
        return try method.gradient(moved, batch: batch, model: model, workers: one).loss
      }
      let slope = try (8 * (loss(0.02) - loss(-0.02)) - (loss(0.04) - loss(-0.04))) / 0.24
      let expected = zip(found.gradients[0].row(row), direction).reduce(0) { $0 + Double($1.0) * Double($1.1 / length) }
      // Four points leave no third derivative. A loss that is right to 1e-6 gives a slope right to 18e-6 / 0.24 = 75e-6.
      #expect(abs(slope - expected) < 1e-4, "row \(row)")
    }
  }

  @Test func `training lowers the loss, and the same seed gives the same prompt`() throws {
    let model = try Llama.random()
    let corpus = try TokenSequences(tokens: (0..<48).map { $0 * 7 % 5 }, length: 6, seed: 1)
    func train() throws -> (ParameterSet, [Double]) {
      var parameters = method.initialParameters(of: model, seed: 1)
      let recipe = TrainingRecipe(
        stepCount: 40, batchSize: 2, learningRate: 0.05, schedule: .constant, options: AdamWOptions(weightDecay: 0))
      let losses = try parameters.train(
        by: recipe, batch: { corpus.batch($0, size: 2) },
        gradient: { try method.gradient($0, batch: $1, model: model, workers: Workers(threadCount: 2)) })
      return (parameters, losses)
    }
    let (parameters, losses) = try train()
    #expect(losses[36...].reduce(0, +) < 0.9 * losses[..<4].reduce(0, +))
    #expect(try train() == (parameters, losses))
  }

  @Test func `one thread and two give the same bits`() throws {
    let model = try Llama.random()
    let parameters = method.initialParameters(of: model, seed: 1)
    let first = try method.gradient(parameters, batch: batch, model: model, workers: one)
    for threadCount in [1, 2] {
      let again = try method.gradient(
        parameters, batch: batch, model: model, workers: Workers(threadCount: threadCount))
      #expect(again.loss == first.loss && again.gradients == first.gradients)
    }
  }

  @Test func `a prompt that goes beyond a table of positions is refused, and no other is`() throws {
    // 320 positions; the longest sequence of the batch has six tokens.
    let model = try OPT.random()
    func gradient(_ tokenCount: Int, _ model: some LanguageModel) throws -> BatchGradient {
      let parameters = PromptTuning(tokenCount: tokenCount, initialization: .embeddingRows)
        .initialParameters(of: model, seed: 1)
      return try PromptTuning(tokenCount: tokenCount, initialization: .embeddingRows)
        .gradient(parameters, batch: batch, model: model, workers: one)
    }
    #expect(throws: PositionError(needed: 321, available: 320)) { try gradient(315, model) }
    #expect(throws: PositionError(needed: 5006, available: 320)) { try gradient(5000, model) }
    #expect(try gradient(314, model).loss.isFinite)
    // Where positions are angles there are as many as one likes.
    #expect(try gradient(3000, Llama.random()).loss.isFinite)
  }
}
