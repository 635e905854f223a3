import Models
import Tensors
import Training

/// A way to train an adapter, whichever it is.
package enum AdapterMethod: Sendable, Equatable {
  case lowRank(LowRankAdaptation)
  case prompt(PromptTuning)

  package func initialParameters(of model: some LanguageModel, seed: UInt64) -> ParameterSet {
    switch self {
    case .lowRank(let method): method.initialParameters(of: model, seed: seed)
    case .prompt(let method): method.initialParameters(of: model, seed: seed)
    }
  }

  /// The names and sizes of `initialParameters`, in their order.
  func parameterShapes(of model: some LanguageModel) -> [ParameterShape] {
    switch self {
    case .lowRank(let method): method.parameterShapes(of: model)
    case .prompt(let method): method.parameterShapes(of: model)
    }
  }

  /// The mean loss of a batch of token sequences, and its gradient.
  package func gradient(
    _ parameters: ParameterSet, batch: [[Int]], model: some LanguageModel, workers: Workers
  ) throws -> BatchGradient {
    switch self {
    case .lowRank(let method): try method.gradient(parameters, batch: batch, model: model, workers: workers)
    case .prompt(let method): try method.gradient(parameters, batch: batch, model: model, workers: workers)
    }
  }
}

/// The name and the size of a trained matrix.
struct ParameterShape {
  let name: String
  let rowCount: Int
  let columnCount: Int
}
