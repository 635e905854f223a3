import Foundation
import Models
import Recovery
import Tensors
import TestModels
import Testing
import Training

@Suite struct AdapterFolderTests {
  private static let methods: [AdapterMethod] = [
    .lowRank(LowRankAdaptation(rank: 2, alpha: 4, targets: ["q_proj", "down_proj"])),
    .prompt(PromptTuning(tokenCount: 3, initialization: .normal(standardDeviation: 1))),
    .prefix(PrefixTuning(tokenCount: 3)),
  ]

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test(arguments: methods) func `an adapter comes back as it was written`(method: AdapterMethod) throws {
    let model = try Llama.random()
    let parameters = method.initialParameters(of: model, seed: 9)
    try withFolder { folder in
      try AdapterFolder.write(parameters, of: method, model: model, modelName: "random", to: folder)
      #expect(try AdapterFolder.readParameters(of: method, model: model, from: folder) == parameters)
    }
  }

  @Test func `names and settings are those of PEFT`() throws {
    let model = try Llama.random()
    try withFolder { folder in
      let method = Self.methods[0]
      try AdapterFolder.write(
        method.initialParameters(of: model, seed: 9), of: method, model: model, modelName: "random", to: folder)
      let file = try SafetensorsFile(path: folder + "/adapter_model.safetensors")
      // Two layers in each of two blocks, two factors each.
      #expect(file.tensors.count == 8)
      let a = try file.tensor(named: "base_model.model.model.layers.1.mlp.down_proj.lora_A.weight")
      #expect(a.shape == [2, 24])
      let configuration = try JSONValue(contentsOf: folder + "/adapter_config.json")
      #expect(configuration["peft_type"]?.string == "LORA")
      #expect(configuration["r"]?.integer == 2)
      #expect(configuration["lora_alpha"]?.double == 4)
      #expect(configuration["target_modules"]?.array?.compactMap(\.string) == ["down_proj", "q_proj"])
    }
  }

