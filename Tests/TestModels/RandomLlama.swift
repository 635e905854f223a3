import Models

extension Llama {
  /// The model of `RandomCheckpoint.llama`.
  package static func random(seed: UInt64 = 1) throws -> Llama {
    try RandomCheckpoint.llama(seed: seed).load(Llama.self)
  }
}

extension RandomCheckpoint {
  /// Two blocks, C = 16, four heads over two key-value heads, V = 32; random weights that keep the size of their inputs.
  ///
  /// All widths but V are `widthFactor` times that.
  package static func llama(seed: UInt64 = 1, widthFactor: Int = 1) -> RandomCheckpoint {
    let (width, innerWidth) = (16 * widthFactor, 24 * widthFactor)
    var checkpoint = RandomCheckpoint(seed: seed, purpose: "random Llama")
    func norm(_ name: String) { checkpoint.addVector(name + ".weight", width) { _ in 1 } }
    checkpoint.add("model.embed_tokens.weight", 32, width)
    norm("model.norm")
    checkpoint.addLinear("lm_head", 32, width)
    for block in ["model.layers.0.", "model.layers.1."] {
      norm(block + "input_layernorm")
      norm(block + "post_attention_layernorm")
      checkpoint.addLinear(block + "self_attn.q_proj", width, width)
      checkpoint.addLinear(block + "self_attn.k_proj", width / 2, width)
      checkpoint.addLinear(block + "self_attn.v_proj", width / 2, width)
      checkpoint.addLinear(block + "self_attn.o_proj", width, width)
      checkpoint.addLinear(block + "mlp.gate_proj", innerWidth, width)
      checkpoint.addLinear(block + "mlp.up_proj", innerWidth, width)
      checkpoint.addLinear(block + "mlp.down_proj", width, innerWidth)
    }
    checkpoint.configuration = [
      "model_type": "\"llama\"", "vocab_size": "32", "hidden_size": "\(width)", "num_hidden_layers": "2",
      "num_attention_heads": "4", "num_key_value_heads": "2", "intermediate_size": "\(innerWidth)",
      "rms_norm_eps": "1e-5", "rope_theta": "100",
    ]
    return checkpoint
  }
}
