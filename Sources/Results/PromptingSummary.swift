/// How several prompts were put in front of inputs: the reading of what the paper leaves open, in the words of a suite.
package struct PromptingSummary: Codable, Equatable, Sendable {
  /// Their names, in the order of which the first of equals wins.
  package var prompts: [String]
  /// "idp" or "concatenation".
  package var method: String
  /// What the choice goes by; nil for concatenation.
  package var selection: Selection?
  package var positions: String
  /// Positions that the prompts take in front of an input.
  package var positionCount: Int

  package struct Selection: Codable, Equatable, Sendable {
    package var score: String
    package var layers: String
    /// What the layers before the one that chooses see.
    package var before: String?
    package var heads: String
    package var queries: String
    /// The keys of a joint softmax; nil without one.
    package var support: String?

    package init(score: String, layers: String, before: String?, heads: String, queries: String, support: String?) {
      self.score = score
      self.layers = layers
      self.before = before
      self.heads = heads
      self.queries = queries
      self.support = support
    }
  }

  package init(prompts: [String], method: String, selection: Selection?, positions: String, positionCount: Int) {
    self.prompts = prompts
    self.method = method
    self.selection = selection
    self.positions = positions
    self.positionCount = positionCount
  }
}
