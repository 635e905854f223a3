import Models
import Recovery
import Results
import Tensors

/// A trained adapter, as its stage stores it.
struct TrainedAdapter {
  let setting: RecoverySetting
  let stage: StoredStage
  let adapter: Adapter
  let summary: TrainingSummary
}

/// A model with a recovery in place: low-rank updates beside its layers, or prompts in front of its input.
struct RecoveredModel<Model: LanguageModel> {
  let model: Model
  let prompts: PromptBank?
  let parameters: ParameterCount
  /// nil without several prompts.
  let prompting: PromptingSummary?

  /// - Throws: `PositionError` where the model has fewer positions than prompts take; `PromptSelection.Conflict` for a
  ///   block that it does not have.
  init(_ model: Model, _ recovery: RecoverySetting, adapters: [TrainedAdapter]) throws {
    let adapted = try AdaptedModel(model, adapters.map(\.adapter), combining: recovery.method.combination)
    self.model = adapted.model
    prompts = adapted.prompts
    prompting = PromptingSummary(adapted, names: recovery.method.combinedPrompts)
    let trained = adapters.reduce(0) { $0 + $1.adapter.parameters.count }
    parameters =
      switch recovery.method {
      case .none: ParameterCount(trainable: 0)
      case .lora(let setting): Self.count(trained, ofRank: setting.rank, for: model)
      case .prompt, .idp, .concatenation:
        ParameterCount(
          trainable: trained,
          formula: adapters.reduce(0) { $0 + $1.adapter.parameters.values[0].rowCount } * model.shape.embeddingWidth)
      }
  }

  /// The paper's appendix A: 8·d·r + 4·d_inter·r a layer.
  private static func count(_ trained: Int, ofRank rank: Int, for model: Model) -> ParameterCount {
    let shape = model.shape
    let inner = model[LinearName(block: 0, path: Model.linearPaths[Model.linearPaths.count - 1])].weight.columnCount
    let formula = shape.blockCount * (8 * shape.width * rank + 4 * inner * rank)
    return ParameterCount(
      trainable: trained, formula: formula,
      note: formula == trained
        ? nil
        : "the formula of the paper's appendix A counts four square projections and two of the feed-forward layers")
  }
}

extension RecoveryMethod {
  fileprivate var combination: PromptCombination {
    switch self {
    case .idp(let setting): .selection(setting.selection, positions: setting.positions)
    case .concatenation: .concatenation
    case .none, .lora, .prompt: .selection(PromptSelection(), positions: nil)
    }
  }

  /// What is trained for it; nil for those that train nothing of their own.
  func adapter<Model: LanguageModel>(for model: Model) -> AdapterMethod? {
    switch self {
    case .none, .idp, .concatenation: nil
    case .lora(let setting): .lowRank(setting.method(for: Model.self))
    case .prompt(let setting): .prompt(setting.method)
    }
  }
}

extension LoRASetting {
  func method<Model: LanguageModel>(for: Model.Type) -> LowRankAdaptation {
    let roles = Model.linearPaths.map { String(LinearName(block: 0, path: $0).role) }
    let chosen =
      switch targets {
      case .all: roles
      // One list for Llama and OPT alike, in which Llama's o_proj has OPT's name (`peft.md` section 5).
      case .paper:
        roles.filter {
          ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2", "gate_proj", "up_proj", "down_proj"].contains($0)
        }
      case .queryValue: roles.filter { ["q_proj", "v_proj"].contains($0) }
      }
    return LowRankAdaptation(rank: rank, alpha: alpha, targets: Set(chosen))
  }
}

extension PromptSetting {
  var method: PromptTuning {
    let start: PromptTuning.Initialization =
      switch initialization {
      case .embeddingRows: .embeddingRows
      case .normal(let scale): .normal(standardDeviation: scale)
      case .sampledVocabulary: .sampledVocabulary
      }
    return PromptTuning(tokenCount: tokens, initialization: start)
  }
}
