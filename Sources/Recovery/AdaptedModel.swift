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
}

/// A model with adapters in place: a low-rank update beside its layers, or prompts in front of its input.
package struct AdaptedModel<Model: LanguageModel>: Sendable {
  package let model: Model
  package let prompts: PromptBank?

  /// - Parameter adapters: none; one LoRA; prompts, of which several are chosen among at inference (`PromptBank`), in this
  ///   order where they score alike; or one prefix.
  /// - Throws: `AdapterError.cannotCombine`; `PositionError` where the model has fewer positions than a prompt has tokens.
  package init(_ model: Model, _ adapters: [Adapter], lowRank execution: LowRankExecution = .beside) throws {
    if let only = adapters.first, adapters.count == 1 {
      switch only.method {
      case .lowRank(let method):
        self.model =
          switch execution {
          case .beside: method.install(only.parameters, in: model)
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
    try model.shape.expectRoom(forPositions: prompts.map(\.rowCount).max() ?? 0)
    self.model = model
    self.prompts = prompts.isEmpty ? nil : PromptBank(prompts, of: model)
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
