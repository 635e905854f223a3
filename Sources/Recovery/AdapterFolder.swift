import Foundation
import Models
import Tensors
import Training

/// What can be wrong with an adapter's folder.
package enum AdapterError: Error, Equatable {
  case unwritable(folder: String, reason: String)
  case malformed(CheckpointError)
  /// Of a kind that cannot be read here, by PEFT's name for it.
  case unsupported(file: String, kind: String, supported: [String])
  /// Adapters, in their order, that have no meaning together.
  case cannotCombine([String])
}

/// An adapter as PEFT stores it: a folder with `adapter_config.json` and `adapter_model.safetensors`.
///
/// Source: PEFT 0.5, utils/save_and_load.py; `peft.md`.
package enum AdapterFolder {
  private static let configuration = "adapter_config.json"
  private static let weights = "adapter_model.safetensors"
  /// As PEFT stored them before it had safetensors.
  private static let pickledWeights = "adapter_model.bin"

  /// Writes a trained adapter; `modelName` is what it was trained on. Of a projected prefix the projection is left out.
  package static func write(
    _ parameters: ParameterSet, of method: AdapterMethod, model: some LanguageModel, modelName: String,
    to folder: String
  ) throws(AdapterError) {
    let shape = model.shape
    let configuration: [String: any Sendable] =
      switch method {
      case .lowRank(let method):
        [
          "bias": "none", "fan_in_fan_out": false, "lora_alpha": method.alpha, "lora_dropout": method.dropoutRate,
          "peft_type": "LORA", "r": method.rank, "target_modules": method.targets.sorted(),
        ]
      case .prompt(let method):
        [
          "num_attention_heads": shape.headCount, "num_layers": shape.blockCount, "num_transformer_submodules": 1,
          "num_virtual_tokens": method.tokenCount, "peft_type": "PROMPT_TUNING", "prompt_tuning_init": "RANDOM",
          "token_dim": shape.embeddingWidth,
        ]
      case .prefix(let method):
        // Heads and width are those of keys and values, as PEFT has them where heads share these.
        [
          "encoder_hidden_size": shape.keyValueWidth, "num_attention_heads": shape.keyValueHeadCount,
          "num_layers": shape.blockCount, "num_transformer_submodules": 1, "num_virtual_tokens": method.tokenCount,
          "peft_type": "PREFIX_TUNING", "prefix_projection": false, "token_dim": shape.keyValueWidth,
        ]
      }
    let common: [String: any Sendable] = [
      "base_model_name_or_path": modelName, "inference_mode": true, "task_type": "CAUSAL_LM",
    ]
    let parameters = method.stored(parameters)
    try write(
      configuration: configuration.merging(common) { $1 },
      tensors: zip(parameters.names, parameters.values).map { NamedTensor(prefix(of: method) + $0, $1) }, to: folder)
  }

  /// Reads an adapter for `model`: what it is, and its parameters.
  package static func read(from folder: String, for model: some LanguageModel) throws(AdapterError) -> Adapter {
    let method = try AdapterConfiguration(file: folder + "/" + configuration).method(for: model)
    return Adapter(method: method, parameters: try readParameters(of: method, model: model, from: folder))
  }

  /// The files of an adapter's folder that are read.
  package static func files(of folder: String) -> [String] {
    [configuration, weightsName(in: folder)]
  }

  /// Reads the parameters of an adapter for `model`, as they are stored.
  package static func readParameters(
    of method: AdapterMethod, model: some LanguageModel, from folder: String
  ) throws(AdapterError) -> ParameterSet {
    try readParameters(like: method.storedShapes(of: model), prefix: prefix(of: method), from: folder)
  }

  private static func weightsName(in folder: String) -> String {
    let files = FileManager.default
    let isPickled =
      !files.fileExists(atPath: folder + "/" + weights) && files.fileExists(atPath: folder + "/" + pickledWeights)
    return isPickled ? pickledWeights : weights
  }

  /// What PEFT puts before a parameter's name.
  private static func prefix(of method: AdapterMethod) -> String {
    switch method {
    case .lowRank: "base_model.model."
    case .prompt, .prefix: ""
    }
  }

  private static func readParameters(
    like expected: [ParameterShape], prefix: String, from folder: String
  ) throws(AdapterError) -> ParameterSet {
    do throws(CheckpointError) {
      let file = folder + "/" + weightsName(in: folder)
      let tensors =
        file.hasSuffix(pickledWeights)
        ? try PyTorchCheckpoint(path: file).tensors : try SafetensorsFile(path: file).tensors
      var left = Dictionary(tensors.map { (Array($0.name.utf8), $0) }) { first, _ in first }
      var parameters: [(name: String, value: Matrix)] = []
      for parameter in expected {
        let name = prefix + parameter.name
        guard let tensor = left.removeValue(forKey: Array(name.utf8)) else {
          throw .missingTensor(name: name, file: file)
        }
        let shape = [parameter.rowCount, parameter.columnCount]
        guard tensor.shape == shape else {
          throw .unexpectedShape(tensor: tensor.name, file: file, expected: shape, found: tensor.shape)
        }
        let value = try tensor.matrix()
        if let index = value.elements.firstIndex(where: { !$0.isFinite }) {
          throw .notFinite(tensor: tensor.name, file: file, index: index)
        }
        parameters.append((parameter.name, value))
      }
      // What the configuration does not account for would be left out of the model without a word.
      if let other = tensors.first(where: { left[Array($0.name.utf8)] != nil }) {
        throw .unexpectedTensor(name: other.name, file: file)
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
