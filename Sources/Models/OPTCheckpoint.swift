import Tensors

extension OPT {
  /// Loads a Hugging Face style folder: `config.json` and weights, which stay in their files until they are used.
  ///
  /// - Throws: `CheckpointError` for anything missing, malformed, of another shape, or not part of the architecture.
  package init(folder path: String) throws(CheckpointError) {
    let configuration = try OPTConfiguration(file: path + "/config.json")
    try self.init(folder: CheckpointFolder(path), configuration: configuration)
  }

  package init(folder: CheckpointFolder, configuration: OPTConfiguration) throws(CheckpointError) {
    let shape = configuration.shape
    let (width, embeddingWidth) = (shape.width, shape.embeddingWidth)
    var reader = try CheckpointReader(folder)
    let names = Set(folder.names)
    // Checkpoints of the bare decoder, as the official conversion writes them, leave "model." out.
    let root = names.contains { $0.hasPrefix("model.decoder.") } ? "model.decoder." : "decoder."

    func vector(_ name: String, _ count: Int, isStored: Bool, or value: Float) throws(CheckpointError) -> [Float] {
      isStored ? try reader.vector(name, count) : Array(repeating: value, count: count)
    }
    func norm(_ name: String) throws(CheckpointError) -> LayerNorm {
      LayerNorm(
        weight: try vector(name + ".weight", width, isStored: configuration.normsHaveWeights, or: 1),
        bias: try vector(name + ".bias", width, isStored: configuration.normsHaveWeights, or: 0),
        epsilon: 1e-5)  // the default of torch.nn.LayerNorm, which OPT never changes
    }

    let embedding = try reader.weight(root + "embed_tokens.weight", shape.vocabularySize, embeddingWidth)
    let positionTable = try reader.weight(
      root + "embed_positions.weight", shape.maximumPositions + Self.firstPositionRow, width)
    let isProjected = embeddingWidth != width
    let inward = isProjected ? try reader.weight(root + "project_in.weight", width, embeddingWidth) : nil
    let outward = isProjected ? try reader.weight(root + "project_out.weight", embeddingWidth, width) : nil
    var blocks: [TransformerBlock] = []
    for index in 0..<shape.blockCount {
      let prefix = "\(root)layers.\(index)."
      func linear(_ path: String, _ rows: Int, _ columns: Int) throws(CheckpointError) -> Linear {
        try reader.linear(prefix, path, rows, columns, hasBias: configuration.linearsHaveBiases)
      }
      blocks.append(
        TransformerBlock(
          attentionNorm: .layer(try norm(prefix + "self_attn_layer_norm")),
          attention: SelfAttention(
            headCount: shape.headCount, keyValueHeadCount: shape.headCount, headWidth: shape.headWidth,
            query: try linear("self_attn.q_proj", width, width), key: try linear("self_attn.k_proj", width, width),
            value: try linear("self_attn.v_proj", width, width),
            output: try linear("self_attn.out_proj", width, width)),
          feedForwardNorm: .layer(try norm(prefix + "final_layer_norm")),
          feedForward: .rectified(
            RectifiedFeedForward(
              first: try linear("fc1", configuration.feedForwardWidth, width),
              second: try linear("fc2", width, configuration.feedForwardWidth))),
          normalizesFirst: configuration.normalizesFirst))
    }
    var lastNorm: LayerNorm?
    if configuration.hasLastNorm {
      // Older conversions have the shorter name.
      let older = root + "layer_norm"
      lastNorm = try norm(names.contains(older + ".weight") ? older : root + "final_layer_norm")
    }
    let separateHead =
      configuration.tiesHead ? nil : try reader.weight("lm_head.weight", shape.vocabularySize, embeddingWidth)
    try reader.expectNothingElse { configuration.tiesHead && $0 == "lm_head.weight" }
    self.init(
      shape: shape, embedding: embedding, positionTable: positionTable, inward: inward, blocks: blocks, norm: lastNorm,
      outward: outward, separateHead: separateHead)
  }
}
