import Tensors

/// The OPT architecture: learned positions, biases, ReLU, layer norms before the layers (after them in OPT-350m), and a
/// head that is the token embedding.
///
/// Where the token embeddings are narrower than the hidden states (OPT-350m), they are projected in, and the last hidden
/// states out again.
///
/// Source: Zhang et al. 2022 (arXiv:2205.01068); `modeling_opt.py` of transformers 4.31; `architectures.md` section 2.
package struct OPT: LanguageModel {
  package let shape: ModelShape
  package var embedding: Weight  // (V, E)
  var positionTable: Weight  // (positions + 2, C)
  /// (C, E); nil where E = C.
  let inward: Weight?
  package var blocks: [TransformerBlock]
  /// nil in OPT-350m.
  package var norm: LayerNorm?
  /// (E, C); nil where E = C.
  let outward: Weight?
  /// nil where the embedding serves as the head too.
  var separateHead: Weight?

  /// The table's first rows, of which padding has one; a sequence's first token takes the row behind them.
  static let firstPositionRow = 2

  package func embedded(_ tokens: [Int]) -> Matrix { embedding.gatheringRows(tokens) }

  package func hiddenStates(_ embeddings: Matrix, at positions: some Collection<Int>) -> Matrix {
    precondition(
      positions.allSatisfy { $0 < shape.maximumPositions }, "OPT has \(shape.maximumPositions) positions and no more")
    var hidden = inward?.multiplied(embeddings) ?? embeddings
    hidden.add(positionTable.gatheringRows(positions.map { $0 + Self.firstPositionRow }))
    return hidden
  }

  package func hiddenStatesBackward(_ gradient: Matrix) -> Matrix { inward?.multipliedBack(gradient) ?? gradient }

  package func angles(at positions: some Collection<Int>) -> RotaryAngles? { nil }

  /// Counted from the first token that the mask leaves.
  package func positions(attending mask: [Bool]) -> [Int] { Array(0..<mask.count { $0 }) }

  package func normalized(_ hidden: Matrix) -> Matrix {
    let normalized = norm?(hidden) ?? hidden
    return outward?.multiplied(normalized) ?? normalized
  }

  package func normalizedBackward(_ gradient: Matrix, hidden: Matrix) -> Matrix {
    let gradient = outward?.multipliedBack(gradient) ?? gradient
    return norm?.backward(gradient, input: hidden) ?? gradient
  }

  package var head: Weight { separateHead ?? embedding }

  package static let linearGroups = [
    ["self_attn.k_proj", "self_attn.v_proj", "self_attn.q_proj"], ["self_attn.out_proj"], ["fc1"], ["fc2"],
  ]

  package static let blockPrefix = "model.decoder.layers."

  package static let tensorNames = TensorNames(
    embedding: "model.decoder.embed_tokens", positionTable: "model.decoder.embed_positions",
    attentionNorm: "self_attn_layer_norm", feedForwardNorm: "final_layer_norm",
    lastNorm: "model.decoder.final_layer_norm")

  package var outerTensors: OuterTensors {
    get {
      OuterTensors(
        embedding: embedding, positionTable: positionTable, lastNorm: norm.map(Normalization.layer),
        separateHead: separateHead)
    }
    set {
      embedding = newValue.embedding
      if let table = newValue.positionTable { positionTable = table }
      if case .layer(let newNorm) = newValue.lastNorm { norm = newNorm }
      separateHead = newValue.separateHead
    }
  }

  package var checkpointTensors: [NamedTensor] {
    var tensors = embedding.checkpointTensors(Self.tensorNames.embedding)
    tensors += positionTable.checkpointTensors("model.decoder.embed_positions")
    if let inward { tensors += inward.checkpointTensors("model.decoder.project_in") }
    for (index, block) in blocks.enumerated() {
      let prefix = "\(Self.blockPrefix)\(index)."
      tensors += block.attentionNorm.checkpointTensors(prefix + Self.tensorNames.attentionNorm)
      tensors += block.feedForwardNorm.checkpointTensors(prefix + Self.tensorNames.feedForwardNorm)
      tensors += block.linears.flatMap { $0.checkpointTensors(prefix) }
    }
    if let norm { tensors += Normalization.layer(norm).checkpointTensors(Self.tensorNames.lastNorm) }
    if let outward { tensors += outward.checkpointTensors("model.decoder.project_out") }
    if let separateHead { tensors += separateHead.checkpointTensors("lm_head") }
    return tensors
  }
}
