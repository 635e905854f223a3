import Tensors

/// Soft prompts of which each block chooses one for an input: inference-time dynamic prompting.
///
/// Each prompt's keys and values are computed once, from that prompt alone (prompts never see one another). Prompts are
/// right-aligned: prompt i of length nᵢ stands at positions s - nᵢ … s - 1 with s = max nᵢ, and the input begins at s.
/// For rotary embeddings, which depend on distances only, that is each prompt's own inference.
///
/// The choice: in each block the prompt with the largest mean over heads, input tokens and prompt tokens of the
/// attention score before the softmax; the first of equals. Unchosen prompts have no effect.
///
/// Source: Hoang et al. 2024, section 3.1.1; `idp.md` sections 2 to 4 (the reading A1, B1, C1, D1, P3).
package struct PromptBank: Sendable {
  package let prompts: [KeyValueCache]
  /// The position of the first token after the prompts.
  package let inputPosition: Int

  /// - Parameter embeddings: one prompt each, (nᵢ, C); no more than `ModelShape.expectRoom` lets pass.
  package init(_ embeddings: [Matrix], of model: some LanguageModel) {
    precondition(!embeddings.isEmpty, "a bank without prompts")
    let longest = embeddings.map(\.rowCount).max() ?? 0
    inputPosition = longest
    prompts = embeddings.map { embedding in
      let cache = KeyValueCache(
        blockCount: model.shape.blockCount, width: model.shape.keyValueWidth, capacity: embedding.rowCount)
      var pass = ForwardPass(firstPosition: longest - embedding.rowCount, cache: cache)
      _ = model.runBlocks(embedding, &pass)
      return pass.cache!
    }
  }

  /// Prefixes, each the keys and values of some tokens, which have no positions of their own.
  package init(prefixes: [KeyValueCache]) {
    precondition(!prefixes.isEmpty, "a bank without prefixes")
    prompts = prefixes
    inputPosition = prefixes.map { $0.blocks.first?.count ?? 0 }.max() ?? 0
  }

  /// The largest number of tokens that a prompt takes in the cache.
  package var longest: Int { inputPosition }

  func choose(for queries: Matrix, block: Int, attention: SelfAttention) -> Int {
    guard prompts.count > 1 else { return 0 }
    var best = (index: 0, score: -Double.infinity)
    for (index, prompt) in prompts.enumerated() {
      let score = attention.meanScore(queries, keys: prompt.blocks[block].keys)
      if score > best.score { best = (index, score) }
    }
    return best.index
  }
}
