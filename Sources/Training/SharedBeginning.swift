import Models
import Tensors

/// Embeddings that all sequences of a batch begin with, run once for all of them, forward and backward.
///
/// Their rows see nothing of what comes behind them, so they are the same in every sequence. Each sequence has their keys
/// and values in front of it, as it would have a prefix, and what all sequences say of these goes back through the rows
/// together: b sequences of T tokens behind t rows are t + b · T rows, where each with its own beginning they would be
/// b · (t + T).
package struct SharedBeginning<Model: LanguageModel> {
  private let model: Model
  private var blocks: TracedBlocks<Model>
  /// The keys and values of the rows.
  package let cache: KeyValueCache

  /// - Parameters:
  ///   - embeddings: (t, E), at the positions from 0 on.
  ///   - predicts: whether the last row is to predict what the sequences begin with.
  ///   - pass: says how much is kept for the way back.
  package init(_ embeddings: Matrix, of model: Model, predicts: Bool, pass: TrainingPass = TrainingPass()) {
    var cache = model.cache(capacity: 0)
    cache.blocks = []
    self.model = model
    blocks = TracedBlocks(
      model, embeddings: embeddings, from: embeddings.rowCount - (predicts ? 1 : 0), pass: pass
    ) { cache.blocks.append($0.keysAndValues) }
    self.cache = cache
  }

  /// To be called once.
  ///
  /// - Parameters:
  ///   - firstTokens: those that the last row is to predict; empty where it is not to.
  ///   - weight: the factor of each of their losses' gradient.
  ///   - behind: of each block, the gradient of the sequences' losses with respect to `cache`, weighted already.
  /// - Returns: Σ -log p(token) over the first tokens, in nats, and the gradient with respect to the embeddings (t, E).
  package mutating func backward(
    firstTokens: [Int], weight: Float, behind: [KeyValueCache.Block]
  ) -> (loss: Double, embeddings: Matrix) {
    var loss = 0.0
    var outputGradient = Matrix(rows: 0, columns: blocks.output.columnCount)
    if !firstTokens.isEmpty {
      let last = model.normalized(blocks.output)
      let found = model.crossEntropy(
        last.gatheringRows(firstTokens.map { _ in 0 }), targets: firstTokens, weight: weight)
      loss = found.loss
      outputGradient = model.normalizedBackward(found.gradient.columnSums(), hidden: blocks.output)
    }
    var nothing = BlockGradients()
    guard let gradient = blocks.backward(outputGradient, behind: behind, gradients: &nothing) else {
      preconditionFailure("the gradient of the embeddings is wanted")
    }
    return (loss, model.hiddenStatesBackward(gradient))
  }
}
