import Models
import Recovery

/// One row of the grid: a named way to recover what compression displaced.
package struct RecoverySetting: Equatable, Sendable {
  package var name: String
  package var method: RecoveryMethod

  package var canonical: CanonicalJSON { ["name": .string(name), "method": method.canonical] }
}

package enum RecoveryMethod: Equatable, Sendable {
  case none
  case lora(LoRASetting)
  case prompt(PromptSetting)
  /// Inference-time dynamic prompting: trains nothing, chooses among prompts that other recoveries trained.
  case idp(IDPSetting)
  /// Trains nothing, makes one prompt of those that other recoveries trained.
  case concatenation(prompts: [String])

  package var isTrained: Bool {
    switch self {
    case .none, .idp, .concatenation: false
    case .lora, .prompt: true
    }
  }

  /// The names of the recoveries whose prompts this one combines.
  package var combinedPrompts: [String] {
    switch self {
    case .idp(let setting): setting.prompts
    case .concatenation(let prompts): prompts
    case .none, .lora, .prompt: []
    }
  }

  package var canonical: CanonicalJSON {
    switch self {
    case .none: ["method": "none"]
    case .lora(let setting):
      [
        "method": "lora", "rank": .integer(setting.rank), "alpha": .number(setting.alpha),
        "targets": .string(setting.targets.rawValue),
      ]
    case .prompt(let setting):
      ["method": "prompt", "tokens": .integer(setting.tokens), "initialization": setting.initialization.canonical]
    case .idp(let setting):
      .object(
        PromptCombination.selection(setting.selection, positions: setting.positions).canonical.merging([
          "prompts": .strings(setting.prompts)
        ]) { $1 })
    case .concatenation(let prompts):
      .object(PromptCombination.concatenation.canonical.merging(["prompts": .strings(prompts)]) { $1 })
    }
  }
}

package struct LoRASetting: Equatable, Sendable {
  package enum Targets: String, CaseIterable, Sendable {
    /// Every linear layer of every block.
    case all
    /// All but Llama's output projection: the list that gives the parameter counts of the paper's tables.
    case paper
    /// Query and value projections, the default of PEFT.
    case queryValue = "query-value"
  }

  package var rank: Int
  /// The branch is scaled by alpha / rank.
  package var alpha: Double
  package var targets: Targets = .all

  package init(
    rank: Int, alpha: Double, targets: Targets = .all
  ) {
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
  }
}

package struct PromptSetting: Equatable, Sendable {
  package enum Initialization: Equatable, Sendable {
    /// The first rows of the embedding matrix, as "Compress, then Prompt" does (Xu et al. 2305.11186).
    case embeddingRows
    case normal(scale: Double)
    case sampledVocabulary

    var canonical: CanonicalJSON {
      switch self {
      case .embeddingRows: ["initialization": "embedding-rows"]
      case .normal(let scale): ["initialization": "normal", "scale": .number(scale)]
      case .sampledVocabulary: ["initialization": "sampled-vocabulary"]
      }
    }
  }

  package var tokens: Int
  package var initialization: Initialization = .embeddingRows

  package init(
    tokens: Int, initialization: Initialization = .embeddingRows
  ) {
    self.tokens = tokens
    self.initialization = initialization
  }
}

package struct IDPSetting: Equatable, Sendable {
  /// The names of recoveries of the same suite.
  package var prompts: [String]
  package var selection: PromptSelection
  /// nil for those recommended for the model.
  package var positions: PromptPositions?

  package init(
    prompts: [String], selection: PromptSelection = PromptSelection(), positions: PromptPositions? = nil
  ) {
    self.prompts = prompts
    self.selection = selection
    self.positions = positions
  }
}

extension RecoverySetting {
  /// With prompts where they are recommended for a model of this shape, unless the suite says where.
  func resolved(for shape: ModelShape) -> RecoverySetting {
    guard case .idp(var setting) = method, setting.positions == nil else { return self }
    setting.positions = .recommended(for: shape)
    return RecoverySetting(name: name, method: .idp(setting))
  }
}

extension PromptCombination {
  var canonical: [String: CanonicalJSON] {
    switch self {
    case .selection(let selection, let positions):
      selection.canonical.merging([
        "method": "idp", "positions": positions.map { .string($0.rawValue) } ?? "recommended",
      ]) { $1 }
    case .concatenation: ["method": "concatenation"]
    }
  }
}

extension PromptSelection {
  /// What is not asked about is left out.
  fileprivate var canonical: [String: CanonicalJSON] {
    var members: [String: CanonicalJSON] = [
      "score": .string(score.rawValue), "layers": .string(layers.name), "heads": .string(heads.rawValue),
      "queries": .string(queries.rawValue),
    ]
    if let before = layers.before { members["before"] = .string(before.rawValue) }
    if isJoint { members["support"] = .string(support.rawValue) }
    return members
  }
}

extension PromptSelection.Layers {
  /// Those that a word names; a block has its number.
  static let words: [String: PromptSelection.Layers] = ["each": .each, "first": .first, "last": .last, "mean": .mean]

  /// In a suite's words.
  var name: String {
    switch self {
    case .each: "each"
    case .first: "first"
    case .last: "last"
    case .mean: "mean"
    case .block(let block, _): String(block)
    }
  }

  var before: PromptSelection.Before? {
    if case .block(_, let before) = self { before } else { nil }
  }
}
