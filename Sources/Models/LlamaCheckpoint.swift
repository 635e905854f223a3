import Tensors

extension Llama {
  /// Loads a Hugging Face style folder: `config.json` and safetensors weights, widened to floats.
  ///
  /// - Throws: `CheckpointError` for anything missing, malformed, of another shape, or not part of the architecture.
  package init(folder path: String) throws(CheckpointError) {
    let configuration = try LlamaConfiguration(file: path + "/config.json")
    try self.init(folder: CheckpointFolder(path), configuration: configuration)
  }

  package init(folder: CheckpointFolder, configuration: LlamaConfiguration) throws(CheckpointError) {
    let shape = configuration.shape
    let width = shape.width
    var expected: Set<String> = []
    func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(CheckpointError) -> Matrix {
      expected.insert(name)
      return try folder.tensor(name, shape: [rows, columns]).matrix()
    }
    func norm(_ name: String) throws(CheckpointError) -> RootMeanSquareNorm {
      expected.insert(name)
      let weight = try folder.tensor(name, shape: [width]).matrix().elements
      return RootMeanSquareNorm(weight: weight, epsilon: configuration.normEpsilon)
    }
    func linear(_ name: String, _ rows: Int, _ columns: Int) throws(CheckpointError) -> Linear {
      Linear(weight: try matrix(name + ".weight", rows, columns))
    }

    let embedding = try matrix("model.embed_tokens.weight", shape.vocabularySize, width)
    let queryWidth = shape.headCount * shape.headWidth
    var blocks: [Block] = []
    for index in 0..<shape.blockCount {
      let prefix = "\(Self.blockPrefix)\(index)."
      blocks.append(
        Block(
          attentionNorm: try norm(prefix + "input_layernorm.weight"),
          attention: SelfAttention(
            headCount: shape.headCount, keyValueHeadCount: shape.keyValueHeadCount, headWidth: shape.headWidth,
            query: try linear(prefix + "self_attn.q_proj", queryWidth, width),
            key: try linear(prefix + "self_attn.k_proj", shape.keyValueWidth, width),
            value: try linear(prefix + "self_attn.v_proj", shape.keyValueWidth, width),
            output: try linear(prefix + "self_attn.o_proj", width, queryWidth)),
          feedForwardNorm: try norm(prefix + "post_attention_layernorm.weight"),
          feedForward: GatedFeedForward(
            gate: try linear(prefix + "mlp.gate_proj", configuration.feedForwardWidth, width),
            up: try linear(prefix + "mlp.up_proj", configuration.feedForwardWidth, width),
            down: try linear(prefix + "mlp.down_proj", width, configuration.feedForwardWidth))))
    }
    let lastNorm = try norm("model.norm.weight")
    let head = configuration.tiesHead ? nil : try matrix("lm_head.weight", shape.vocabularySize, width)

    // A tensor that takes no part in the computation would mean that the model computes something else.
    for name in folder.names where !expected.contains(name) {
      let isHarmless =
        name.hasSuffix(".rotary_emb.inv_freq") || (configuration.tiesHead && name == "lm_head.weight")
      guard isHarmless else { throw .unexpectedTensor(name: name, file: folder.path) }
    }
    self.init(
      shape: shape, embedding: embedding, blocks: blocks, norm: lastNorm, head: head, ropeTheta: configuration.ropeTheta
    )
  }
}

extension Llama {
  /// All tensors under the names of a Hugging Face checkpoint; low-rank updates are left out.
  package var checkpointTensors: [NamedTensor] {
    func norm(_ name: String, _ norm: RootMeanSquareNorm) -> NamedTensor {
      NamedTensor(name, shape: [norm.weight.count], Matrix(rows: 1, columns: norm.weight.count, norm.weight))
    }
    var tensors = [NamedTensor("model.embed_tokens.weight", embedding), norm("model.norm.weight", self.norm)]
    for (index, block) in blocks.enumerated() {
      let prefix = "\(Self.blockPrefix)\(index)."
      tensors.append(norm(prefix + "input_layernorm.weight", block.attentionNorm))
      tensors.append(norm(prefix + "post_attention_layernorm.weight", block.feedForwardNorm))
    }
    tensors += linearNames.map { NamedTensor(weightName(of: $0), self[$0].weight) }
    if let head { tensors.append(NamedTensor("lm_head.weight", head)) }
    return tensors
  }
}
