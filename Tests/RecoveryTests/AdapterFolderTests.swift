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
}
