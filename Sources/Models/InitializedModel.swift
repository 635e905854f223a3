import Tensors

/// An architecture and its sizes, from which a model can be made without a checkpoint.
package enum ModelForm: Sendable {
  case llama(ModelShape, feedForwardWidth: Int, tiesHead: Bool)
  /// Pre-norm, with the embedding as the head.
  case opt(ModelShape, feedForwardWidth: Int)

  /// A model of that form before any training: weights normal with a standard deviation of 0.02, norms that change
  /// nothing, biases zero.
  ///
  /// Source: `initializer_range` and `_init_weights` of transformers 4.31's Llama and OPT.
  package func initialized(seed: UInt64) -> any LanguageModel {
    var weightCount: UInt64 = 0
    func weight(_ rows: Int, _ columns: Int) -> Weight {
      var stream = RandomStream(seed: seed, purpose: "model initialization", index: weightCount)
      weightCount += 1
      var matrix = Matrix(uninitializedRows: rows, columns: columns)
      matrix.withMutableElements { for place in $0.indices { $0[place] = 0.02 * stream.nextNormal() } }
      return Weight(matrix)
    }
    switch self {
    case .llama(let shape, let innerWidth, let tiesHead):
      let (width, queryWidth) = (shape.width, shape.headCount * shape.headWidth)
      func linear(_ path: String, _ rows: Int, _ columns: Int) -> Linear {
        Linear(path: path, weight: weight(rows, columns))
      }
      let norm = RootMeanSquareNorm(weight: Array(repeating: 1, count: width), epsilon: 1e-6)
      let embedding = weight(shape.vocabularySize, width)
      let blocks = (0..<shape.blockCount).map { _ in
        TransformerBlock(
          attentionNorm: .rootMeanSquare(norm),
          attention: SelfAttention(
            headCount: shape.headCount, keyValueHeadCount: shape.keyValueHeadCount, headWidth: shape.headWidth,
            query: linear("self_attn.q_proj", queryWidth, width),
            key: linear("self_attn.k_proj", shape.keyValueWidth, width),
            value: linear("self_attn.v_proj", shape.keyValueWidth, width),
            output: linear("self_attn.o_proj", width, queryWidth)),
          feedForwardNorm: .rootMeanSquare(norm),
          feedForward: .gated(
            GatedFeedForward(
              gate: linear("mlp.gate_proj", innerWidth, width), up: linear("mlp.up_proj", innerWidth, width),
              down: linear("mlp.down_proj", width, innerWidth))),
          normalizesFirst: true)
      }
      return Llama(
        shape: shape, embedding: embedding, blocks: blocks, norm: norm,
        separateHead: tiesHead ? nil : weight(shape.vocabularySize, width), ropeTheta: 10000)
    case .opt(let shape, let innerWidth):
      let width = shape.width
      precondition(shape.embeddingWidth == width, "a projected OPT is read from checkpoints only")
      func linear(_ path: String, _ rows: Int, _ columns: Int) -> Linear {
        Linear(path: path, weight: weight(rows, columns), bias: Array(repeating: 0, count: rows))
      }
      let norm = LayerNorm(
        weight: Array(repeating: 1, count: width), bias: Array(repeating: 0, count: width), epsilon: 1e-5)
      let embedding = weight(shape.vocabularySize, width)
      let positionTable = weight(shape.maximumPositions + OPT.firstPositionRow, width)
      let blocks = (0..<shape.blockCount).map { _ in
        TransformerBlock(
          attentionNorm: .layer(norm),
          attention: SelfAttention(
            headCount: shape.headCount, keyValueHeadCount: shape.headCount, headWidth: shape.headWidth,
            query: linear("self_attn.q_proj", width, width), key: linear("self_attn.k_proj", width, width),
            value: linear("self_attn.v_proj", width, width), output: linear("self_attn.out_proj", width, width)),
          feedForwardNorm: .layer(norm),
          feedForward: .rectified(
            RectifiedFeedForward(first: linear("fc1", innerWidth, width), second: linear("fc2", width, innerWidth))),
          normalizesFirst: true)
      }
      return OPT(
        shape: shape, embedding: embedding, positionTable: positionTable, inward: nil, blocks: blocks, norm: norm,
        outward: nil, separateHead: nil)
    }
  }
}
