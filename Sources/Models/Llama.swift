import Tensors

/// The Llama architecture: h ← h + Attention(RMS(h)), h ← h + FeedForward(RMS(h)) in each block, then RMS and the head.
///
/// Source: Touvron et al. 2023 (arXiv:2302.13971); `modeling_llama.py` of transformers 4.31; `architectures.md` section 1.
package struct Llama: LanguageModel {
  package let shape: ModelShape
  package var embedding: Matrix  // (V, C)
  package var blocks: [Block]
  package var norm: RootMeanSquareNorm
  /// (V, C); nil where the embedding serves as the head too.
  package var head: Matrix?
  private let rotary: RotaryEmbedding

  package struct Block: Sendable {
    package var attentionNorm: RootMeanSquareNorm
    package var attention: SelfAttention
    package var feedForwardNorm: RootMeanSquareNorm
    package var feedForward: GatedFeedForward
  }

  package struct BlockActivations: Sendable {
    let input: Matrix
    let attention: SelfAttention.Activations
    let middle: Matrix
    let feedForward: GatedFeedForward.Activations
  }

  package init(
    shape: ModelShape, embedding: Matrix, blocks: [Block], norm: RootMeanSquareNorm, head: Matrix?, ropeTheta: Double
  ) {
    self.shape = shape
    self.embedding = embedding
    self.blocks = blocks
    self.norm = norm
    self.head = head
    rotary = RotaryEmbedding(headWidth: shape.headWidth, theta: ropeTheta)
  }

  package func embedded(_ tokens: [Int]) -> Matrix { embedding.gatheringRows(tokens) }

  package func angles(at positions: Range<Int>) -> RotaryAngles { rotary.angles(at: positions) }

  package func runBlock(_ index: Int, _ hidden: Matrix, angles: RotaryAngles, _ pass: inout ForwardPass) -> Matrix {
    let block = blocks[index]
    var hidden = hidden
    hidden.add(block.attention(block.attentionNorm(hidden), angles: angles, block: index, pass: &pass))
    hidden.add(block.feedForward(block.feedForwardNorm(hidden), pass: &pass))
    return hidden
  }

  package func normalized(_ hidden: Matrix) -> Matrix { norm(hidden) }

  package func logits(_ normalized: Matrix) -> Matrix { normalized.times(transposed: head ?? embedding) }

  package func blockActivations(_ index: Int, _ hidden: Matrix, angles: RotaryAngles)
    -> (hidden: Matrix, activations: BlockActivations)
  {
    let block = blocks[index]
    let (attended, attention) = block.attention.activations(block.attentionNorm(hidden), angles: angles)
    var middle = hidden
    middle.add(attended)
    let (fed, feedForward) = block.feedForward.activations(block.feedForwardNorm(middle))
    var result = middle
    result.add(fed)
    return (result, BlockActivations(input: hidden, attention: attention, middle: middle, feedForward: feedForward))
  }

  package func blockBackward(
    _ index: Int, _ gradient: Matrix, _ activations: BlockActivations, angles: RotaryAngles,
    gradients: inout LinearGradients
  ) -> Matrix {
    let block = blocks[index]
    var middle = gradient
    middle.add(
      block.feedForwardNorm.backward(
        block.feedForward.backward(gradient, activations.feedForward, block: index, gradients: &gradients),
        input: activations.middle))
    var input = middle
    input.add(
      block.attentionNorm.backward(
        block.attention.backward(
          middle, activations.attention, angles: angles, block: index, gradients: &gradients),
        input: activations.input))
    return input
  }

  package func logitsBackward(_ gradient: Matrix) -> Matrix { gradient.times(head ?? embedding) }

  package func normalizedBackward(_ gradient: Matrix, hidden: Matrix) -> Matrix {
    norm.backward(gradient, input: hidden)
  }

  package static let linearPaths = [
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj",
    "mlp.down_proj",
  ]

  package static let blockPrefix = "model.layers."

  package subscript(linear: LinearName) -> Linear {
    get { blocks[linear.block][keyPath: Self.place(of: linear.path)] }
    set { blocks[linear.block][keyPath: Self.place(of: linear.path)] = newValue }
  }

  private static func place(of path: String) -> WritableKeyPath<Block, Linear> {
    switch path {
    case "self_attn.q_proj": \.attention.query
    case "self_attn.k_proj": \.attention.key
    case "self_attn.v_proj": \.attention.value
    case "self_attn.o_proj": \.attention.output
    case "mlp.gate_proj": \.feedForward.gate
    case "mlp.up_proj": \.feedForward.up
    case "mlp.down_proj": \.feedForward.down
    default: preconditionFailure("Llama has no linear layer \(path)")
    }
  }
}
