import Models
import Tensors
import Training

/// A way to train an adapter, whichever it is.
package enum AdapterMethod: Sendable, Equatable {
  case lowRank(LowRankAdaptation)
  case prompt(PromptTuning)
  case prefix(PrefixTuning)

  /// - Precondition: the model has positions for the tokens that an adapter begins as (`expectRoom`).
  package func initialParameters(of model: some LanguageModel, seed: UInt64) -> ParameterSet {
    switch self {
    case .lowRank(let method): method.initialParameters(of: model, seed: seed)
    case .prompt(let method): method.initialParameters(of: model, seed: seed)
    case .prefix(let method): method.initialParameters(of: model, seed: seed)
    }
  }

  /// The virtual tokens that stand in front of the input.
  package var tokenCount: Int {
    switch self {
    case .lowRank: 0
    case .prompt(let method): method.tokenCount
    case .prefix(let method): method.tokenCount
    }
  }

  /// - Throws: `PositionError` where the model has no position for the end of such a sequence behind the virtual tokens.
  package func expectRoom(forSequencesOf length: Int, in model: some LanguageModel) throws(PositionError) {
    try model.shape.expectRoom(forPositions: tokenCount + length)
  }

  /// The names and sizes of the parameters as they are stored, in their order.
  func storedShapes(of model: some LanguageModel) -> [ParameterShape] {
    switch self {
    case .lowRank(let method): method.parameterShapes(of: model)
    case .prompt(let method): method.parameterShapes(of: model)
    case .prefix(let method): method.storedShapes(of: model)
    }
  }

  /// What of trained parameters is stored: all, but of a projected prefix only what the projection makes of it.
  package func stored(_ parameters: ParameterSet) -> ParameterSet {
    switch self {
    case .lowRank, .prompt: parameters
    case .prefix(let method): ParameterSet([(PrefixTuning.parameterName, method.table(parameters))])
    }
  }

  /// The mean loss of a batch of token sequences, and its gradient.
  ///
  /// - Parameters:
  ///   - tokens: those that the loss counts.
  ///   - place: where the batch stands in a training run; nil: outside of one, where nothing is dropped.
  /// - Throws: `PositionError` where the model has no position for the end of the longest sequence.
  package func gradient(
    _ parameters: ParameterSet, batch: [[Int]], model: some LanguageModel, workers: Workers,
    tokens: LossTokens = .predicted, place: TrainingPlace? = nil
  ) throws -> BatchGradient {
    switch self {
    case .lowRank(let method):
      try method.gradient(
        parameters, batch: batch, model: model, workers: workers, tokens: tokens, place: place)
    case .prompt(let method):
      try method.gradient(parameters, batch: batch, model: model, workers: workers, tokens: tokens)
    case .prefix(let method):
      try method.gradient(parameters, batch: batch, model: model, workers: workers, tokens: tokens)
    }
  }
}

/// Where a batch stands in a training run: what it draws at random depends on nothing else.
package struct TrainingPlace: Sendable, Equatable {
  package let seed: UInt64
  package let step: Int
  /// The number, in the step's whole batch, of the first sequence, for those that are given in parts.
  package let firstSequence: Int

  package init(seed: UInt64, step: Int, firstSequence: Int = 0) {
    self.seed = seed
    self.step = step
    self.firstSequence = firstSequence
  }
}

/// The name and the size of a trained matrix.
struct ParameterShape {
  let name: String
  let rowCount: Int
  let columnCount: Int
}
