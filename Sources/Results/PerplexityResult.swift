/// What measuring a model's perplexity gave, and all that determines it.
package struct PerplexityResult: Codable, Equatable, Sendable {
  package static let schema = "recollect-perplexity"
  package static let currentSchemaVersion = 1

  package var schema = Self.schema
  package var schemaVersion = Self.currentSchemaVersion
  package var isComparable: Bool
  package var notComparableReasons: [String]
  package var model: ScoredModel
  package var adapters: [ScoredModel]
  /// nil without several prompts.
  package var prompting: PromptingSummary?
  /// "wikitext", "c4" or "text".
  package var source: String
  /// SHA-256 of the file.
  package var sha256: String
  /// "rolling" or "windows".
  package var method: String
  /// The tokens of a window at most, or exactly.
  package var window: Int
  /// What stands before a document's first token; nil for windows, which begin with tokens of their own.
  package var prefixToken: Int?
  package var documents: Int?
  package var windows: Int
  /// Predicted ones.
  package var tokens: Int
  package var tokenPerplexity: Estimate
  package var wordPerplexity: Estimate?
  package var bytePerplexity: Estimate?
  package var bitsPerByte: Estimate?
  package var flags: [String]
  package var environment: Environment

  package init(
    notComparableReasons: [String], model: ScoredModel, adapters: [ScoredModel],
    prompting: PromptingSummary? = nil, source: String, sha256: String,
    method: String, window: Int, prefixToken: Int? = nil, documents: Int? = nil, windows: Int, tokens: Int,
    tokenPerplexity: Estimate, wordPerplexity: Estimate? = nil, bytePerplexity: Estimate? = nil,
    bitsPerByte: Estimate? = nil, flags: [String], environment: Environment
  ) {
    isComparable = notComparableReasons.isEmpty
    self.notComparableReasons = notComparableReasons
    self.model = model
    self.adapters = adapters
    self.prompting = prompting
    self.source = source
    self.sha256 = sha256
    self.method = method
    self.window = window
    self.prefixToken = prefixToken
    self.documents = documents
    self.windows = windows
    self.tokens = tokens
    self.tokenPerplexity = tokenPerplexity
    self.wordPerplexity = wordPerplexity
    self.bytePerplexity = bytePerplexity
    self.bitsPerByte = bitsPerByte
    self.flags = flags
    self.environment = environment
  }
}
