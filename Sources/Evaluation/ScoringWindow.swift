import Models

extension ModelShape {
  /// The tokens that a model reads at most behind prompts: `length`, or less, where a table of positions has fewer left.
  func window(of length: Int, behind prompts: PromptBank?) -> Int {
    hasPositionTable ? min(length, max(0, maximumPositions - (prompts?.inputPosition ?? 0))) : length
  }
}
