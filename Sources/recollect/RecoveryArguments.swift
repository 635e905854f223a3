import ArgumentParser
import Experiments

/// Which adapter is trained.
struct RecoveryArguments: ParsableArguments {
  enum Method: String, ExpressibleByArgument, CaseIterable { case lora, prompt }

  enum Initialization: String, ExpressibleByArgument, CaseIterable {
    case embeddingRows = "embedding-rows"
    case normal
    case sampledVocabulary = "sampled-vocabulary"
  }

  @Option(help: "lora or prompt.")
  var method: Method

  @Option(help: "The rank of a LoRA's updates. (default: 8)")
  var rank: Int?

  @Option(help: "A LoRA's branch is scaled by alpha / rank. (default: the rank)")
  var alpha: Double?

  @Option(
    help: """
      The layers that a LoRA adapts: all; paper, all but Llama's o_proj; query-value; or their names with commas between \
      them, such as q_proj,v_proj. (default: all)
      """)
  var targets: LoRASetting.Targets?

  @Option(help: "The tokens of a prompt.")
  var tokens: Int?

  @Option(
    help: """
      What a prompt is before training: embedding-rows, the first rows of the embedding; sampled-vocabulary, rows drawn \
      at random; or normal, random numbers of the standard deviation --scale. (default: embedding-rows)
      """)
  var initialization: Initialization?

  @Option(help: "The standard deviation of --initialization normal. (default: 1)")
  var scale: Double?

  func validate() throws {
    func refuse(_ name: String, _ isGiven: Bool) throws {
      if isGiven {
        throw ValidationError("The method \(method.rawValue) has no use for --\(name); leave it out.")
      }
    }
    switch method {
    case .lora:
      try refuse("tokens", tokens != nil)
      try refuse("initialization", initialization != nil)
      try refuse("scale", scale != nil)
      if let rank, rank < 1 { throw ValidationError("--rank must be at least 1.") }
      if let alpha, !(alpha > 0 && alpha.isFinite) { throw ValidationError("--alpha must be above 0.") }
    case .prompt:
      try refuse("rank", rank != nil)
      try refuse("alpha", alpha != nil)
      try refuse("targets", targets != nil)
      guard let tokens else { throw ValidationError("The method prompt needs --tokens.") }
      if tokens < 1 { throw ValidationError("--tokens must be at least 1.") }
      if scale != nil, initialization != .normal {
        throw ValidationError("--scale belongs to --initialization normal; add that, or leave it out.")
      }
      if let scale, !(scale > 0 && scale.isFinite) { throw ValidationError("--scale must be above 0.") }
    }
  }

  /// What has passed `validate`.
  var recovery: RecoveryMethod {
    switch method {
    case .lora:
      let rank = rank ?? 8
      return .lora(LoRASetting(rank: rank, alpha: alpha ?? Double(rank), targets: targets ?? .all))
    case .prompt:
      let start: PromptSetting.Initialization =
        switch initialization {
        case nil, .embeddingRows: .embeddingRows
        case .normal: .normal(scale: scale ?? 1)
        case .sampledVocabulary: .sampledVocabulary
        }
      return .prompt(PromptSetting(tokens: tokens ?? 0, initialization: start))
    }
  }
}

extension LoRASetting.Targets: ExpressibleByArgument {
  package static var allValueStrings: [String] { allCases.map(\.rawValue) + ["NAMES"] }
}
