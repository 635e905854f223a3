import Tensors

/// Loads the model in a Hugging Face style folder, whichever architecture its `config.json` names.
///
/// - Throws: `CheckpointError`; for an architecture that is not supported, with those that are.
package func loadModel(folder: String) throws(CheckpointError) -> any LanguageModel {
  let file = folder + "/config.json"
  switch try ConfigurationFile(file).architecture {
  case "llama", "LlamaForCausalLM": return try Llama(folder: folder)
  case "opt", "OPTForCausalLM": return try OPT(folder: folder)
  case let other: throw .unsupportedArchitecture(file: file, found: other, supported: ["llama", "opt"])
  }
}

/// The same, after a look at every number of the weights: what a command does before it computes for long.
///
/// - Throws: `CheckpointError.notFinite` for a NaN or an infinity, too.
package func loadModel(folder: String, checkingNumbersWith workers: Workers) throws -> any LanguageModel {
  let model = try loadModel(folder: folder)
  try CheckpointFolder(folder).checkFinite(workers: workers)
  return model
}
