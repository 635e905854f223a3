import Foundation
import Models
import Tensors

/// A Llama small enough to be computed in loops: random weights by name, and the configuration that goes with them.
struct TinyLlama {
  static let vocabularySize = 32
  static let width = 16
  static let headCount = 4
  static let headWidth = 4
  static let feedForwardWidth = 24
  static let blockCount = 2
  static let normEpsilon = 1e-5
  static let ropeTheta = 100.0  // low, so that the slow channels turn too within a few tokens

  let keyValueHeadCount: Int
  let tiesHead: Bool
  /// Norms have one axis, everything else two.
  var tensors: [String: NamedTensor] = [:]
  /// The members of config.json, as JSON.
  var configuration: [String: String]

  init(keyValueHeadCount: Int = 2, tiesHead: Bool = false, seed: UInt64 = 1) {
    self.keyValueHeadCount = keyValueHeadCount
    self.tiesHead = tiesHead
    configuration = [
      "model_type": #""llama""#, "vocab_size": "\(Self.vocabularySize)", "hidden_size": "\(Self.width)",
      "num_hidden_layers": "\(Self.blockCount)", "num_attention_heads": "\(Self.headCount)",
      "num_key_value_heads": "\(keyValueHeadCount)", "intermediate_size": "\(Self.feedForwardWidth)",
      "rms_norm_eps": "\(Self.normEpsilon)", "rope_theta": "\(Self.ropeTheta)", "tie_word_embeddings": "\(tiesHead)",
    ]
    var stream = RandomStream(seed: seed, purpose: "tiny Llama")
    func numbers(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in stream.nextNormal() })
    }
    /// Outputs as large as the inputs.
    func linear(_ name: String, _ rows: Int, _ columns: Int) {
      let root = Float(columns).squareRoot()
      set(name, Matrix(rows: rows, columns: columns, numbers(rows, columns).elements.map { $0 / root }))
    }
    func norm(_ name: String) {
      setNorm(name, numbers(1, Self.width).elements.map { 1 + 0.3 * $0 })
    }
    set("model.embed_tokens.weight", numbers(Self.vocabularySize, Self.width))
    let keyValueWidth = keyValueHeadCount * Self.headWidth
    for block in 0..<Self.blockCount {
      let prefix = "model.layers.\(block)."
      norm(prefix + "input_layernorm.weight")
      norm(prefix + "post_attention_layernorm.weight")
      linear(prefix + "self_attn.q_proj.weight", Self.width, Self.width)
      linear(prefix + "self_attn.k_proj.weight", keyValueWidth, Self.width)
      linear(prefix + "self_attn.v_proj.weight", keyValueWidth, Self.width)
      linear(prefix + "self_attn.o_proj.weight", Self.width, Self.width)
      linear(prefix + "mlp.gate_proj.weight", Self.feedForwardWidth, Self.width)
      linear(prefix + "mlp.up_proj.weight", Self.feedForwardWidth, Self.width)
      linear(prefix + "mlp.down_proj.weight", Self.width, Self.feedForwardWidth)
    }
    norm("model.norm.weight")
    if !tiesHead { linear("lm_head.weight", Self.vocabularySize, Self.width) }
  }

  mutating func set(_ name: String, _ values: Matrix) { tensors[name] = NamedTensor(name, values) }

  mutating func setNorm(_ name: String, _ values: [Float]) {
    tensors[name] = NamedTensor(name, shape: [values.count], Matrix(rows: 1, columns: values.count, values))
  }

  subscript(name: String) -> Matrix {
    guard case .floats(let values, _)? = tensors[name]?.content else { preconditionFailure("no tensor \(name)") }
    return values
  }

  // MARK: As a checkpoint

  /// Writes config.json and the weights: one file, or several of nearly equal numbers of tensors and their index.
  func write(to folder: TemporaryFolder, shardCount: Int = 1) throws {
    try writeConfiguration(to: folder)
    let names = tensors.keys.sorted()
    guard shardCount > 1 else {
      return try writeSafetensors(Array(tensors.values), to: folder.path + "/model.safetensors")
    }
    var places: [String: String] = [:]
    for shard in 0..<shardCount {
      let file = "model-0000\(shard + 1)-of-0000\(shardCount).safetensors"
      // Dealt out like cards, so that neighbours are in different files.
      let part = names.indices.filter { $0 % shardCount == shard }.map { names[$0] }
      try writeSafetensors(part.compactMap { tensors[$0] }, to: folder.path + "/" + file)
      for name in part { places[name] = file }
    }
    try writeIndex(places, to: folder)
  }

  func writeConfiguration(to folder: TemporaryFolder) throws {
    let members = configuration.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    try folder.write("{\(members.joined(separator: ", "))}".utf8, to: "config.json")
  }

  /// The model, by way of a checkpoint.
  func model() throws -> Llama {
    let folder = try TemporaryFolder()
    try write(to: folder)
    return try Llama(folder: folder.path)
  }
}

/// Writes the index of a checkpoint in several files, from names of tensors to names of files.
func writeIndex(_ places: [String: String], to folder: TemporaryFolder) throws {
  let members = places.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }
  let text = "{\"metadata\": {}, \"weight_map\": {\(members.joined(separator: ", "))}}"
  try folder.write(text.utf8, to: "model.safetensors.index.json")
}

extension Matrix {
  /// The largest difference between elements at the same place; infinite where one of them is NaN.
  func largestDifference(from other: Matrix) -> Float {
    precondition(rowCount == other.rowCount && columnCount == other.columnCount)
    return zip(elements, other.elements).reduce(0) { largest, pair in
      let difference = abs(pair.0 - pair.1)
      return difference.isNaN ? .infinity : max(largest, difference)
    }
  }
}
