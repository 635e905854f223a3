import Models
import Tensors

/// How like another model's a model's attention and hidden states are on the same texts, block by block, as cosines.
///
/// Only the texts' own tokens count, as queries and as keys: prompts and prefixes have no counterpart in a model without
/// them. Both readings of the paper's Figure 5: the mean over single rows, and everything of a text as one vector, where
/// rows that give much to a prompt count as less, since they are not made to sum to one again.
///
/// Source: Hoang et al. 2024, Figure 5; `idp.md` section 6.
package struct ModelSimilarity: Sendable, Equatable {
  /// Of each block: over each query's row of attention probabilities, the mean over queries, heads and texts. A text's
  /// first token sees itself alone, so its rows are always alike.
  package let attentionByRow: [Double]
  /// Of each block: over all probabilities of a text, the mean over texts.
  package let attentionFlattened: [Double]
  /// Of each block: over each token's hidden state behind it, the mean over tokens and texts.
  package let activationsByRow: [Double]
  /// Of each block: over all hidden states of a text, the mean over texts.
  package let activationsFlattened: [Double]

  /// What keeps two models from being compared.
  package enum Mismatch: Error, Equatable {
    case otherShape(ModelShape, ModelShape)
    case notANumber(block: Int)
  }

  /// All texts pass through a block of both models before the next, so that weights are read once.
  ///
  /// - Parameters:
  ///   - model: the one that was changed, behind its prompts.
  ///   - texts: tokens of each, as many as the models have positions for.
  ///   - progress: is told how many blocks are done.
  /// - Throws: `Mismatch`; `PositionError`; what `progress` throws.
  package init(
    of model: some LanguageModel, prompts: PromptBank? = nil, to original: some LanguageModel, texts: [[Int]],
    workers: Workers, progress: (_ blocks: Int) throws -> Void = { _ in }
  ) throws {
    precondition(texts.allSatisfy { !$0.isEmpty } && !texts.isEmpty, "the similarity on no text")
    let (shape, other) = (original.shape, model.shape)
    guard shape.blockCount == other.blockCount, shape.headCount == other.headCount, shape.width == other.width,
      shape.vocabularySize == other.vocabularySize
    else { throw Mismatch.otherShape(shape, other) }
    let longest = texts.map(\.count).max() ?? 0
    try shape.expectRoom(forPositions: longest)
    try other.expectRoom(forPositions: (prompts?.inputPosition ?? 0) + longest)

    var originals = try workers.map(texts.count) { ForestRun(Self.alone(texts[$0]), through: original) }
    var changed = try workers.map(texts.count) {
      ForestRun(Self.alone(texts[$0]), through: model, prompts: prompts)
    }
    var blocks: [BlockSimilarity] = []
    for step in ForestRun.steps(through: model, prompts: prompts) {
      let (before, changedBefore) = (originals, changed)
      if step.isSurvey {
        changed = try workers.map(texts.count) { text in
          var run = changedBefore[text]
          run.advance(step, through: model)
          return run
        }
        continue
      }
      let found = try workers.map(texts.count) { text in
        var (left, right) = (before[text], changedBefore[text])
        return (BlockSimilarity(step, &left, original, &right, model), left, right)
      }
      originals = found.map(\.1)
      changed = found.map(\.2)
      let block = BlockSimilarity(meanOf: found.map(\.0))
      guard block.isFinite else { throw Mismatch.notANumber(block: step.block) }
      blocks.append(block)
      try progress(blocks.count)
    }
    attentionByRow = blocks.map(\.attentionByRow)
    attentionFlattened = blocks.map(\.attentionFlattened)
    activationsByRow = blocks.map(\.activationsByRow)
    activationsFlattened = blocks.map(\.activationsFlattened)
  }

  private static func alone(_ text: [Int]) -> TokenForest { TokenForest.planting([text], isSharing: false).forest }
}

/// The similarities of one block: on one text, or their means over texts.
private struct BlockSimilarity: Sendable {
  var attentionByRow: Double
  var attentionFlattened: Double
  var activationsByRow: Double
  var activationsFlattened: Double

  /// Advances both runs of a text through a block.
  init(
    _ step: ForestRun.Step, _ left: inout ForestRun, _ leftModel: some LanguageModel, _ right: inout ForestRun,
    _ rightModel: some LanguageModel
  ) {
    let leftAttention = Self.advance(&left, step, leftModel)
    let rightAttention = Self.advance(&right, step, rightModel)
    let (leftRows, rightRows) = (left.sequences[0].map(\.row), right.sequences[0].map(\.row))
    var attention = RowCosines()
    for (leftHead, rightHead) in zip(leftAttention, rightAttention) {
      attention.add(leftHead, rows: leftRows, rightHead, rows: rightRows)
    }
    var activations = RowCosines()
    activations.add(left.hidden, rows: leftRows, right.hidden, rows: rightRows)
    attentionByRow = attention.sum / Double(attention.count)
    attentionFlattened = attention.whole.cosine
    activationsByRow = activations.sum / Double(activations.count)
    activationsFlattened = activations.whole.cosine
  }

  /// Each head's probabilities (rows, tokens) in the block.
  private static func advance(
    _ run: inout ForestRun, _ step: ForestRun.Step, _ model: some LanguageModel
  ) -> [Matrix] {
    var heads: [Matrix] = []
    run.advance(step, through: model) { observation in
      if case .attention(_, _, let probabilities) = observation { heads.append(probabilities) }
    }
    return heads
  }

  /// Summed in the order of the texts.
  init(meanOf texts: [BlockSimilarity]) {
    func mean(_ part: (BlockSimilarity) -> Double) -> Double {
      texts.reduce(0) { $0 + part($1) } / Double(texts.count)
    }
    attentionByRow = mean(\.attentionByRow)
    attentionFlattened = mean(\.attentionFlattened)
    activationsByRow = mean(\.activationsByRow)
    activationsFlattened = mean(\.activationsFlattened)
  }

  var isFinite: Bool {
    [attentionByRow, attentionFlattened, activationsByRow, activationsFlattened].allSatisfy(\.isFinite)
  }
}
