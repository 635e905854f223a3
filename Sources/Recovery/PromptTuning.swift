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
  }

  package let tokenCount: Int
  package let initialization: Initialization

  package init(tokenCount: Int, initialization: Initialization) {
    precondition(tokenCount > 0, "a prompt of \(tokenCount) tokens")
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
    case .sampledVocabulary:
      embeddings = model.embedded((0..<tokenCount).map { _ in stream.nextInteger(below: vocabularySize) })
    case .normal(let standardDeviation):
      var drawn = Matrix(uninitializedRows: tokenCount, columns: model.shape.embeddingWidth)
      drawn.withMutableElements {
        for place in $0.indices { $0[place] = stream.nextNormal() * Float(standardDeviation) }
      }
      embeddings = drawn
    }
    return ParameterSet([(Self.parameterName, embeddings)])
  }

  func parameterShapes(of model: some LanguageModel) -> [ParameterShape] {
    [ParameterShape(name: Self.parameterName, rowCount: tokenCount, columnCount: model.shape.embeddingWidth)]
  }

  /// The mean loss of a batch of token sequences, and its gradient.
  ///
  /// The first real token is trained too, from the last token of the prompt, as PEFT with the labels of Hugging Face
  /// does (`peft.md` section 9).
  ///
  /// - Throws: `PositionError` where the model has no position for the end of the longest sequence behind the prompt.
  package func gradient(
    _ parameters: ParameterSet, batch: [[Int]], model: some LanguageModel, workers: Workers
  ) throws -> BatchGradient {
    let prompt = parameters.values[0]
    try model.shape.expectRoom(forPositions: prompt.rowCount + (batch.map(\.count).max() ?? 0))
    let targetCount = batch.reduce(0) { $0 + $1.count }
    return try BatchGradient(sequenceCount: batch.count, targetCount: targetCount, workers: workers) { index in
      model.gradient(
        embeddings: prompt.stacked(on: model.embedded(batch[index])), targets: batch[index],
        firstTargetRow: prompt.rowCount - 1, weight: 1 / Float(targetCount))
    } gradients: {
      [$0.embeddings.rows(0..<prompt.rowCount)]
    }
  }
}
