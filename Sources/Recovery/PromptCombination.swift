import Models

/// What becomes of several prompts, each trained alone.
package enum PromptCombination: Sendable, Hashable {
  /// One is chosen for an input. Positions: nil for those recommended for the model.
  case selection(PromptSelection, positions: PromptPositions?)
  /// They are one long prompt, in which each sees those before it, at contiguous positions: the paper's control.
  ///
  /// Source: Hoang et al. 2024, table 3, "Concat"; `idp.md` section 4.
  case concatenation

  /// The position of an input's first token behind prompts of these lengths.
  func inputPosition(behind lengths: [Int], of shape: ModelShape) -> Int {
    switch self {
    case .selection(_, let positions): (positions ?? .recommended(for: shape)).inputPosition(behind: lengths)
    case .concatenation: lengths.reduce(0, +)
    }
  }
}
