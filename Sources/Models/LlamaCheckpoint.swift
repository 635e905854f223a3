import Tensors

extension Llama {
  /// Loads a Hugging Face style folder: `config.json` and weights, which stay in their files until they are used.
  ///
  /// - Throws: `CheckpointError` for anything missing, malformed, of another shape, or not part of the architecture.
  package init(folder path: String) throws(CheckpointError) {
    let configuration = try LlamaConfiguration(file: path + "/config.json")
    try self.init(folder: CheckpointFolder(path), configuration: configuration)
  }

  package init(folder: CheckpointFolder, configuration: LlamaConfiguration) throws(CheckpointError) {
    let shape = configuration.shape
    let width = shape.width
    var reader = try CheckpointReader(folder)
    func norm(_ name: String) throws(CheckpointError) -> RootMeanSquareNorm {
      RootMeanSquareNorm(weight: try reader.vector(name + ".weight", width), epsilon: configuration.normEpsilon)
    }

    let embedding = try reader.weight("model.embed_tokens.weight", shape.vocabularySize, width)
    let queryWidth = shape.headCount * shape.headWidth
    let innerWidth = configuration.feedForwardWidth
    var blocks: [TransformerBlock] = []
    for index in 0..<shape.blockCount {
      let prefix = "\(Self.blockPrefix)\(index)."
      func linear(_ path: String, _ rows: Int, _ columns: Int) throws(CheckpointError) -> Linear {
        try reader.linear(prefix, path, rows, columns)
      }
      blocks.append(
        TransformerBlock(
          attentionNorm: .rootMeanSquare(try norm(prefix + "input_layernorm")),
          attention: SelfAttention(
            headCount: shape.headCount, keyValueHeadCount: shape.keyValueHeadCount, headWidth: shape.headWidth,
            query: try linear("self_attn.q_proj", queryWidth, width),
            key: try linear("self_attn.k_proj", shape.keyValueWidth, width),
            value: try linear("self_attn.v_proj", shape.keyValueWidth, width),
            output: try linear("self_attn.o_proj", width, queryWidth)),
          feedForwardNorm: .rootMeanSquare(try norm(prefix + "post_attention_layernorm")),
          feedForward: .gated(
            GatedFeedForward(
              gate: try linear("mlp.gate_proj", innerWidth, width), up: try linear("mlp.up_proj", innerWidth, width),
              down: try linear("mlp.down_proj", width, innerWidth))),
          normalizesFirst: true))
    }
    let lastNorm = try norm("model.norm")
    let head = configuration.tiesHead ? nil : try reader.weight("lm_head.weight", shape.vocabularySize, width)
    try reader.expectNothingElse {
      $0.hasSuffix(".rotary_emb.inv_freq") || (configuration.tiesHead && $0 == "lm_head.weight")
    }
    self.init(
      shape: shape, embedding: embedding, blocks: blocks, norm: lastNorm, separateHead: head,
      ropeTheta: configuration.ropeTheta)
  }
}
