/// How like one model's another's attention and hidden states are, block by block.
package struct SimilarityResult: Codable, Equatable, Sendable {
  package var schemaVersion = 1
  package var original: ScoredModel
  package var model: ScoredModel
  package var adapters: [ScoredModel]
  /// nil without several prompts.
  package var prompting: PromptingSummary?
  /// "wikitext", "c4" or "text", and the digest of the file.
  package var source: String
  package var sha256: String
  package var similarity: CellSimilarity
  package var environment: Environment

  package init(
    original: ScoredModel, model: ScoredModel, adapters: [ScoredModel], prompting: PromptingSummary?, source: String,
    sha256: String, similarity: CellSimilarity, environment: Environment
  ) {
    self.original = original
    self.model = model
    self.adapters = adapters
    self.prompting = prompting
    self.source = source
    self.sha256 = sha256
    self.similarity = similarity
    self.environment = environment
  }
}
