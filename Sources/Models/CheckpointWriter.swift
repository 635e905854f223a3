import Foundation
import Tensors

extension ModelForm {
  package var shape: ModelShape {
    switch self {
    case .llama(let shape, _, _), .opt(let shape, _): shape
    }
  }

  /// The `config.json` of a Hugging Face folder.
  ///
  /// - Parameter format: that of the weights beside it.
  package func configuration(format: NamedTensor.FloatFormat) -> String {
    let type =
      switch format {
      case .float32: "float32"
      case .float16: "float16"
      case .bfloat16: "bfloat16"
      }
    let members: [(String, String)] =
      switch self {
      case .llama(let shape, let innerWidth, let tiesHead):
        [
          ("architectures", "[\"LlamaForCausalLM\"]"), ("bos_token_id", "1"), ("eos_token_id", "2"),
          ("hidden_act", "\"silu\""), ("hidden_size", "\(shape.width)"), ("initializer_range", "0.02"),
          ("intermediate_size", "\(innerWidth)"), ("max_position_embeddings", "\(shape.maximumPositions)"),
          ("model_type", "\"llama\""), ("num_attention_heads", "\(shape.headCount)"),
          ("num_hidden_layers", "\(shape.blockCount)"), ("num_key_value_heads", "\(shape.keyValueHeadCount)"),
          ("rms_norm_eps", "1e-06"), ("rope_scaling", "null"), ("rope_theta", "10000.0"),
          ("tie_word_embeddings", "\(tiesHead)"), ("torch_dtype", "\"\(type)\""), ("use_cache", "true"),
          ("vocab_size", "\(shape.vocabularySize)"),
        ]
      case .opt(let shape, let innerWidth):
        [
          ("_remove_final_layer_norm", "false"), ("activation_function", "\"relu\""),
          ("architectures", "[\"OPTForCausalLM\"]"), ("bos_token_id", "2"), ("do_layer_norm_before", "true"),
          ("dropout", "0.0"), ("enable_bias", "true"), ("eos_token_id", "2"), ("ffn_dim", "\(innerWidth)"),
          ("hidden_size", "\(shape.width)"), ("init_std", "0.02"), ("layer_norm_elementwise_affine", "true"),
          ("max_position_embeddings", "\(shape.maximumPositions)"), ("model_type", "\"opt\""),
          ("num_attention_heads", "\(shape.headCount)"), ("num_hidden_layers", "\(shape.blockCount)"),
          ("pad_token_id", "1"), ("tie_word_embeddings", "true"), ("torch_dtype", "\"\(type)\""),
          ("use_cache", "true"), ("vocab_size", "\(shape.vocabularySize)"),
          ("word_embed_proj_dim", "\(shape.embeddingWidth)"),
        ]
      }
    let lines = members.map { "  \"\($0.0)\": \($0.1)" }
    return "{\n\(lines.joined(separator: ",\n"))\n}\n"
  }

  /// Writes `config.json` and the weights into the folder, in the form in which models of the architecture are published:
  /// `model.safetensors` for Llama, `pytorch_model.bin` for OPT.
  ///
  /// - Returns: the names of the files.
  /// - Throws: `.overflow`, `.unwritable`.
  package func write(
    _ model: some LanguageModel, storedAs format: NamedTensor.FloatFormat, to folder: String
  ) throws(CheckpointError) -> [String] {
    let tensors = model.checkpointTensors.map { tensor in
      guard case .floats(let values, _) = tensor.content else { return tensor }
      return NamedTensor(tensor.name, shape: tensor.shape, values, storedAs: format)
    }
    let text = Array(configuration(format: format).utf8)
    try replaceFile(folder + "/config.json") { file throws(CheckpointError) in try file.write(text) }
    switch self {
    case .llama:
      try writeSafetensors(tensors, to: folder + "/model.safetensors")
      return ["config.json", "model.safetensors"]
    case .opt:
      try writePyTorchCheckpoint(tensors, to: folder + "/pytorch_model.bin")
      return ["config.json", "pytorch_model.bin"]
    }
  }
}
