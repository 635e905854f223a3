import Foundation
import Models
import Tensors

/// A random Llama with a tokenizer of bytes, two small benchmarks, and a cache of their own.
final class EvaluationScene: Sendable {
  let folder: String
  var model: String { folder + "/checkpoint" }
  var arc: String { folder + "/data/arc.jsonl" }
  var lambada: String { folder + "/data/lambada.jsonl" }
  var environment: [String: String] { ["RECOLLECT_CACHE": folder + "/cache"] }

  private static let width = 16

  init() throws {
    let suite = try SmallSuite()
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    try FileManager.default.copyItem(atPath: suite.folder, toPath: folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The arguments that score both benchmarks.
  func arguments(_ options: [String]) -> [String] {
    [
      "evaluate", "--model", model, "--tasks", "arc_easy,lambada_openai", "--file", "arc_easy=" + arc, "--file",
      "lambada_openai=" + lambada,
    ] + (options.contains("--max-length") ? [] : ["--max-length", "500"]) + options
  }

  func evaluate(_ options: [String]) throws -> Command.Outcome {
    try Command.run(arguments(options), environment: environment)
  }

  /// A LoRA of rank 1 on all query projections, all of whose numbers are `value`.
  func writeLowRank(_ value: Float) throws -> String {
    let layers = (0..<2).map { "base_model.model.model.layers.\($0).self_attn.q_proj" }
    return try writeAdapter(
      "lora-\(value)", #"{"peft_type": "LORA", "r": 1, "lora_alpha": 2, "target_modules": ["q_proj"]}"#,
      layers.flatMap { layer in
        [
          NamedTensor(layer + ".lora_A.weight", Matrix(rows: 1, columns: Self.width, repeating: value)),
          NamedTensor(layer + ".lora_B.weight", Matrix(rows: Self.width, columns: 1, repeating: value)),
        ]
      })
  }

  /// A prompt that is made of the embeddings of tokens.
  func writePrompt(tokens: [Int], name: String) throws -> String {
    let embeddings = try loadModel(folder: model).embedded(tokens)
    return try writeAdapter(
      name, #"{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": \#(tokens.count)}"#,
      [NamedTensor("prompt_embeddings", embeddings)])
  }

  private func writeAdapter(_ name: String, _ configuration: String, _ tensors: [NamedTensor]) throws -> String {
    let path = "\(folder)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try configuration.write(toFile: path + "/adapter_config.json", atomically: true, encoding: .utf8)
    try writeSafetensors(tensors, to: path + "/adapter_model.safetensors")
    return path
  }
}
