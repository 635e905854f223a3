import Models

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

  package var isTrained: Bool {
    switch self {
    case .none, .idp: false
    case .lora, .prompt, .prefix: true
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
      [
        "method": "idp", "prompts": .strings(setting.prompts), "score": .string(setting.score.rawValue),
        "layers": .string(setting.layers.rawValue), "heads": .string(setting.heads.rawValue),
        "queries": .string(setting.queries.rawValue), "positions": .string(setting.positions.rawValue),
      ]
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

/// The readings of what the paper leaves open, each with a name so that a result says which it used. There is one choice
/// for each as yet, the most literal.
package struct IDPSetting: Equatable, Sendable {
  package enum Score: String, CaseIterable, Sendable {
    /// The mean of the attention logits before the softmax: the paper masks in the matrix whose mean it takes.
    case logitMean = "logit-mean"
  }

  package enum Layers: String, CaseIterable, Sendable {
    /// Each layer chooses for itself.
    case each
  }

  package enum Heads: String, CaseIterable, Sendable {
    /// One choice for all heads, by their mean.
    case mean
  }

  package enum Queries: String, CaseIterable, Sendable {
    /// All of the input, the continuation that is being scored included.
    case all
  }

  package enum Positions: String, CaseIterable, Sendable {
    /// Every prompt ends where the input begins, as in its training.
    case rightAligned = "right-aligned"
  }

  /// The names of recoveries of the same suite.
  package var prompts: [String]
  package var score: Score = .logitMean
  package var layers: Layers = .each
  package var heads: Heads = .mean
  package var queries: Queries = .all
  package var positions: Positions = .rightAligned

  package init(
    prompts: [String], score: Score = .logitMean, layers: Layers = .each, heads: Heads = .mean, queries: Queries = .all,
    positions: Positions = .rightAligned
  ) {
    self.prompts = prompts
    self.score = score
    self.layers = layers
    self.heads = heads
    self.queries = queries
    self.positions = positions
  }
}