  @Test func `an adapter of another rank, or none, is refused with its tensor and file`() throws {
    let model = try Llama.random()
    try withFolder { folder in
      #expect(throws: AdapterError.self) {
        try AdapterFolder.readParameters(of: Self.methods[0], model: model, from: folder)
      }
      let other = AdapterMethod.prompt(PromptTuning(tokenCount: 4, initialization: .embeddingRows))
      try AdapterFolder.write(
        other.initialParameters(of: model, seed: 0), of: other, model: model, modelName: "random", to: folder)
      #expect(
        throws: AdapterError.malformed(
          .unexpectedShape(
            tensor: "prompt_embeddings", file: folder + "/adapter_model.safetensors", expected: [3, 16],
            found: [4, 16]))
      ) { try AdapterFolder.readParameters(of: Self.methods[1], model: model, from: folder) }
    }
  }

  // MARK: Reading what PEFT wrote

  /// A folder whose configuration is `configuration`, beside the parameters of `method`.
  private func read(
    _ configuration: String, with method: AdapterMethod = Self.methods[0], more: [NamedTensor] = []
  ) throws -> Result<Adapter, AdapterError> {
    let model = try Llama.random()
    var result: Result<Adapter, AdapterError>?
    try withFolder { folder in
      let parameters = method.initialParameters(of: model, seed: 9)
      try AdapterFolder.write(parameters, of: method, model: model, modelName: "random", to: folder)
      try configuration.write(toFile: folder + "/adapter_config.json", atomically: true, encoding: .utf8)
      if !more.isEmpty {
        let file = folder + "/adapter_model.safetensors"
        let present = try SafetensorsFile(path: file).tensors.map { NamedTensor($0) }
        try writeSafetensors(present + more, to: file)
      }
      result = Result { () throws(AdapterError) in try AdapterFolder.read(from: folder, for: model) }
    }
    return try #require(result)
  }

  /// What reading ends with, without the folder's name.
  private func complaint(
    _ configuration: String, with method: AdapterMethod = Self.methods[0], more: [NamedTensor] = []
  ) throws -> String {
    switch try read(configuration, with: method, more: more) {
    case .success(let adapter): "read: \(adapter.method)"
    case .failure(let error): "\(error)"
    }
  }

  @Test(arguments: methods) func `a folder says what its adapter is`(method: AdapterMethod) throws {
    let model = try Llama.random()
    try withFolder { folder in
      let parameters = method.initialParameters(of: model, seed: 9)
      try AdapterFolder.write(parameters, of: method, model: model, modelName: "random", to: folder)
      #expect(
        try AdapterFolder.read(from: folder, for: model) == Adapter(method: method, parameters: parameters))
      #expect(AdapterFolder.files(of: folder) == ["adapter_config.json", "adapter_model.safetensors"])
    }
  }

  @Test(arguments: [
    #"["q_proj", "down_proj"]"#, #"["self_attn.q_proj", "mlp.down_proj", "out_proj", "fc2"]"#,
  ]) func `layers are named by their paths or what those end with; names of no layer are passed over`(
    targets: String
  ) throws {
    let text = #"{"peft_type": "LORA", "r": 2, "lora_alpha": 4.0, "bias": "none", "target_modules": \#(targets)}"#
    #expect(try read(text).get().method == Self.methods[0])
  }

  @Test func `all-linear means all linear layers of the blocks`() throws {
    let all: Set = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    let method = AdapterMethod.lowRank(LowRankAdaptation(rank: 1, alpha: 0.5, targets: all))
    let text = #"{"peft_type": "LORA", "r": 1, "lora_alpha": 0.5, "target_modules": "all-linear", "use_dora": false}"#
    #expect(try read(text, with: method).get().method == method)
  }

  @Test func `an adapter of another kind is refused by name`() throws {
    for kind in ["P_TUNING", "IA3", ""] {
      let found = try complaint(#"{"peft_type": "\#(kind)"}"#)
      #expect(found.hasPrefix("unsupported(") && found.contains(#"kind: "\#(kind)""#), "\(found)")
      #expect(found.contains("adapter_config.json"))
    }
  }

  @Test(arguments: [
    ("{", "malformedJSON"), ("[]", "peft_type"), (#"{"peft_type": 3}"#, "peft_type"),
    (#"{"peft_type": "LORA"}"#, #"member: "r""#),
    (#"{"peft_type": "LORA", "r": 0, "lora_alpha": 1, "target_modules": ["q_proj"]}"#, #"member: "r""#),
    (#"{"peft_type": "LORA", "r": 2.5, "lora_alpha": 1, "target_modules": ["q_proj"]}"#, #"member: "r""#),
    (#"{"peft_type": "LORA", "r": 1, "lora_alpha": "1", "target_modules": ["q_proj"]}"#, "lora_alpha"),
    (#"{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "target_modules": ".*q_proj"}"#, "target_modules"),
    (#"{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "target_modules": ["q_proj", 1]}"#, "target_modules[1]"),
    (#"{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "target_modules": ["proj"]}"#, "target_modules"),
    (#"{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "target_modules": []}"#, "target_modules"),
    (#"{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "bias": "all", "target_modules": ["q_proj"]}"#, "bias"),
    (
      #"{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "use_rslora": true, "target_modules": ["q_proj"]}"#, "use_rslora"
    ),
    (
      #"{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "rank_pattern": {"q": 2}, "target_modules": ["q_proj"]}"#,
      "rank_pattern"
    ),
    (#"{"peft_type": "PROMPT_TUNING"}"#, "num_virtual_tokens"),
    (#"{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": -1}"#, "num_virtual_tokens"),
    (
      #"{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 1, "num_transformer_submodules": 2}"#,
      "num_transformer_submodules"
    ),
  ]) func `a setting that is missing, wrong or unknown is named with the file`(text: String, member: String) throws {
    let found = try complaint(text)
    #expect(found.hasPrefix("malformed(") && found.contains(member), "\(found)")
    #expect(found.contains("adapter_config.json"))
  }

  @Test func `sizes beyond what the weights hold take no memory and are refused`() throws {
    let huge = "\(Int.max / 4)"
    let rank = try complaint(
      #"{"peft_type": "LORA", "r": \#(huge), "lora_alpha": 1, "target_modules": ["q_proj", "down_proj"]}"#)
    #expect(rank.contains("unexpectedShape") && rank.contains(huge), "\(rank)")
    let tokens = try complaint(
      #"{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": \#(huge)}"#, with: Self.methods[1])
    #expect(tokens.contains("unexpectedShape") && tokens.contains(huge), "\(tokens)")
  }

  @Test func `a tensor that the configuration does not account for, and one that is not finite, are refused`() throws {
    let fewer = try complaint(#"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"]}"#)
    #expect(fewer.contains("unexpectedTensor") && fewer.contains("down_proj"), "\(fewer)")
    let prompt = #"{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 3}"#
    let more = try complaint(
      prompt, with: Self.methods[1], more: [NamedTensor("base", Matrix(rows: 1, columns: 1, repeating: 0))])
    #expect(more.contains("unexpectedTensor"), "\(more)")
    let model = try Llama.random()
    try withFolder { folder in
      let broken = ParameterSet([("prompt_embeddings", Matrix(rows: 3, columns: 16, repeating: .infinity))])
      try AdapterFolder.write(broken, of: Self.methods[1], model: model, modelName: "random", to: folder)
      let file = folder + "/adapter_model.safetensors"
      #expect(throws: AdapterError.malformed(.notFinite(tensor: "prompt_embeddings", file: file, index: 0))) {
        try AdapterFolder.read(from: folder, for: model)
      }
    }
  }

  @Test func `weights that older versions pickled are read where there are no others`() throws {
    let model = try Llama.random()
    try withFolder { folder in
      let numbers = (0..<48).map { Float($0) / 8 }
      let storage = HandMadePickle.storage("FloatStorage", "0", count: 48)
      let tensor = HandMadePickle.tensor(storage, shape: [3, 16], strides: [16, 1])
      let zip = HandMadeZip([
        HandMadeZip.Entry(
          "m/data.pkl", HandMadePickle.whole(HandMadePickle.dictionary([("prompt_embeddings", tensor)]))),
        HandMadeZip.Entry("m/version", Array("3\n".utf8)),
        HandMadeZip.Entry("m/data/0", numbers.flatMap { HandMadeZip.little(Int($0.bitPattern), 4) }),
      ])
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(zip.bytes).write(to: URL(fileURLWithPath: folder + "/adapter_model.bin"))
      try #"{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 3}"#.write(
        toFile: folder + "/adapter_config.json", atomically: true, encoding: .utf8)
      let adapter = try AdapterFolder.read(from: folder, for: model)
      #expect(adapter.parameters.values == [Matrix(rows: 3, columns: 16, numbers)])
      #expect(AdapterFolder.files(of: folder) == ["adapter_config.json", "adapter_model.bin"])
    }
  }
}
