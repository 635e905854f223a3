import Models

extension OPT {
  /// The model of `RandomCheckpoint.opt`.
  package static func random(seed: UInt64 = 1, isProjected: Bool = false) throws -> OPT {
    try RandomCheckpoint.opt(seed: seed, isProjected: isProjected).load(OPT.self)
  }
}

extension RandomCheckpoint {
  /// Two blocks, C = 16, four heads, V = 32, 320 positions; random weights that keep the size of their inputs.
  ///
  /// With `isProjected` in the form of OPT-350m: E = 12, norms behind the layers. The feed-forward biases are ±4 by turns,
  /// so that a rectifier's kink is far from most of what it sees. All widths but V are `widthFactor` times that.
  package static func opt(seed: UInt64 = 1, isProjected: Bool = false, widthFactor: Int = 1) -> RandomCheckpoint {
    let (width, innerWidth) = (16 * widthFactor, 24 * widthFactor)
    let embeddingWidth = isProjected ? 12 * widthFactor : width
    var checkpoint = RandomCheckpoint(seed: seed, purpose: "random OPT")
    func norm(_ name: String) {
      checkpoint.addVector(name + ".weight", width) { _ in 1 }
      checkpoint.addVector(name + ".bias", width) { _ in 0 }
    }
    func linear(_ name: String, _ rows: Int, _ columns: Int, center: (Int) -> Float = { _ in 0 }) {
      checkpoint.addLinear(name, rows, columns)
      checkpoint.addVector(name + ".bias", rows, center: center)
    }
    let root = "model.decoder."
    checkpoint.add(root + "embed_tokens.weight", 32, embeddingWidth)
    checkpoint.add(root + "embed_positions.weight", 322, width, size: 0.5)
    if isProjected {
      checkpoint.addLinear(root + "project_in", width, embeddingWidth)
      checkpoint.addLinear(root + "project_out", embeddingWidth, width)
    } else {
      norm(root + "final_layer_norm")
    }
    for block in [root + "layers.0.", root + "layers.1."] {
      norm(block + "self_attn_layer_norm")
      norm(block + "final_layer_norm")
      for name in ["q_proj", "k_proj", "v_proj", "out_proj"] { linear(block + "self_attn." + name, width, width) }
      linear(block + "fc1", innerWidth, width) { $0 % 2 == 0 ? 4 : -4 }
      linear(block + "fc2", width, innerWidth)
    }
    checkpoint.configuration = [
      "model_type": "\"opt\"", "vocab_size": "32", "hidden_size": "\(width)", "num_hidden_layers": "2",
      "num_attention_heads": "4", "ffn_dim": "\(innerWidth)", "max_position_embeddings": "320",
      "word_embed_proj_dim": "\(embeddingWidth)", "do_layer_norm_before": "\(!isProjected)",
    ]
    return checkpoint
  }
}
