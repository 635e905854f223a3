import Tensors

/// Soft prompts of which one is chosen for an input: inference-time dynamic prompting.
///
/// Each prompt's keys and values are computed once, from that prompt alone: prompts never see one another, and stand
/// before the input, which they cannot see. Prompts that are not chosen have no effect.
///
/// Source: Hoang et al. 2024, section 3.1.1; `idp.md` sections 2 to 4.
package struct PromptBank: Sendable {
  package let prompts: [KeyValueCache]
  package let selection: PromptSelection
  /// nil for prefixes, which have none.
  package let positions: PromptPositions?
  /// The position of the first token after the prompts.
  package let inputPosition: Int
  /// Of each prompt and block, the mean of the keys (G · D) over the prompt's tokens.
  private let keyMeans: [[[Double]]]

  /// - Parameters:
  ///   - embeddings: one prompt each, (nᵢ, C); no more than `ModelShape.expectRoom` lets pass.
  ///   - selection: without conflicts.
  ///   - positions: nil for those recommended for the model.
  package init(
    _ embeddings: [Matrix], of model: some LanguageModel, selection: PromptSelection = PromptSelection(),
    positions: PromptPositions? = nil
  ) {
    precondition(!embeddings.isEmpty, "a bank without prompts")
    let positions = positions ?? .recommended(for: model.shape)
    let lengths = embeddings.map(\.rowCount)
    let prompts = zip(embeddings, positions.firstPositions(of: lengths)).map { embedding, first in
      var pass = ForwardPass(firstPosition: first, cache: model.cache(capacity: embedding.rowCount))
      _ = model.runBlocks(embedding, &pass)
      return pass.cache!
    }
    self.init(
      prompts, selection: selection, positions: positions, inputPosition: positions.inputPosition(behind: lengths))
  }

  /// Prefixes, each the keys and values of some tokens, which have no positions of their own.
  package init(prefixes: [KeyValueCache], selection: PromptSelection = PromptSelection()) {
    precondition(!prefixes.isEmpty, "a bank without prefixes")
    self.init(
      prefixes, selection: selection, positions: nil,
      inputPosition: prefixes.map { $0.blocks.first?.count ?? 0 }.max() ?? 0)
  }

  private init(
    _ prompts: [KeyValueCache], selection: PromptSelection, positions: PromptPositions?, inputPosition: Int
  ) {
    self.prompts = prompts
    self.selection = selection
    self.positions = positions
    self.inputPosition = inputPosition
    keyMeans = prompts.map { $0.blocks.map { $0.keys.columnMeans() } }
  }

  /// Whether there is something to choose.
  package var isChoosing: Bool { prompts.count > 1 }

  func keyMean(prompt: Int, block: Int) -> [Double] { keyMeans[prompt][block] }

  /// The number of tokens of each prompt.
  package var lengths: [Int] { prompts.map { $0.blocks.first?.count ?? 0 } }
}
