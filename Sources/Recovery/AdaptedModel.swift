import Models
import Training

/// A trained adapter: what it is, and its parameters in the order of `initialParameters`.
package struct Adapter: Sendable, Equatable {
  package let method: AdapterMethod
  package let parameters: ParameterSet

  package init(method: AdapterMethod, parameters: ParameterSet) {
    self.method = method
    self.parameters = parameters
  }
}

/// A model with adapters in place: a low-rank update beside its layers, or prompts in front of its input.
package struct AdaptedModel<Model: LanguageModel>: Sendable {
  package let model: Model
  package let prompts: PromptBank?

  /// - Parameter adapters: none; one LoRA; or prompts, of which several are chosen among at inference (`PromptBank`), in
  ///   this order where they score alike.
  /// - Throws: `AdapterError.cannotCombine`; `PositionError` where the model has fewer positions than a prompt has tokens.
  package init(_ model: Model, _ adapters: [Adapter]) throws {
    let prompts = adapters.compactMap { $0.method.isPrompt ? $0.parameters.values[0] : nil }
    if let first = adapters.first, case .lowRank(let method) = first.method, adapters.count == 1 {
      self.model = method.install(first.parameters, in: model)
      self.prompts = nil
      return
    }
    guard prompts.count == adapters.count else {
      throw AdapterError.cannotCombine(adapters.map { $0.method.isPrompt ? "a prompt" : "a LoRA" })
    }
    try model.shape.expectRoom(forPositions: prompts.map(\.rowCount).max() ?? 0)
    self.model = model
    self.prompts = prompts.isEmpty ? nil : PromptBank(prompts, of: model)
  }
}

extension AdapterMethod {
  fileprivate var isPrompt: Bool {
    switch self {
    case .lowRank: false
    case .prompt: true
    }
  }
}
