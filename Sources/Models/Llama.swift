import Tensors

/// The Llama architecture: h ← h + Attention(RMS(h)), h ← h + FeedForward(RMS(h)) in each block, then RMS and the head.
///
/// Source: Touvron et al. 2023 (arXiv:2302.13971); `modeling_llama.py` of transformers 4.31; `architectures.md` section 1.
package struct Llama: LanguageModel {
  package let shape: ModelShape
  package var embedding: Weight  // (V, C)
  package var blocks: [TransformerBlock]
  package var norm: RootMeanSquareNorm
  /// nil where the embedding serves as the head too.
  package var separateHead: Weight?
  private let rotary: RotaryEmbedding

  init(
    shape: ModelShape, embedding: Weight, blocks: [TransformerBlock], norm: RootMeanSquareNorm, separateHead: Weight?,
    ropeTheta: Double
  ) {
    self.shape = shape
    self.embedding = embedding
    self.blocks = blocks
    self.norm = norm
    self.separateHead = separateHead
    rotary = RotaryEmbedding(headWidth: shape.headWidth, theta: ropeTheta)
  }

  package func embedded(_ tokens: [Int]) -> Matrix { embedding.gatheringRows(tokens) }

  package func hiddenStates(_ embeddings: Matrix, at positions: some Collection<Int>) -> Matrix { embeddings }

  package func hiddenStatesBackward(_ gradient: Matrix) -> Matrix { gradient }

  package func angles(at positions: some Collection<Int>) -> RotaryAngles? { rotary.angles(at: positions) }

  /// Their places in the sequence, padding counted.
  package func positions(attending mask: [Bool]) -> [Int] { mask.indices.filter { mask[$0] } }

  package func normalized(_ hidden: Matrix) -> Matrix { norm(hidden) }

  package func normalizedBackward(_ gradient: Matrix, hidden: Matrix) -> Matrix {
    norm.backward(gradient, input: hidden)
  }

  package var head: Weight { separateHead ?? embedding }

  package static let linearGroups = [
    ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], ["self_attn.o_proj"],
    ["mlp.gate_proj", "mlp.up_proj"], ["mlp.down_proj"],
  ]

  package static let blockPrefix = "model.layers."

  package static let tensorNames = TensorNames(
    embedding: "model.embed_tokens", positionTable: nil, attentionNorm: "input_layernorm",
    feedForwardNorm: "post_attention_layernorm", lastNorm: "model.norm")

  package var outerTensors: OuterTensors {
    get { OuterTensors(embedding: embedding, lastNorm: .rootMeanSquare(norm), separateHead: separateHead) }
    set {
      embedding = newValue.embedding
      if case .rootMeanSquare(let newNorm) = newValue.lastNorm { norm = newNorm }
      separateHead = newValue.separateHead
    }
  }

  package var checkpointTensors: [NamedTensor] {
    var tensors = embedding.checkpointTensors(Self.tensorNames.embedding)
    for (index, block) in blocks.enumerated() {
      let prefix = "\(Self.blockPrefix)\(index)."
      tensors += block.attentionNorm.checkpointTensors(prefix + Self.tensorNames.attentionNorm)
      tensors += block.feedForwardNorm.checkpointTensors(prefix + Self.tensorNames.feedForwardNorm)
      tensors += block.linears.flatMap { $0.checkpointTensors(prefix) }
    }
    tensors += Normalization.rootMeanSquare(norm).checkpointTensors(Self.tensorNames.lastNorm)
    if let separateHead { tensors += separateHead.checkpointTensors("lm_head") }
    return tensors
  }
}
