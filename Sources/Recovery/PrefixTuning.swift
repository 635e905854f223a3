import Models
import Tensors

/// A trained prefix: keys and values that stand in front of every block's own, as if tokens had left them there.
///
/// Keys are taken as they are: not turned by any position. The input begins at the position behind the prefix.
///
/// Source: Li and Liang 2021 (arXiv:2101.00190); PEFT 0.5's `prefix_tuning`; `peft.md` section 3.
package struct PrefixTuning: Sendable, Equatable {
  package let tokenCount: Int

  package init(tokenCount: Int) {
    precondition(tokenCount > 0, "a prefix of \(tokenCount) tokens")
    self.tokenCount = tokenCount
  }

  package static let parameterName = "prompt_embeddings"

  /// One matrix (t, 2 · L · G · D): of each token, for each block the keys of all heads, then their values.
  func parameterShapes(of model: some LanguageModel) -> [ParameterShape] {
    [
      ParameterShape(
        name: Self.parameterName, rowCount: tokenCount,
        columnCount: 2 * model.shape.blockCount * model.shape.keyValueWidth)
    ]
  }

  /// The keys and values of every block.
  package func cache(_ parameters: Matrix, of model: some LanguageModel) -> KeyValueCache {
    let width = model.shape.keyValueWidth
    var cache = model.cache(capacity: tokenCount)
    for block in cache.blocks.indices {
      func columns(_ place: Int) -> Matrix { parameters.columns(place * width..<(place + 1) * width) }
      cache.blocks[block].append(keys: columns(2 * block), values: columns(2 * block + 1))
    }
    return cache
  }
}
