import Models

extension Llama {
  /// Two blocks, C = 16, four heads over two key-value heads, V = 32; random weights that keep the size of their inputs.
  package static func random(seed: UInt64 = 1) throws -> Llama {
    var checkpoint = RandomCheckpoint(seed: seed, purpose: "random Llama")
    func norm(_ name: String) { checkpoint.addVector(name + ".weight", 16) { _ in 1 } }
    checkpoint.add("model.embed_tokens.weight", 32, 16)
    norm("model.norm")
    checkpoint.addLinear("lm_head", 32, 16)
    for block in ["model.layers.0.", "model.layers.1."] {
      norm(block + "input_layernorm")
      norm(block + "post_attention_layernorm")
      checkpoint.addLinear(block + "self_attn.q_proj", 16, 16)
      checkpoint.addLinear(block + "self_attn.k_proj", 8, 16)
      checkpoint.addLinear(block + "self_attn.v_proj", 8, 16)
      checkpoint.addLinear(block + "self_attn.o_proj", 16, 16)
      checkpoint.addLinear(block + "mlp.gate_proj", 24, 16)
      checkpoint.addLinear(block + "mlp.up_proj", 24, 16)
      checkpoint.addLinear(block + "mlp.down_proj", 16, 24)
    }
    checkpoint.configuration = [
      "model_type": "\"llama\"", "vocab_size": "32", "hidden_size": "16", "num_hidden_layers": "2",
      "num_attention_heads": "4", "num_key_value_heads": "2", "intermediate_size": "24", "rms_norm_eps": "1e-5",
      "rope_theta": "100",
    ]
    return try checkpoint.load(Llama.self)
  }
}
