import Models
import Training

/// A trained adapter: what it is, and its parameters as they are stored.
package struct Adapter: Sendable, Equatable {
  package let method: AdapterMethod
  package let parameters: ParameterSet

  package init(method: AdapterMethod, parameters: ParameterSet) {
    self.method = method
    self.parameters = parameters
  }
}

/// How a LoRA runs.
package enum LowRankExecution: String, Sendable, CaseIterable {
  /// Beside the layers, whose weights stay as they are: packed, sparse, shared with other models.
  case beside
  /// Added to the weights, which are floats then.
  case merged
  /// Beside the layers, each step a pass over memory, as in frameworks that run one operation at a time: for
  /// comparison.
  case stepByStep
}

/// A model with adapters in place: a low-rank update beside its layers, or prompts in front of its input.
package struct AdaptedModel<Model: LanguageModel>: Sendable {
  package let model: Model
  package let prompts: PromptBank?
  /// Of several prompts.
  package let combination: PromptCombination

  /// - Parameters:
  ///   - adapters: none; one LoRA; prompts; or one prefix.
  ///   - combination: of several prompts, in their order.
  ///   - execution: of a LoRA.
  /// - Throws: `AdapterError.cannotCombine`; `PositionError` where the model has fewer positions than prompts take;
  ///   `PromptSelection.Conflict`.
  package init(
    _ model: Model, _ adapters: [Adapter],
    combining combination: PromptCombination = .selection(PromptSelection(), positions: nil),
    lowRank execution: LowRankExecution = .beside
  ) throws {
    self.combination = combination
    if let only = adapters.first, adapters.count == 1 {
      switch only.method {
      case .lowRank(let method):
        self.model =
          switch execution {
          case .beside: method.install(only.parameters, in: model)
          case .stepByStep: method.install(only.parameters, in: model, isStepByStep: true)
          case .merged: method.merged(only.parameters, into: model)
          }
        prompts = nil
        return
      case .prefix(let method):
        try model.shape.expectRoom(forPositions: method.tokenCount)
        self.model = model
        prompts = PromptBank(prefixes: [method.cache(only.parameters.values[0], of: model)])
        return
      case .prompt: break
      }
    }
    let prompts = adapters.compactMap { $0.method.isPrompt ? $0.parameters.values[0] : nil }
    guard prompts.count == adapters.count else {
      throw AdapterError.cannotCombine(adapters.map(\.method.name))
    }
    try model.shape.expectRoom(
      forPositions: combination.inputPosition(behind: prompts.map(\.rowCount), of: model.shape))
    self.model = model
    guard let first = prompts.first else {
      self.prompts = nil
      return
    }
    switch combination {
    case .selection(let selection, let positions):
      try selection.check(blockCount: model.shape.blockCount)
      self.prompts = PromptBank(prompts, of: model, selection: selection, positions: positions)
    case .concatenation:
      self.prompts = PromptBank([prompts.dropFirst().reduce(first) { $0.stacked(on: $1) }], of: model)
    }
  }
}

extension AdapterMethod {
  fileprivate var isPrompt: Bool {
    if case .prompt = self { true } else { false }
  }

  fileprivate var name: String {
    switch self {
    case .lowRank: "a LoRA"
    case .prompt: "a prompt"
    case .prefix: "a prefix"
    }
  }
}
