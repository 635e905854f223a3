/// An OPT's `config.json`, resolved: what the file leaves out is filled in as transformers does.
package struct OPTConfiguration: Sendable, Equatable {
  package let shape: ModelShape
  package let feedForwardWidth: Int
  /// Norms before the layers; after them in OPT-350m.
  package let normalizesFirst: Bool
  package let hasLastNorm: Bool
  package let normsHaveWeights: Bool
  package let linearsHaveBiases: Bool
  package let tiesHead: Bool

  /// - Throws: `.unsupportedArchitecture`, or `.invalidMember` naming the member and what was expected.
  package init(file: String) throws(CheckpointError) {
    let json = try ConfigurationFile(file)
    guard ["opt", "OPTForCausalLM"].contains(json.architecture) else {
      throw .unsupportedArchitecture(file: file, found: json.architecture, supported: ["opt"])
    }
    if let activation = json["activation_function"], activation.string != "relu" {
      throw json.invalid("activation_function", "\"relu\"")
    }
    let width = try json.size("hidden_size")
    let headCount = try json.size("num_attention_heads")
    guard width % headCount == 0 else {
      throw json.invalid("hidden_size", "a multiple of num_attention_heads, \(headCount)")
    }
    shape = ModelShape(
      vocabularySize: try json.size("vocab_size"), width: width,
      embeddingWidth: try json.size("word_embed_proj_dim", or: width), blockCount: try json.size("num_hidden_layers"),
      headCount: headCount, keyValueHeadCount: headCount, headWidth: width / headCount,
      maximumPositions: try json.size("max_position_embeddings", or: 2048), hasPositionTable: true)
    feedForwardWidth = try json.size("ffn_dim")
    normalizesFirst = try json.flag("do_layer_norm_before", or: true)
    let removesLastNorm = try json.flag("_remove_final_layer_norm")
    hasLastNorm = normalizesFirst && !removesLastNorm
    normsHaveWeights = try json.flag("layer_norm_elementwise_affine", or: true)
    linearsHaveBiases = try json.flag("enable_bias", or: true)
    tiesHead = try json.flag("tie_word_embeddings", or: true)
  }
}
