import Compression
import Evaluation
import Models
import Recovery
import Yams

// How each part of a suite is read from its mapping: kinds, ranges and defaults.

extension ModelSetting {
  init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    name = try mapping.name("name")
    try names.add(name, from: mapping, key: "name")
    folder = try mapping.text("folder")
    let files = try mapping.mapping("sha256", known: nil)
    guard !files.keys.isEmpty else { throw mapping.wrongKind("sha256", expected: "a digest for each file") }
    var digests: [String: String] = [:]
    for file in files.keys { digests[file] = try files.sha256(file) }
    sha256 = digests
  }
}

extension CalibrationSetting {
  static let keys = ["corpus", "sha256", "source", "samples", "length", "seed"]

  init(_ mapping: SuiteMapping) throws(SuiteError) {
    corpus = try mapping.text("corpus")
    sha256 = try mapping.sha256("sha256")
    source = try mapping.choice("source", default: .c4)
    samples = try mapping.integer("samples", in: 1...Int.max)
    length = try mapping.integer("length", in: 2...Int.max)
    seed = try mapping.seed("seed")
  }
}

extension TextSetting {
  init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    name = try mapping.name("name")
    try names.add(name, from: mapping, key: "name")
    kind = try mapping.choice("kind", among: ["c4", "wikitext"]) { TrainingCorpus.Kind(rawValue: $0) }
    corpus = try mapping.text("corpus")
    sha256 = try mapping.sha256("sha256")
  }
}

extension EvaluationSetting {
  init(_ mapping: SuiteMapping) throws(SuiteError) {
    let isAll = try mapping.node("documents").string == "all"
    documents = isAll ? nil : try mapping.integer("documents", in: 1...Int.max)
    order = try mapping.choice("order")
  }
}

extension TaskSetting {
  init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    task = try mapping.choice("task", among: Self.knownTasks) { Benchmark.named($0) == nil ? nil : $0 }
    try names.add(task, from: mapping, key: "task")
    files = try mapping.texts("files")
    sha256 = try mapping.texts("sha256")
    for digest in sha256 { try mapping.check(digest, isSHA256: "sha256") }
    guard files.count == sha256.count else {
      throw mapping.error(
        "sha256",
        .outOfRange(key: "sha256", expected: "\(files.count) digests, one a file", found: "\(sha256.count)"))
    }
    documents = try mapping.integer("documents", in: 1...Int.max)
  }
}

extension TrainingSetting {
  static let keys = [
    "corpus", "sha256", "tokens", "batch", "length", "optimizer", "learningRate", "weightDecay", "betas", "epsilon",
    "schedule", "warmupSteps", "maximumGradientNorm", "lossTokens",
  ]

  init(_ mapping: SuiteMapping) throws(SuiteError) {
    corpus = try mapping.text("corpus")
    sha256 = try mapping.sha256("sha256")
    batch = try mapping.integer("batch", in: 1...1_000_000)
    length = try mapping.integer("length", in: 2...1_000_000)
    tokens = try mapping.integer("tokens", in: batch * length...Int.max / 2)
    optimizer = try mapping.choice("optimizer", default: .adamW)
    learningRate = try mapping.number("learningRate", default: learningRate, expected: "above 0") { $0 > 0 }
    weightDecay = try mapping.number("weightDecay", default: weightDecay, expected: "at least 0") { $0 >= 0 }
    if mapping.has("betas") {
      betas = try mapping.texts("betas").compactMap(Double.init)
      guard betas.count == 2, betas.allSatisfy({ (0..<1).contains($0) }) else {
        throw mapping.error(
          "betas", .outOfRange(key: "betas", expected: "two numbers from 0 to below 1", found: "\(betas)"))
      }
    }
    epsilon = try mapping.number("epsilon", default: epsilon, expected: "above 0") { $0 > 0 }
    schedule = try mapping.choice("schedule", default: .constant)
    warmupSteps = try mapping.integer("warmupSteps", in: 0...Int.max, default: 0)
    guard warmupSteps <= steps else {
      throw mapping.error(
        "warmupSteps",
        .outOfRange(key: "warmupSteps", expected: "at most the \(steps) steps of the training", found: "\(warmupSteps)")
      )
    }
    maximumGradientNorm =
      mapping.isNull("maximumGradientNorm")
      ? nil : try mapping.number("maximumGradientNorm", expected: "above 0, or null") { $0 > 0 }
    lossTokens = try mapping.choice("lossTokens", default: .predicted)
  }
}

