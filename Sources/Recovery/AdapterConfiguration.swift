import Models

/// What an `adapter_config.json` says of an adapter, as far as it bears on what the adapter computes.
///
/// Source: PEFT 0.5, tuners/lora.py, tuners/prompt_tuning.py and tuners/prefix_tuning.py, with the members that later versions added.
struct AdapterConfiguration {
  private let file: String
  private let value: JSONValue

  init(file: String) throws(AdapterError) {
    self.file = file
    do throws(CheckpointError) {
      value = try JSONValue(contentsOf: file)
    } catch {
      throw .malformed(error)
    }
  }

  /// - Throws: `.unsupported` for another kind of adapter; `.malformed` for a setting that is missing or wrong, or that
  ///   would have the adapter compute otherwise than is known here.
  func method(for model: some LanguageModel) throws(AdapterError) -> AdapterMethod {
    guard let kind = value["peft_type"]?.string else {
      throw .malformed(refused("peft_type", expected: "the kind of the adapter"))
    }
    do throws(CheckpointError) {
      switch kind {
      case "LORA": return .lowRank(try lowRank(for: model))
      case "PROMPT_TUNING": return .prompt(try promptTuning())
      case "PREFIX_TUNING": return .prefix(try prefixTuning())
      default: break
      }
    } catch {
      throw .malformed(error)
    }
    throw .unsupported(file: file, kind: kind, supported: ["LORA", "PROMPT_TUNING", "PREFIX_TUNING"])
  }

  private func lowRank<Model: LanguageModel>(for model: Model) throws(CheckpointError) -> LowRankAdaptation {
    // Each of these changes what is added to which layer, and by how much.
    try expectNothing(in: [
      "fan_in_fan_out", "use_rslora", "use_dora", "lora_bias", "modules_to_save", "rank_pattern", "alpha_pattern",
      "layers_to_transform", "layers_pattern", "exclude_modules", "layer_replication", "target_parameters",
      "trainable_token_indices", "alora_invocation_tokens",
    ])
    if let bias = value["bias"], bias != .string("none") { throw refused("bias", expected: "“none”") }
    let rank = try positiveInteger("r")
    guard let alpha = value["lora_alpha"]?.double, alpha > 0 else {
      throw refused("lora_alpha", expected: "a positive number")
    }
    // What was dropped in training is not dropped any more.
    return LowRankAdaptation(rank: rank, alpha: alpha, targets: try targets(among: Model.linearPaths))
  }

  /// The roles of the layers that are meant: those whose path is a target, or ends with a point and a target. Targets
  /// that are no layer's are passed over, as in PEFT, unless all are.
  private func targets(among paths: [String]) throws(CheckpointError) -> Set<String> {
    let member = "target_modules"
    let known = paths.map { String(LinearName(block: 0, path: $0).role) }
    if value[member]?.string == "all-linear" { return Set(known) }
    // A text would be a regular expression.
    guard let elements = value[member]?.array else { throw refused(member, expected: "a list of names of layers") }
    var chosen: Set<String> = []
    for (index, element) in elements.enumerated() {
      guard let name = element.string, !name.isEmpty else {
        throw .invalidMember(
          file: file, member: "\(member)[\(index)]", expected: "the name of a layer",
          found: Optional(element).kindDescription)
      }
      for (path, role) in zip(paths, known) where path == name || path.hasSuffix("." + name) { chosen.insert(role) }
    }
    guard !chosen.isEmpty else {
      throw refused(member, expected: "names of the model's layers (\(known.joined(separator: ", ")))")
    }
    return chosen
  }

  private func promptTuning() throws(CheckpointError) -> PromptTuning {
    if let count = value["num_transformer_submodules"], !count.isNull, count != .integer(1) {
      throw refused("num_transformer_submodules", expected: "1")
    }
    // How the prompt was before training does not matter any more.
    return PromptTuning(
      tokenCount: try positiveInteger("num_virtual_tokens"), initialization: .normal(standardDeviation: 1))
  }

  private func prefixTuning() throws(CheckpointError) -> PrefixTuning {
    // With a projection, PEFT stores what comes out of it all the same.
    PrefixTuning(tokenCount: try positiveInteger("num_virtual_tokens"))
  }

  private func positiveInteger(_ member: String) throws(CheckpointError) -> Int {
    guard let number = value[member]?.integer, number > 0 else {
      throw refused(member, expected: "a positive integer")
    }
    return number
  }

  private func expectNothing(in members: [String]) throws(CheckpointError) {
    for member in members {
      switch value[member] {
      case nil, .null, .boolean(false), .array([]), .object([]): continue
      default: throw refused(member, expected: "nothing, as nothing else can be read here")
      }
    }
  }

  private func refused(_ member: String, expected: String) -> CheckpointError {
    .invalidMember(file: file, member: member, expected: expected, found: value[member].kindDescription)
  }
}
