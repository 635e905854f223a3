import Evaluation
import Models
import Recovery
import Results
import Tensors

extension SimilarityResult {
  /// Measures how like `original` a model with adapters is.
  ///
  /// - Parameters:
  ///   - folders: of the original, of the model and of its adapters.
  ///   - tokenizer: the original's.
  ///   - progress: is told how many blocks are done, and may throw to end it.
  /// - Throws: `ModelSimilarity.Mismatch`, `SimilarityTexts.Problem`, `PositionError`.
  package init(
    of adapted: AdaptedModel<some LanguageModel>, to original: some LanguageModel, tokenizer: Tokenizer,
    source: PerplexitySource, samples: Int, length: Int,
    folders: (original: EvaluatedFolder, model: EvaluatedFolder, adapters: [EvaluatedFolder]), workers: Workers,
    version: String, progress: (_ blocks: Int) throws -> Void
  ) throws {
    let texts = try SimilarityTexts(
      source, samples: samples, length: length, tokenizer: tokenizer, shape: original.shape)
    let found = try ModelSimilarity(
      of: adapted.model, prompts: adapted.prompts, to: original, texts: texts.tokens, workers: workers,
      progress: progress)
    self.init(
      original: ScoredModel(folders.original), model: ScoredModel(folders.model),
      adapters: folders.adapters.map(ScoredModel.init),
      prompting: PromptingSummary(adapted, names: folders.adapters.map(\.name)), source: source.kind.rawValue,
      sha256: try fileDigests([source.path])[0],
      similarity: CellSimilarity(found, samples: samples, length: length),
      environment: Environment(programVersion: version))
  }
}
