import ArgumentParser
import Experiments

/// Which adapter is trained.
struct RecoveryArguments: ParsableArguments {
  enum Method: String, ExpressibleByArgument, CaseIterable { case lora, prompt, prefix }

  enum Initialization: String, ExpressibleByArgument, CaseIterable {
    case embeddingRows = "embedding-rows"
    case normal
    case sampledVocabulary = "sampled-vocabulary"
    case text
    case projection
  }

  @Option(help: "lora, prompt or prefix.")
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

  @Option(help: "The share of the inputs of a LoRA's updates that is dropped in training. (default: 0)")
  var dropout: Double?

  @Option(help: "The tokens of a prompt or a prefix.")
  var tokens: Int?

  @Option(
    help: """
      What is there before training. Of a prompt: embedding-rows, the first rows of the embedding; sampled-vocabulary, \
      rows drawn at random; normal, random numbers of the standard deviation --scale; or text, the embeddings of --text. \
      (default: embedding-rows) Of a prefix: normal; text, the keys and values of --text, which leave the model as it is \
      behind that text; or projection, two layers that make the prefix and are trained in its place. (default: normal)
      """)
  var initialization: Initialization?

  @Option(help: "The standard deviation of --initialization normal. (default: 1)")
  var scale: Double?

  @Option(help: "The text of --initialization text, over again or cut to --tokens.")
  var text: String?

  @Option(help: "The width between the layers of --initialization projection. (default: that of the keys)")
  var projectionWidth: Int?

  /// The options that are given, by their names, with the methods that have use for them.
  private var given: [(name: String, methods: [Method])] {
    let options: [(String, Bool, [Method])] = [
      ("rank", rank != nil, [.lora]), ("alpha", alpha != nil, [.lora]), ("targets", targets != nil, [.lora]),
      ("dropout", dropout != nil, [.lora]), ("tokens", tokens != nil, [.prompt, .prefix]),
      ("initialization", initialization != nil, [.prompt, .prefix]), ("scale", scale != nil, [.prompt, .prefix]),
      ("text", text != nil, [.prompt, .prefix]), ("projection-width", projectionWidth != nil, [.prefix]),
    ]
    return options.filter(\.1).map { ($0.0, $0.2) }
  }

  func validate() throws {
    if let other = given.first(where: { !$0.methods.contains(method) }) {
      throw ValidationError("The method \(method.rawValue) has no use for --\(other.name); leave it out.")
    }
    func require(_ name: String, _ value: Double?, _ expected: String, _ isValid: (Double) -> Bool) throws {
      if let value, !(value.isFinite && isValid(value)) { throw ValidationError("--\(name) must be \(expected).") }
    }
    for (name, value) in [("rank", rank), ("tokens", tokens), ("projection-width", projectionWidth)] {
      try require(name, value.map(Double.init), "from 1 to 65536") { (1...65_536).contains($0) }
    }
    try require("alpha", alpha, "above 0") { $0 > 0 }
    try require("scale", scale, "above 0") { $0 > 0 }
    try require("dropout", dropout, "from 0 to below 1") { (0..<1).contains($0) }
    guard method != .lora else { return }
    if tokens == nil { throw ValidationError("The method \(method.rawValue) needs --tokens.") }
    let known: [Initialization] =
      method == .prompt ? [.embeddingRows, .normal, .sampledVocabulary, .text] : [.normal, .text, .projection]
    let start = initialization ?? known[0]
    guard known.contains(start) else {
      throw ValidationError(
        "A \(method.rawValue) cannot begin by --initialization \(start.rawValue): use \(known.map(\.rawValue).joined(separator: ", "))."
      )
    }
    for (name, isGiven, owner) in [
      ("scale", scale != nil, Initialization.normal), ("text", text != nil, .text),
      ("projection-width", projectionWidth != nil, .projection),
    ] where isGiven && start != owner {
      throw ValidationError("--\(name) belongs to --initialization \(owner.rawValue); add that, or leave it out.")
    }
    if start == .text, text?.isEmpty ?? true { throw ValidationError("--initialization text needs --text.") }
  }

  /// What has passed `validate`.
  var recovery: RecoveryMethod {
    switch method {
    case .lora:
      let rank = rank ?? 8
      return .lora(
        LoRASetting(rank: rank, alpha: alpha ?? Double(rank), targets: targets ?? .all, dropout: dropout ?? 0))
    case .prompt:
      let start: PromptSetting.Initialization =
        switch initialization {
        case nil, .embeddingRows, .projection: .embeddingRows
        case .normal: .normal(scale: scale ?? 1)
        case .sampledVocabulary: .sampledVocabulary
        case .text: .text(text ?? "")
        }
      return .prompt(PromptSetting(tokens: tokens ?? 0, initialization: start))
    case .prefix:
      let start: PrefixSetting.Initialization =
        switch initialization {
        case nil, .normal, .embeddingRows, .sampledVocabulary: .normal(scale: scale ?? 1)
        case .text: .text(text ?? "")
        case .projection: .projection(width: projectionWidth)
        }
      return .prefix(PrefixSetting(tokens: tokens ?? 0, initialization: start))
    }
  }
}

extension LoRASetting.Targets: ExpressibleByArgument {
  package static var allValueStrings: [String] { allCases.map(\.rawValue) + ["NAMES"] }
}
