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
  case prefix(PrefixSetting)
  /// Inference-time dynamic prompting: trains nothing, chooses among prompts that other recoveries trained.
  case idp(IDPSetting)
  /// Trains nothing, makes one prompt of those that other recoveries trained.
  case concatenation(prompts: [String])

  package var isTrained: Bool {
    switch self {
    case .none, .idp, .concatenation: false
    case .lora, .prompt, .prefix: true
    }
  }

  /// The names of the recoveries whose prompts this one combines.
  package var combinedPrompts: [String] {
    switch self {
    case .idp(let setting): setting.prompts
    case .concatenation(let prompts): prompts
    case .none, .lora, .prompt, .prefix: []
    }
  }

  package var canonical: CanonicalJSON {
    switch self {
    case .none: ["method": "none"]
    case .lora(let setting): setting.canonical
    case .prompt(let setting):
      ["method": "prompt", "tokens": .integer(setting.tokens), "initialization": setting.initialization.canonical]
    case .prefix(let setting):
      ["method": "prefix", "tokens": .integer(setting.tokens), "initialization": setting.initialization.canonical]
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
  package enum Targets: Equatable, Sendable {
    /// Every linear layer of every block.
    case all
    /// All but Llama's output projection: the list that gives the parameter counts of the paper's tables.
    case paper
    /// Query and value projections, the default of PEFT.
    case queryValue
    /// The layers with these roles, such as "q_proj".
    case named([String])

    /// The roles of an architecture's layers.
    package static func roles<Model: LanguageModel>(of: Model.Type) -> [String] {
      Model.linearPaths.map { String(LinearName(block: 0, path: $0).role) }
    }
  }

  package var rank: Int
  /// The branch is scaled by alpha / rank.
  package var alpha: Double
  package var targets: Targets = .all
  /// The share of the updates' inputs that is dropped in training.
  package var dropout: Double = 0

  package init(
    rank: Int, alpha: Double, targets: Targets = .all, dropout: Double = 0
  ) {
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
    self.dropout = dropout
  }

  var canonical: CanonicalJSON {
    var members: [String: CanonicalJSON] = [
      "method": "lora", "rank": .integer(rank), "alpha": .number(alpha), "targets": .string(targets.rawValue),
    ]
    // As it was before there was any, so that digests of suites stay.
    if dropout > 0 { members["dropout"] = .number(dropout) }
    return .object(members)
  }
}

extension LoRASetting.Targets: RawRepresentable, CaseIterable {
  package static let allCases: [Self] = [.all, .paper, .queryValue]

  /// One of the words, or names of layers with commas between them.
  package init?(rawValue: String) {
    if let word = Self.allCases.first(where: { $0.rawValue == rawValue }) {
      self = word
      return
    }
    let names = rawValue.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard names.allSatisfy({ $0.hasSuffix("_proj") || ["fc1", "fc2"].contains($0) }), Set(names).count == names.count
    else { return nil }
    self = .named(names.sorted())
  }

  package var rawValue: String {
    switch self {
    case .all: "all"
    case .paper: "paper"
    case .queryValue: "query-value"
    case .named(let names): names.joined(separator: ",")
    }
  }
}

package struct PromptSetting: Equatable, Sendable {
  package enum Initialization: Equatable, Sendable {
    /// The first rows of the embedding matrix, as "Compress, then Prompt" does (Xu et al. 2305.11186).
    case embeddingRows
    case normal(scale: Double)
    case sampledVocabulary
    /// The embeddings of a text's tokens, over again or cut to the prompt's length.
    case text(String)

    /// As a suite spells it.
    var name: String {
      switch self {
      case .embeddingRows: "embedding-rows"
      case .normal: "normal"
      case .sampledVocabulary: "sampled-vocabulary"
      case .text: "text"
      }
    }

    var canonical: CanonicalJSON {
      switch self {
      case .embeddingRows, .sampledVocabulary: ["initialization": .string(name)]
      case .normal(let scale): ["initialization": .string(name), "scale": .number(scale)]
      case .text(let text): ["initialization": .string(name), "text": .string(text)]
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

package struct PrefixSetting: Equatable, Sendable {
  package enum Initialization: Equatable, Sendable {
    /// PEFT's, with a scale of 1.
    case normal(scale: Double)
    /// The keys and values of a text's tokens, over again or cut to the prefix's length: at first the model is as it would
    /// be behind them.
    case text(String)
    /// PEFT's `prefix_projection`: two layers that make the prefix are trained in its place, `width` wide between them; nil
    /// for the width of the keys.
    case projection(width: Int?)

    /// As a suite spells it.
    var name: String {
      switch self {
      case .normal: "normal"
      case .text: "text"
      case .projection: "projection"
      }
    }

    var canonical: CanonicalJSON {
      switch self {
      case .normal(let scale): ["initialization": .string(name), "scale": .number(scale)]
      case .text(let text): ["initialization": .string(name), "text": .string(text)]
      case .projection(let width): ["initialization": .string(name), "width": .optional(width)]
      }
    }
  }

  package var tokens: Int
  package var initialization: Initialization = .normal(scale: 1)

  package init(tokens: Int, initialization: Initialization = .normal(scale: 1)) {
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