extension CompressionSetting {
  init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    name = try mapping.name("name")
    try names.add(name, from: mapping, key: "name")
    text = mapping.has("text") ? try mapping.text("text") : nil
    recoveries = mapping.has("recoveries") ? try mapping.texts("recoveries") : nil
    // Only the one name that says it all may do without a method: a forgotten one must not leave a model uncompressed.
    let isDense = name == "dense" && !mapping.has("method")
    let known = ["dense"] + CompressionSettings.Method.allCases.map(\.rawValue)
    let word =
      isDense ? "dense" : try mapping.choice("method", among: known, { known.contains($0) ? $0 : nil })
    guard let method = CompressionSettings.Method(rawValue: word) else {
      try mapping.restrict(to: ["name", "method", "text", "recoveries"])
      self.method = .dense
      return
    }
    let options = CompressionSettings.Option.allCases.filter(method.options.contains).map(\.rawValue)
    try mapping.restrict(to: ["name", "method", "text", "recoveries"] + options)
    self.method = .layerwise(try CompressionSettings(method, mapping))
  }
}

extension CompressionSettings {
  fileprivate init(_ method: Method, _ mapping: SuiteMapping) throws(SuiteError) {
    self.init(method)
    func flag(_ option: Option) throws(SuiteError) -> Bool {
      guard mapping.has(option.rawValue) else { return false }
      return try mapping.choice(option.rawValue, among: ["true", "false"]) { ["true": true, "false": false][$0] }
    }
    func isThere(_ option: Option) -> Bool { !mapping.isNull(option.rawValue) }
    if isThere(.bits) { bits = try mapping.integer("bits", in: 2...8) }
    trits = try flag(.trits)
    groupSize = try mapping.optionalInteger("groupSize", in: 1...Int.max)
    symmetric = try flag(.symmetric)
    mse = try flag(.mse)
    actOrder = try flag(.actOrder)
    staticGroups = try flag(.staticGroups)
    trueSequential = try flag(.trueSequential)
    if mapping.has("dampeningFraction") {
      dampeningFraction = try mapping.number("dampeningFraction", expected: "above 0 and at most 1") {
        $0 > 0 && $0 <= 1
      }
    }
    if mapping.has("blockSize") { blockSize = try mapping.integer("blockSize", in: 1...Int.max) }
    if mapping.has("sparsity") {
      sparsity = try mapping.number("sparsity", expected: "from 0 to below 1") { $0 >= 0 && $0 < 1 }
    }
    if mapping.has("pattern") { pattern = try mapping.text("pattern") }
    exactCount = try flag(.exactCount)
    do throws(SettingsError) {
      _ = try compressor()
    } catch {
      throw mapping.error(error)
    }
  }
}

extension SuiteMapping {
  /// What is wrong with a method's options, in the suite's terms.
  fileprivate func error(_ error: SettingsError) -> SuiteError {
    switch error {
    case .missing(let options, _): self.error(options[0].rawValue, .missingKey(options[0].rawValue, in: subject))
    case .withoutUse(let option, let method): useless(option, expected: "absent with \(method.rawValue)")
    case .conflicting(let option, let other): useless(option, expected: "absent beside \(other.rawValue)")
    case .without(let option, let needed): useless(option, expected: "absent without \(needed.rawValue)")
    case .outOfRange(let option, let expected, let found):
      self.error(option.rawValue, .outOfRange(key: option.rawValue, expected: expected, found: found))
    }
  }

  private func useless(_ option: CompressionSettings.Option, expected: String) -> SuiteError {
    error(option.rawValue, .outOfRange(key: option.rawValue, expected: expected, found: "it"))
  }
}

extension RecoverySetting {
  init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    name = try mapping.name("name")
    try names.add(name, from: mapping, key: "name")
    let isNone = name == "none" && !mapping.has("method")
    let known = ["none", "lora", "prompt", "prefix", "idp", "concatenation"]
    switch isNone ? "none" : try mapping.choice("method", among: known, { known.contains($0) ? $0 : nil }) {
    case "lora":
      try mapping.restrict(to: ["name", "method", "rank", "alpha", "targets", "dropout"])
      method = .lora(
        LoRASetting(
          rank: try mapping.integer("rank", in: 1...65_536),
          alpha: try mapping.number("alpha", expected: "above 0") { $0 > 0 },
          targets: try mapping.choice("targets", default: .all),
          dropout: try mapping.number("dropout", default: 0, expected: "from 0 to below 1") { (0..<1).contains($0) }))
    case "prompt":
      try mapping.restrict(to: ["name", "method", "tokens", "initialization", "scale", "text"])
      method = .prompt(
        PromptSetting(tokens: try mapping.integer("tokens", in: 1...65_536), initialization: try .init(mapping)))
    case "prefix":
      try mapping.restrict(to: ["name", "method", "tokens", "initialization", "scale", "text", "width"])
      method = .prefix(
        PrefixSetting(tokens: try mapping.integer("tokens", in: 1...65_536), initialization: try .init(mapping)))
    case "idp":
      try mapping.restrict(
        to: ["name", "method", "prompts", "positions"] + PromptSelection.keys)
      method = .idp(
        IDPSetting(
          prompts: try mapping.texts("prompts"), selection: try PromptSelection(mapping),
          positions: try mapping.positions()))
    case "concatenation":
      try mapping.restrict(to: ["name", "method", "prompts"])
      method = .concatenation(prompts: try mapping.texts("prompts"))
    default:
      try mapping.restrict(to: ["name", "method"])
      method = .none
    }
  }
}

