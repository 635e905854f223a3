/// A Llama's `config.json`, resolved: what the file leaves out is filled in as transformers does.
package struct LlamaConfiguration: Sendable, Equatable {
  package let shape: ModelShape
  package let feedForwardWidth: Int
  package let normEpsilon: Float
  package let ropeTheta: Double
  package let tiesHead: Bool

  /// - Throws: `.unsupportedArchitecture`, or `.invalidMember` naming the member and what was expected.
  package init(file: String) throws(CheckpointError) {
    let json = try ConfigurationFile(file)
    guard ["llama", "LlamaForCausalLM"].contains(json.architecture) else {
      throw .unsupportedArchitecture(file: file, found: json.architecture, supported: ["llama"])
    }
    if let activation = json["hidden_act"], activation.string != "silu" {
      throw json.invalid("hidden_act", "\"silu\"")
    }
    for member in ["attention_bias", "mlp_bias"] where try json.flag(member) {
      throw json.invalid(member, "false (biases are not part of this architecture here)")
    }
    if let scaling = json["rope_scaling"], (scaling["rope_type"] ?? scaling["type"])?.string != "default" {
      throw json.invalid("rope_scaling", "null")
    }
    let ropeParameters = json["rope_parameters"]
    if let ropeParameters, let type = ropeParameters["rope_type"], type.string != "default" {
      throw json.invalid("rope_parameters", "a rope_type of \"default\"")
    }

    let width = try json.size("hidden_size")
    let headCount = try json.size("num_attention_heads")
    let keyValueHeadCount = try json.size("num_key_value_heads", or: headCount)
    guard headCount % keyValueHeadCount == 0 else {
      throw json.invalid("num_key_value_heads", "a divisor of num_attention_heads, \(headCount)")
    }
    if json["head_dim"] == nil, width % headCount != 0 {
      throw json.invalid("hidden_size", "a multiple of num_attention_heads, \(headCount)")
    }
    let headWidth = try json.size("head_dim", or: width / headCount)
    guard headWidth % 2 == 0 else { throw json.invalid("head_dim", "an even number") }
    shape = ModelShape(
      vocabularySize: try json.size("vocab_size"), width: width, embeddingWidth: width,
      blockCount: try json.size("num_hidden_layers"), headCount: headCount, keyValueHeadCount: keyValueHeadCount,
      headWidth: headWidth, maximumPositions: try json.size("max_position_embeddings", or: 2048),
      hasPositionTable: false)
    feedForwardWidth = try json.size("intermediate_size")
    normEpsilon = try json.positiveFloat("rms_norm_eps", or: 1e-6)
    ropeTheta = try json.positive(ropeParameters?["rope_theta"] ?? json["rope_theta"], "rope_theta", or: 10000)
    tiesHead = try json.flag("tie_word_embeddings")
  }
}
