import Models
import Training

/// A trained adapter: what it is, and its parameters in the order of its `parameterShapes`.
package struct Adapter: Sendable, Equatable {
  package let kind: AdapterKind
  package let parameters: ParameterSet

  package init(method: AdapterMethod, parameters: ParameterSet) {
    self.init(kind: .trainable(method), parameters: parameters)
  }

  init(kind: AdapterKind, parameters: ParameterSet) {
    self.kind = kind
    self.parameters = parameters
  }
}

/// What can be put in place, of which `AdapterMethod` is what can be trained.
package enum AdapterKind: Sendable, Equatable {
  case trainable(AdapterMethod)
  case prefix(PrefixTuning)
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
  /// - Throws: `AdapterError.cannotCombine`; `PositionError` where the model has fewer positions than prompts take;
  ///   `PromptSelection.Conflict`.
  package init(
    _ model: Model, _ adapters: [Adapter],
    combining combination: PromptCombination = .selection(PromptSelection(), positions: nil)
  ) throws {
    self.combination = combination
    if let only = adapters.first, adapters.count == 1 {
      switch only.kind {
      case .trainable(.lowRank(let method)):
        self.model = method.install(only.parameters, in: model)
        prompts = nil
        return
      case .prefix(let method):
        try model.shape.expectRoom(forPositions: method.tokenCount)
        self.model = model
        prompts = PromptBank(prefixes: [method.cache(only.parameters.values[0], of: model)])
        return
      case .trainable(.prompt): break
      }
    }
    let prompts = adapters.compactMap { $0.kind.isPrompt ? $0.parameters.values[0] : nil }
    guard prompts.count == adapters.count else {
      throw AdapterError.cannotCombine(adapters.map(\.kind.name))
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

extension AdapterKind {
  fileprivate var isPrompt: Bool {
    if case .trainable(.prompt) = self { true } else { false }
  }

  fileprivate var name: String {
    switch self {
    case .trainable(.lowRank): "a LoRA"
    case .trainable(.prompt): "a prompt"
    case .prefix: "a prefix"
    }
  }
}
