/// Loads the model in a Hugging Face style folder, whichever architecture its `config.json` names.
///
/// - Throws: `CheckpointError`; for an architecture that is not supported, with those that are.
package func loadModel(folder: String) throws(CheckpointError) -> any LanguageModel {
  // One architecture so far: its own reading of config.json refuses the others.
  try Llama(folder: folder)
}
