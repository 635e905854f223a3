import Tensors

/// A Llama's `config.json`, resolved: what the file leaves out is filled in as transformers does.
package struct LlamaConfiguration: Sendable, Equatable {
  package let shape: ModelShape
  package let feedForwardWidth: Int
  package let normEpsilon: Float
  package let ropeTheta: Double
  package let tiesHead: Bool

  /// The largest number that a size in a configuration may have: far above any real model, and low enough that no
  /// product of three of them overflows.
  static let largestSize = 1 << 20

  /// - Throws: `.unsupportedArchitecture`, or `.invalidMember` naming the member and what was expected.
  package init(file: String) throws(CheckpointError) {
    let json = try JSONValue(contentsOf: file)
    func invalid(_ member: String, _ expected: String) -> CheckpointError {
      let found = json[member].map { String(describing: $0) } ?? "nothing"
      return .invalidMember(file: file, member: member, expected: expected, found: found)
    }
    func present(_ member: String) -> JSONValue? {
      guard let value = json[member], !value.isNull else { return nil }
      return value
    }
    func size(_ member: String, or fallback: Int? = nil) throws(CheckpointError) -> Int {
      guard let value = present(member) else {
        if let fallback { return fallback }
        throw invalid(member, "a size")
      }
      guard let size = value.integer, size > 0, size <= Self.largestSize else {
        throw invalid(member, "a whole number from 1 to \(Self.largestSize)")
      }
      return size
    }
    func flag(_ member: String) throws(CheckpointError) -> Bool {
      guard let value = present(member) else { return false }
      guard let flag = value.boolean else { throw invalid(member, "true or false") }
      return flag
    }
    func number(_ value: JSONValue?, _ member: String, or fallback: Double) throws(CheckpointError) -> Double {
      guard let value, !value.isNull else { return fallback }
      guard let number = value.double, number > 0 else { throw invalid(member, "a positive number") }
      return number
    }

    let architecture = json["model_type"]?.string ?? json["architectures"]?.array?.first?.string ?? "none"
    guard ["llama", "LlamaForCausalLM"].contains(architecture) else {
      throw .unsupportedArchitecture(file: file, found: architecture, supported: ["llama"])
    }
    if let activation = present("hidden_act"), activation.string != "silu" {
      throw invalid("hidden_act", "\"silu\"")
    }
    for member in ["attention_bias", "mlp_bias"] where try flag(member) {
      throw invalid(member, "false (biases are not part of this architecture here)")
    }
    if let scaling = present("rope_scaling"), (scaling["rope_type"] ?? scaling["type"])?.string != "default" {
      throw invalid("rope_scaling", "null")
    }
    let ropeParameters = present("rope_parameters")
    if let ropeParameters, let type = ropeParameters["rope_type"], type.string != "default" {
      throw invalid("rope_parameters", "a rope_type of \"default\"")
    }

    let width = try size("hidden_size")
    let headCount = try size("num_attention_heads")
    let keyValueHeadCount = try size("num_key_value_heads", or: headCount)
    guard headCount % keyValueHeadCount == 0 else {
      throw invalid("num_key_value_heads", "a divisor of num_attention_heads, \(headCount)")
    }
    if present("head_dim") == nil, width % headCount != 0 {
      throw invalid("hidden_size", "a multiple of num_attention_heads, \(headCount)")
    }
    let headWidth = try size("head_dim", or: width / headCount)
    guard headWidth % 2 == 0 else { throw invalid("head_dim", "an even number") }
    shape = ModelShape(
      vocabularySize: try size("vocab_size"), width: width, blockCount: try size("num_hidden_layers"),
      headCount: headCount, keyValueHeadCount: keyValueHeadCount, headWidth: headWidth,
      maximumPositions: try size("max_position_embeddings", or: 2048))
    feedForwardWidth = try size("intermediate_size")
    normEpsilon = Float(try number(json["rms_norm_eps"], "rms_norm_eps", or: 1e-6))
    ropeTheta = try number(ropeParameters?["rope_theta"] ?? json["rope_theta"], "rope_theta", or: 10000)
    tiesHead = try flag("tie_word_embeddings")
  }
}
