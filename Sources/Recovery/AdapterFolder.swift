import Foundation
import Models
import Tensors
import Training

/// What can be wrong with an adapter's folder.
package enum AdapterError: Error, Equatable {
  case unwritable(folder: String, reason: String)
  case malformed(CheckpointError)
}

/// An adapter as PEFT stores it: a folder with `adapter_config.json` and `adapter_model.safetensors`.
///
/// Source: PEFT 0.5, utils/save_and_load.py; `peft.md`.
package enum AdapterFolder {
  private static let configuration = "adapter_config.json"
  private static let weights = "adapter_model.safetensors"

  /// Writes a trained adapter; `modelName` is what it was trained on.
  package static func write(
    _ parameters: ParameterSet, of method: AdapterMethod, model: some LanguageModel, modelName: String,
    to folder: String
  ) throws(AdapterError) {
    let configuration: [String: any Sendable] =
      switch method {
      case .lowRank(let method):
        [
          "bias": "none", "fan_in_fan_out": false, "lora_alpha": method.alpha, "lora_dropout": 0.0,
          "peft_type": "LORA", "r": method.rank, "target_modules": method.targets.sorted(),
        ]
      case .prompt(let method):
        [
          "num_attention_heads": model.shape.headCount, "num_layers": model.shape.blockCount,
          "num_transformer_submodules": 1, "num_virtual_tokens": method.tokenCount, "peft_type": "PROMPT_TUNING",
          "prompt_tuning_init": "RANDOM", "token_dim": model.shape.embeddingWidth,
        ]
      }
    let common: [String: any Sendable] = [
      "base_model_name_or_path": modelName, "inference_mode": true, "task_type": "CAUSAL_LM",
    ]
    try write(
      configuration: configuration.merging(common) { $1 },
      tensors: zip(parameters.names, parameters.values).map { NamedTensor(prefix(of: method) + $0, $1) }, to: folder)
  }

  /// Reads the parameters of an adapter for `model`, in the order of `initialParameters`.
  package static func readParameters(
    of method: AdapterMethod, model: some LanguageModel, from folder: String
  ) throws(AdapterError) -> ParameterSet {
    let expected = method.initialParameters(of: model, seed: 0)
    return try readParameters(like: expected, prefix: prefix(of: method), from: folder)
  }

  /// What PEFT puts before a parameter's name.
  private static func prefix(of method: AdapterMethod) -> String {
    switch method {
    case .lowRank: "base_model.model."
    case .prompt: ""
    }
  }

  private static func readParameters(
    like expected: ParameterSet, prefix: String, from folder: String
  ) throws(AdapterError) -> ParameterSet {
    do throws(CheckpointError) {
      let file = try SafetensorsFile(path: folder + "/" + weights)
      var parameters: [(name: String, value: Matrix)] = []
      for (name, value) in zip(expected.names, expected.values) {
        let tensor = try file.tensor(named: prefix + name)
        guard tensor.shape == [value.rowCount, value.columnCount] else {
          throw .unexpectedShape(
            tensor: tensor.name, file: file.path, expected: [value.rowCount, value.columnCount], found: tensor.shape)
        }
        parameters.append((name, try tensor.matrix()))
      }
      return ParameterSet(parameters)
    } catch {
      throw .malformed(error)
    }
  }

  private static func write(
    configuration: [String: any Sendable], tensors: [NamedTensor], to folder: String
  ) throws(AdapterError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let json = try JSONSerialization.data(
        withJSONObject: configuration, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
      try json.write(to: URL(fileURLWithPath: folder + "/" + Self.configuration), options: .atomic)
      try writeSafetensors(tensors, to: folder + "/" + weights)
    } catch let error as CheckpointError {
      throw .malformed(error)
    } catch {
      throw .unwritable(folder: folder, reason: error.localizedDescription)
    }
  }
}
