import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct LlamaCheckpointTests {
  private let folder: TemporaryFolder
  private var weights: String { folder.path + "/model.safetensors" }
  private var config: String { folder.path + "/config.json" }

  init() throws { folder = try TemporaryFolder() }

  private func load(_ tiny: TinyLlama) throws -> Llama {
    try tiny.write(to: folder)
    return try Llama(folder: folder.path)
  }

  /// The configuration with one member changed, or removed.
  private func configuration(_ member: String, _ value: String?) throws -> LlamaConfiguration {
    var tiny = TinyLlama()
    tiny.configuration[member] = value
    try tiny.writeConfiguration(to: folder)
    return try LlamaConfiguration(file: config)
  }

  private func invalid(_ member: String, _ expected: String, _ found: String) -> CheckpointError {
    .invalidMember(file: config, member: member, expected: expected, found: found)
  }

  // MARK: Weights

  @Test func `every tensor is needed`() throws {
    let tiny = TinyLlama()
    for name in tiny.tensors.keys {
      var incomplete = tiny
      incomplete.tensors[name] = nil
      #expect(throws: CheckpointError.missingTensor(name: name, file: weights)) { try load(incomplete) }
    }
  }

  @Test func `every tensor has its shape`() throws {
    let tiny = TinyLlama()
    for (name, tensor) in tiny.tensors {
      var wrong = tiny
      wrong.tensors[name] = NamedTensor(name, shape: tensor.shape + [1], tiny[name])
      #expect(
        throws: CheckpointError.unexpectedShape(
          tensor: name, file: weights, expected: tensor.shape, found: tensor.shape + [1])
      ) { try load(wrong) }
    }
  }

  @Test func `a transposed weight is refused`() throws {
    var tiny = TinyLlama()
    let name = "model.layers.1.mlp.down_proj.weight"
    tiny.set(name, tiny[name].transposed)
    #expect(
      throws: CheckpointError.unexpectedShape(tensor: name, file: weights, expected: [16, 24], found: [24, 16])
    ) { try load(tiny) }
  }

  @Test(arguments: [
    "model.layers.2.mlp.up_proj.weight", "model.layers.0.self_attn.q_proj.bias", "lm_head.bias", "other",
    "model.layers.0.self_attn.rotary_emb.inv_freq.more",
  ])
  func `a tensor that takes no part is refused`(name: String) throws {
    var tiny = TinyLlama()
    tiny.setNorm(name, [1, 2])
    #expect(throws: CheckpointError.unexpectedTensor(name: name, file: folder.path)) { try load(tiny) }
  }

  @Test func `stored rotary frequencies are ignored`() throws {
    var tiny = TinyLlama()
    let expected = try tiny.model().logits(of: [1, 2, 3])
    tiny.setNorm("model.layers.0.self_attn.rotary_emb.inv_freq", [7, 7])
    #expect(try load(tiny).logits(of: [1, 2, 3]) == expected)
  }

  @Test func `a stored head is ignored where the embedding serves as the head`() throws {
    var tiny = TinyLlama(tiesHead: true)
    let expected = try tiny.model().logits(of: [1, 2, 3])
    tiny.set("lm_head.weight", randomMatrix(32, 16, seed: 1))
    let model = try load(tiny)
    #expect(model.separateHead == nil)
    #expect(model.logits(of: [1, 2, 3]) == expected)
  }

  @Test func `a NaN in a weight is named when the numbers are checked`() throws {
    var tiny = TinyLlama()
    var weight = tiny["model.layers.0.mlp.up_proj.weight"]
    weight[2, 3] = .nan
    tiny.set("model.layers.0.mlp.up_proj.weight", weight)
    #expect(
      throws: CheckpointError.notFinite(tensor: "model.layers.0.mlp.up_proj.weight", file: weights, index: 2 * 16 + 3)
    ) {
      _ = try load(tiny)
      _ = try loadModel(folder: folder.path, checkingNumbersWith: Workers(threadCount: 2))
    }
  }

  // MARK: The configuration

  @Test func `the configuration is read as written`() throws {
    let found = try configuration("tie_word_embeddings", "true")
    let shape = found.shape
    #expect(shape.vocabularySize == 32 && shape.width == 16 && shape.blockCount == 2 && shape.maximumPositions == 2048)
    #expect(shape.headCount == 4 && shape.keyValueHeadCount == 2 && shape.headWidth == 4)
    #expect(found.feedForwardWidth == 24 && found.normEpsilon == 1e-5 && found.ropeTheta == 100 && found.tiesHead)
  }

  @Test func `what is left out is filled in`() throws {
    // The defaults of transformers 4.31.
    #expect(try configuration("num_key_value_heads", nil).shape.keyValueHeadCount == 4)
    #expect(try configuration("rms_norm_eps", nil).normEpsilon == 1e-6)
    #expect(try configuration("rope_theta", nil).ropeTheta == 10000)
    #expect(try configuration("tie_word_embeddings", nil).tiesHead == false)
    #expect(try configuration("max_position_embeddings", "77").shape.maximumPositions == 77)
    #expect(try configuration("num_key_value_heads", "null").shape.keyValueHeadCount == 4)
    #expect(try configuration("head_dim", "6").shape.headWidth == 6)
    #expect(try configuration("rope_parameters", #"{"rope_theta": 7, "rope_type": "default"}"#).ropeTheta == 7)
  }

  @Test func `heads may be wider or narrower than their share of the width`() throws {
    // With a head width of 6 the queries have 24 channels.
    var tiny = TinyLlama()
    tiny.configuration["head_dim"] = "6"
    for block in 0..<2 {
      for (role, rows, columns) in [("q", 24, 16), ("k", 12, 16), ("v", 12, 16), ("o", 16, 24)] {
        tiny.set("model.layers.\(block).self_attn.\(role)_proj.weight", randomMatrix(rows, columns, seed: 1))
      }
    }
    let model = try load(tiny)
    #expect(model.shape.keyValueWidth == 12)
    #expect(model.logits(of: [1, 2, 3]).elements.allSatisfy { $0.isFinite })
  }

  @Test func `another architecture is refused`() throws {
    func refusal(_ found: String) -> CheckpointError {
      .unsupportedArchitecture(file: config, found: found, supported: ["llama"])
    }
    #expect(throws: refusal("mistral")) { try configuration("model_type", #""mistral""#) }
    #expect(throws: refusal("none")) { try configuration("model_type", nil) }
    var tiny = TinyLlama()
    tiny.configuration["model_type"] = nil
    tiny.configuration["architectures"] = #"["OPTForCausalLM"]"#
    try tiny.writeConfiguration(to: folder)
    #expect(throws: refusal("OPTForCausalLM")) { try LlamaConfiguration(file: config) }
    tiny.configuration["architectures"] = #"["LlamaForCausalLM"]"#
    try tiny.writeConfiguration(to: folder)
    #expect(try LlamaConfiguration(file: config).shape.width == 16)
  }

  @Test(arguments: [
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "intermediate_size",
    "head_dim", "max_position_embeddings",
  ])
  func `a size is a whole number from one to a million or so`(member: String) {
    for (value, found) in [
      ("0", "0"), ("-4", "-4"), ("1048577", "1048577"),
      ("9223372036854775807", "9223372036854775807"), ("1e30", "1e+30"), ("4.5", "4.5"),
      (#""4""#, "a text “4”"), ("true", "true"), ("[[7]]", "an array of 1"), (#"{"a": 7}"#, "an object of 1 members"),
    ] {
      #expect(throws: invalid(member, "a whole number from 1 to 1048576", found)) { try configuration(member, value) }
    }
  }

  @Test(arguments: ["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"])
  func `a size that has no default must be there`(member: String) {
    for value in [nil, "null"] as [String?] {
      #expect(throws: invalid(member, "a size", value == nil ? "absent" : "null")) { try configuration(member, value) }
    }
  }

  @Test func `heads must divide up`() {
    #expect(throws: invalid("hidden_size", "a multiple of num_attention_heads, 4", "18")) {
      try configuration("hidden_size", "18")
    }
    #expect(throws: invalid("num_key_value_heads", "a divisor of num_attention_heads, 4", "3")) {
      try configuration("num_key_value_heads", "3")
    }
    #expect(throws: invalid("num_key_value_heads", "a divisor of num_attention_heads, 4", "8")) {
      try configuration("num_key_value_heads", "8")
    }
    #expect(throws: invalid("head_dim", "an even number", "3")) { try configuration("head_dim", "3") }
    #expect(throws: invalid("head_dim", "an even number", "absent")) { try configuration("hidden_size", "12") }
  }

  @Test func `what would compute something else is refused`() {
    #expect(throws: invalid("hidden_act", "\"silu\"", "a text “gelu”")) {
      try configuration("hidden_act", #""gelu""#)
    }
    for member in ["attention_bias", "mlp_bias"] {
      #expect(
        throws: invalid(member, "false (biases are not part of this architecture here)", "true")
      ) { try configuration(member, "true") }
      #expect(throws: invalid(member, "true or false", "1")) { try configuration(member, "1") }
    }
    #expect(throws: invalid("tie_word_embeddings", "true or false", "a text “true”")) {
      try configuration("tie_word_embeddings", #""true""#)
    }
    for member in ["rms_norm_eps", "rope_theta"] {
      for (value, found) in [("0", "0"), ("-1e-5", "-1e-05"), (#""1""#, "a text “1”")] {
        #expect(throws: invalid(member, "a positive number", found)) { try configuration(member, value) }
      }
    }
    // The smallest float is 2⁻¹⁴⁹ = 1.4e-45, the largest 3.4e38.
    for (value, found) in [("1e-46", "1e-46"), ("1e39", "1e+39")] {
      #expect(throws: invalid("rms_norm_eps", "a positive number in single precision", found)) {
        try configuration("rms_norm_eps", value)
      }
    }
  }

  @Test func `scaled rotary embeddings are refused, and nothing scaled is not`() throws {
    for value in [#"{"type": "linear", "factor": 2.0}"#, #"{"rope_type": "llama3"}"#, "{}", "2.0"] {
      let found = try Optional(JSONValue(parsing: value)).kindDescription
      #expect(throws: invalid("rope_scaling", "null", found)) { try configuration("rope_scaling", value) }
    }
    for value in ["null", #"{"rope_type": "default"}"#, #"{"type": "default"}"#] {
      #expect(try configuration("rope_scaling", value).ropeTheta == 100)
    }
    let parameters = #"{"rope_type": "yarn", "rope_theta": 5}"#
    let found = try Optional(JSONValue(parsing: parameters)).kindDescription
    #expect(throws: invalid("rope_parameters", "a rope_type of \"default\"", found)) {
      try configuration("rope_parameters", parameters)
    }
  }

  @Test func `a configuration that is absent or no JSON is named`() throws {
    #expect(throws: CheckpointError.unreadable(file: config, reason: "No such file or directory")) {
      try Llama(folder: folder.path)
    }
    try folder.write("{\n  \"a\": ?\n}".utf8, to: "config.json")
    let error = #expect(throws: CheckpointError.self) { try Llama(folder: folder.path) }
    guard case .malformedJSON(config, 2, 8, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