extension PromptCombination {
  /// Reads what several prompts become, in the words of a suite, such as "score: weight-mass, queries: context".
  package init(words: String) throws(SuiteError) {
    let place = "--prompting"
    let mapping = try SuiteMapping(
      SuiteMapping.compose("{\(words)}", file: place), "prompting",
      known: ["method", "positions"] + PromptSelection.keys,
      file: place)
    let methods = ["idp", "concatenation"]
    if mapping.has("method"),
      try mapping.choice("method", among: methods, { methods.contains($0) ? $0 : nil }) == "concatenation"
    {
      try mapping.restrict(to: ["method"])
      self = .concatenation
    } else {
      self = .selection(try PromptSelection(mapping), positions: try mapping.positions())
    }
  }
}

extension SuiteMapping {
  /// nil for those recommended for the model.
  fileprivate func positions() throws(SuiteError) -> PromptPositions? {
    has("positions") ? try choice("positions") : nil
  }
}

extension PromptSelection {
  fileprivate static let keys = ["score", "layers", "before", "heads", "queries", "support"]

  fileprivate init(_ mapping: SuiteMapping) throws(SuiteError) {
    self.init(
      score: try mapping.choice("score", default: .logitMean), layers: try Layers(mapping),
      heads: try mapping.choice("heads", default: .mean), queries: try mapping.choice("queries", default: .all),
      support: try mapping.choice("support", default: .input))
    do throws(Conflict) {
      try check()
    } catch {
      let (key, expected, found) =
        switch error {
        case .supportWithoutJointWeights:
          ("support", "input, unless the score is weight-mean or weight-mass", support.rawValue)
        case .tokensInSecondPass:
          ("queries", "all, last or context where layers need a second pass", queries.rawValue)
        case .noSuchBlock(let block, _): ("layers", "a block of the model", String(block))
        }
      throw mapping.error(key, .outOfRange(key: key, expected: expected, found: found))
    }
  }
}

extension PromptSelection.Layers {
  /// A word, or the number of a block, with what those before it see.
  fileprivate init(_ mapping: SuiteMapping) throws(SuiteError) {
    let word = mapping.has("layers") ? try mapping.text("layers") : "each"
    if let block = Int(word), block >= 0 {
      self = .block(block, before: try mapping.choice("before"))
      return
    }
    let layers =
      mapping.has("layers")
      ? try mapping.choice("layers", among: Self.words.keys.sorted() + ["a block's number"]) { Self.words[$0] } : .each
    if mapping.has("before") {
      throw mapping.error(
        "before", .outOfRange(key: "before", expected: "absent unless layers is the number of a block", found: "it"))
    }
    self = layers
  }
}

extension PromptSetting.Initialization {
  init(_ mapping: SuiteMapping) throws(SuiteError) {
    switch try mapping.initialization(among: ["embedding-rows", "normal", "sampled-vocabulary", "text"]) {
    case "normal": self = .normal(scale: try mapping.number("scale", expected: "above 0") { $0 > 0 })
    case "sampled-vocabulary": self = .sampledVocabulary
    case "text": self = .text(try mapping.text("text"))
    default: self = .embeddingRows
    }
  }
}

extension PrefixSetting.Initialization {
  init(_ mapping: SuiteMapping) throws(SuiteError) {
    switch try mapping.initialization(among: ["normal", "text", "projection"]) {
    case "text": self = .text(try mapping.text("text"))
    case "projection": self = .projection(width: try mapping.optionalInteger("width", in: 1...65_536))
    default: self = .normal(scale: try mapping.number("scale", default: 1, expected: "above 0") { $0 > 0 })
    }
  }
}

extension SuiteMapping {
  /// The word of an initialization, the first where there is none, beside which nothing stands that belongs to another.
  fileprivate func initialization(among known: [String]) throws(SuiteError) -> String {
    let word =
      has("initialization")
      ? try choice("initialization", among: known) { known.contains($0) ? $0 : nil } : known[0]
    for (key, owner) in [("scale", "normal"), ("text", "text"), ("width", "projection")] where word != owner {
      guard !has(key) else {
        throw error(
          key, .outOfRange(key: key, expected: "no \(key) unless the initialization is \(owner)", found: word))
      }
    }
    return word
  }
}
