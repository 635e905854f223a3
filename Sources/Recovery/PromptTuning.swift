import Models
import Tensors
import Training

/// Prompt tuning: trainable embeddings in front of the input of a frozen model.
///
/// Source: Lester et al. 2021 (arXiv:2104.08691); PEFT 0.5's `prompt_tuning`; `peft.md` section 2.
package struct PromptTuning: Sendable, Equatable {
  /// What the prompt is before training.
  package enum Initialization: Sendable, Equatable {
    /// The embeddings of token ids 0, 1, 2, …, as in "Compress, then Prompt" (Xu et al. 2023).
    case embeddingRows
    /// Normal with this standard deviation; PEFT has 1.
    case normal(standardDeviation: Double)
    /// The embeddings of token ids drawn uniformly.
    case sampledVocabulary
    /// The embeddings of these tokens, over again or cut to the prompt's length. PEFT's `TEXT` has the special tokens that
    /// the tokenizer puts before a text among them.
    case tokens([Int])
  }

  package let tokenCount: Int
  package let initialization: Initialization

  package init(tokenCount: Int, initialization: Initialization) {
    precondition(tokenCount > 0, "a prompt of \(tokenCount) tokens")
    if case .tokens(let tokens) = initialization { precondition(!tokens.isEmpty, "a prompt of no text") }
    self.tokenCount = tokenCount
    self.initialization = initialization
  }

  package static let parameterName = "prompt_embeddings"

  /// The number of trained numbers: t · E.
  package func parameterCount(of model: some LanguageModel) -> Int { tokenCount * model.shape.embeddingWidth }

  /// One matrix (t, E).
  package func initialParameters(of model: some LanguageModel, seed: UInt64) -> ParameterSet {
    var stream = RandomStream(seed: seed, purpose: "prompt", index: UInt64(tokenCount))
    let vocabularySize = model.shape.vocabularySize
    let embeddings: Matrix
    switch initialization {
    case .embeddingRows:
      embeddings = model.embedded((0..<tokenCount).map { $0 % vocabularySize })
    case .tokens(let tokens):
      embeddings = model.embedded((0..<tokenCount).map { tokens[$0 % tokens.count] })
    case .sampledVocabulary:
      embeddings = model.embedded((0..<tokenCount).map { _ in stream.nextInteger(below: vocabularySize) })
    case .normal(let standardDeviation):
      embeddings = stream.nextNormals(
        tokenCount, model.shape.embeddingWidth, standardDeviation: standardDeviation)
    }
    return ParameterSet([(Self.parameterName, embeddings)])
  }

  func parameterShapes(of model: some LanguageModel) -> [ParameterShape] {
    [ParameterShape(name: Self.parameterName, rowCount: tokenCount, columnCount: model.shape.embeddingWidth)]
  }

  /// The loss of a batch of token sequences, and its gradient.
  ///
  /// - Throws: `PositionError` where the model has no position for the end of the longest sequence behind the prompt.
  package func gradient(
    _ parameters: ParameterSet, batch: [[Int]], model: some LanguageModel, workers: Workers,
    tokens: LossTokens = .predicted
  ) throws -> BatchGradient {
    let prompt = parameters.values[0]
    try model.shape.expectRoom(forPositions: prompt.rowCount + (batch.map(\.count).max() ?? 0))
    let weight = tokens.weight(of: batch, rowsInFront: prompt.rowCount)
    let targetCount = tokens.count(of: batch, rowsInFront: prompt.rowCount)
    let isFirstPredicted = tokens.countsFirst(rowsInFront: prompt.rowCount)
    var beginning = SharedBeginning(prompt, of: model, predicts: isFirstPredicted)
    let pass = TrainingPass(prefix: beginning.cache, trainsEmbeddings: false)
    let behind = try BatchGradient(sequenceCount: batch.count, targetCount: targetCount, workers: workers) { index in
      model.gradient(
        embeddings: model.embedded(batch[index]), targets: Array(batch[index].dropFirst()), firstTargetRow: 0,
        weight: weight, pass: pass)
    } gradients: { sequence in
      (0..<model.shape.blockCount).flatMap { block in
        sequence.updates.prefixes[block].map { [$0.keys, $0.values] } ?? []
      }
    }
    let (loss, gradient) = beginning.backward(
      firstTokens: isFirstPredicted ? batch.map { $0[0] } : [], weight: weight,
      behind: (0..<model.shape.blockCount).map {
        KeyValueCache.Block(keys: behind.gradients[2 * $0], values: behind.gradients[2 * $0 + 1])
      })
    return BatchGradient(loss: behind.loss + loss / Double(targetCount), gradients: [gradient])
  }
}
