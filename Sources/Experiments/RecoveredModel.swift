import Models
import Recovery
import Results
import Tensors
import Training

/// A trained adapter, as its stage stores it.
struct TrainedAdapter {
  let setting: RecoverySetting
  let stage: StoredStage
  let adapter: Adapter
  let summary: TrainingSummary
}

/// A model with a recovery in place: low-rank updates beside its layers, or prompts in front of its input.
struct RecoveredModel<Model: LanguageModel>: Sendable {
  let adapted: AdaptedModel<Model>
  let parameters: ParameterCount
  /// nil without several prompts.
  let prompting: PromptingSummary?

  /// - Throws: `PositionError` where the model has fewer positions than prompts take; `PromptSelection.Conflict` for a
  ///   block that it does not have.
  init(_ model: Model, _ recovery: RecoverySetting, adapters: [TrainedAdapter]) throws {
    adapted = try AdaptedModel(model, adapters.map(\.adapter), combining: recovery.method.combination)
    parameters = ParameterCount(adapters.map(\.adapter.method), of: AdaptedShape(model))
    prompting = PromptingSummary(adapted, names: recovery.method.combinedPrompts)
  }

  var model: Model { adapted.model }
  var prompts: PromptBank? { adapted.prompts }
}

extension ParameterCount {
  /// - Parameter adapters: what was trained for the recovery; their counts add up.
  package init(_ adapters: [AdapterMethod], of shape: AdaptedShape) {
    guard !adapters.isEmpty else {
      self.init(trainable: 0)
      return
    }
    let counts = adapters.map { $0.parameterCounts(of: shape) }
    func sum(_ count: (ParameterCounts) -> Int) -> Int { counts.reduce(0) { $0 + count($1) } }
    var reasons: [String] = []
    for reason in counts.compactMap(\.explanation) where !reasons.contains(reason) { reasons.append(reason) }
    self.init(
      trainable: sum(\.trained), exact: sum(\.exact), formula: sum(\.formula),
      note: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
  }
}

extension RecoveryMethod {
  var combination: PromptCombination {
    switch self {
    case .idp(let setting): .selection(setting.selection, positions: setting.positions)
    case .concatenation: .concatenation
    case .none, .lora, .prompt, .prefix: .selection(PromptSelection(), positions: nil)
    }
  }

  /// What is trained for it; nil for those that train nothing of their own.
  func adapter<Model: LanguageModel>(for model: Model, tokenizer: Tokenizer) -> AdapterMethod? {
    switch self {
    case .none, .idp, .concatenation: nil
    case .lora(let setting): .lowRank(setting.method(for: Model.self))
    case .prompt(let setting): .prompt(setting.method(tokenizer))
    case .prefix(let setting): .prefix(setting.method(tokenizer))
    }
  }
}

extension LoRASetting {
  func method<Model: LanguageModel>(for: Model.Type) -> LowRankAdaptation {
    let chosen =
      switch targets {
      case .all: LowRankTargets.all.roles(of: Model.self)
      case .paper: LowRankTargets.paper.roles(of: Model.self)
      case .queryValue: LowRankTargets.queryValue.roles(of: Model.self)
      case .named(let names): Set(names)
      }
    return LowRankAdaptation(rank: rank, alpha: alpha, targets: chosen, dropoutRate: dropout)
  }
}

extension PromptSetting {
  func method(_ tokenizer: Tokenizer) -> PromptTuning {
    let start: PromptTuning.Initialization =
      switch initialization {
      case .embeddingRows: .embeddingRows
      case .normal(let scale): .normal(standardDeviation: scale)
      case .sampledVocabulary: .sampledVocabulary
      case .text(let text): .tokens(tokenizer.encodeWithBeginning(text))
      }
    return PromptTuning(tokenCount: tokens, initialization: start)
  }
}

extension PrefixSetting {
  func method(_ tokenizer: Tokenizer) -> PrefixTuning {
    let start: PrefixTuning.Start =
      switch initialization {
      case .normal(let scale): .normal(standardDeviation: scale)
      case .text(let text): .tokens(tokenizer.encodeWithBeginning(text))
      case .projection(let width): .projected(width: width)
      }
    return PrefixTuning(tokenCount: tokens, start: start)
  }
}
