import Foundation
import Models
import Recovery
import Tensors
import TestModels
import Testing
import Training

/// A Python with torch, transformers and peft; nil where there is none.
private let python = ProcessInfo.processInfo.environment["RECOLLECT_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }

/// What is written here, loaded by PEFT itself.
@Suite(.enabled(if: python != nil, "RECOLLECT_PYTHON names no Python"))
struct PEFTAgreementTests {
  private static let methods: [AdapterMethod] = [
    .lowRank(
      LowRankAdaptation(rank: 2, alpha: 6, targets: ["q_proj", "v_proj", "o_proj", "out_proj", "fc1", "up_proj"])),
    .prompt(PromptTuning(tokenCount: 3, initialization: .normal(standardDeviation: 1))),
    .prefix(PrefixTuning(tokenCount: 3)),
    .prefix(PrefixTuning(tokenCount: 4, start: .projected(width: 5))),
    .prefix(PrefixTuning(tokenCount: 2, start: .tokens([7, 30]))),
  ]

  /// Of folders with a model, each with adapters in folders of its own: each adapter's logits, a line each.
  private static let program = """
    import json, sys, torch
    from transformers import AutoConfig, AutoModelForCausalLM
    from safetensors.torch import load_file
    from peft import PeftModel
    torch.set_num_threads(1)
    folders, tokens = json.loads(sys.argv[1]), json.loads(sys.argv[2])
    for folder, adapter in folders:
      model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder)).float().eval()
      left = model.load_state_dict(load_file(folder + "/model.safetensors"), strict=False)
      assert not left.unexpected_keys and set(left.missing_keys) <= {"lm_head.weight"}, left
      model.tie_weights()
      model = PeftModel.from_pretrained(model, adapter).eval()
      with torch.no_grad():
        logits = model(input_ids=torch.tensor([tokens])).logits[0]
      print(json.dumps(logits[-len(tokens):].flatten().tolist()))
    """

  /// The logits that PEFT computes, (T, V) row by row for each pair of a model's and an adapter's folder.
  private func reference(_ folders: [[String]], tokens: [Int]) throws -> [[Double]] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(python))
    process.arguments = [
      "-c", Self.program, String(decoding: try JSONEncoder().encode(folders), as: UTF8.self), "\(tokens)",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
      try #require(try JSONValue(parsing: String(line)).array).compactMap(\.double)
    }
  }

  @Test func `PEFT gives the same logits with adapters written here`() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    let tokens = [3, 1, 4, 1, 5, 9, 2, 6]
    let found =
      try written(RandomCheckpoint.llama(), Llama.self, to: root + "/llama", tokens)
      + written(RandomCheckpoint.opt(), OPT.self, to: root + "/opt", tokens)
    let expected = try reference(found.map(\.folders), tokens: tokens)
    try #require(expected.count == found.count)
    for (found, expected) in zip(found, expected) {
      try #require(expected.count == found.logits.count)
      // Logits of a few units, from sums in other orders.
      let isSame = zip(found.logits.elements, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 }
      #expect(isSame, "\(found.folders[1])")
    }
  }

  /// Writes a model and an adapter of each method; returns their folders, and the logits of the model with what is read
  /// from there.
  private func written<Model: LanguageModel>(
    _ checkpoint: RandomCheckpoint, _: Model.Type, to folder: String, _ tokens: [Int]
  ) throws -> [(folders: [String], logits: Matrix)] {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try checkpoint.write(to: folder)
    let model = try Model(folder: folder)
    return try Self.methods.enumerated().map { number, method in
      let adapter = "\(folder)/adapter\(number)"
      var parameters = method.initialParameters(of: model, seed: 3)
      // B begins as zero, with which a LoRA would do nothing.
      for (index, name) in parameters.names.enumerated() where name.contains("lora_B") {
        let value = parameters.values[index]
        parameters.values[index] = randomMatrix(value.rowCount, value.columnCount, seed: UInt64(index))
      }
      try AdapterFolder.write(parameters, of: method, model: model, modelName: folder, to: adapter)
      let adapted = try AdaptedModel(model, [AdapterFolder.read(from: adapter, for: model)])
      let (forest, nodes) = TokenForest.planting([tokens])
      let hidden = adapted.model.run(forest, prompts: adapted.prompts).hidden
      let normalized = adapted.model.normalized(hidden.gatheringRows(nodes[0].map(\.row)))
      return ([folder, adapter], adapted.model.logits(normalized))
    }
  }
}
