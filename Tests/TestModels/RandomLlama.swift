import Foundation
import Models
import Tensors

extension Llama {
  /// Two blocks, C = 16, four heads over two key-value heads, V = 32; random weights that keep the size of their inputs.
  ///
  /// Made by way of a checkpoint, as every Llama outside of `Models`.
  package static func random(seed: UInt64 = 1) throws -> Llama {
    var stream = RandomStream(seed: seed, purpose: "random Llama")
    func drawn(_ name: String, _ rows: Int, _ columns: Int, size: Float = 1) -> NamedTensor {
      NamedTensor(
        name, Matrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in stream.nextNormal() * size }))
    }
    func linear(_ name: String, _ rows: Int, _ columns: Int) -> NamedTensor {
      drawn(name + ".weight", rows, columns, size: 1 / Float(columns).squareRoot())
    }
    func norm(_ name: String) -> NamedTensor {
      let weight = (0..<16).map { _ in 1 + 0.3 * stream.nextNormal() }
      return NamedTensor(name + ".weight", shape: [16], Matrix(rows: 1, columns: 16, weight))
    }
    var tensors = [drawn("model.embed_tokens.weight", 32, 16), norm("model.norm"), linear("lm_head", 32, 16)]
    for block in ["model.layers.0.", "model.layers.1."] {
      tensors += [norm(block + "input_layernorm"), norm(block + "post_attention_layernorm")]
      tensors += [linear(block + "self_attn.q_proj", 16, 16), linear(block + "self_attn.k_proj", 8, 16)]
      tensors += [linear(block + "self_attn.v_proj", 8, 16), linear(block + "self_attn.o_proj", 16, 16)]
      tensors += [linear(block + "mlp.gate_proj", 24, 16), linear(block + "mlp.up_proj", 24, 16)]
      tensors += [linear(block + "mlp.down_proj", 16, 24)]
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try writeSafetensors(tensors, to: folder.path + "/model.safetensors")
    let configuration = """
      {"model_type": "llama", "vocab_size": 32, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4,
       "num_key_value_heads": 2, "intermediate_size": 24, "rms_norm_eps": 1e-5, "rope_theta": 100}
      """
    try Data(configuration.utf8).write(to: folder.appendingPathComponent("config.json"))
    return try Llama(folder: folder.path)
  }
}
