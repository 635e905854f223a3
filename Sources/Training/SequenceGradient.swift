import Models
import Tensors

/// The loss of one sequence and its gradients.
package struct SequenceGradient: Sendable {
  /// Σ -log p(target) over the sequence's targets, in nats.
  package let loss: Double
  /// The gradient of `weight` × loss with respect to the embeddings (T, E).
  package let embeddings: Matrix
  /// That with respect to the low-rank updates.
  package let updates: LinearGradients

  package init(loss: Double, embeddings: Matrix, updates: LinearGradients) {
    self.loss = loss
    self.embeddings = embeddings
    self.updates = updates
  }
}

extension LanguageModel {
  /// Rows of the logit matrix (rows, V) that are held at once: fixed, to bound the memory.
  private static var logitRowsHeld: Int { 256 }

  /// Runs a sequence forward and backward.
  ///
  /// Row `firstTargetRow` + i of the output is to predict `targets[i]`. Only the blocks' inputs are kept; what else the
  /// backward pass needs of a block is computed again when its turn comes.
  ///
  /// - Parameters:
  ///   - embeddings: (T, E), at positions 0 … T - 1.
  ///   - weight: the factor of the gradients; one over the number of targets of the whole batch gives those of the
  ///     token mean.
  package func gradient(
    embeddings: Matrix, targets: [Int], firstTargetRow: Int, weight: Float
  ) -> SequenceGradient {
    precondition(firstTargetRow >= 0 && firstTargetRow + targets.count <= embeddings.rowCount, "targets without rows")
    let angles = angles(at: 0..<embeddings.rowCount)
    let lastBlock = shape.blockCount - 1
    var inputs = [hiddenStates(embeddings, at: 0..<embeddings.rowCount)]
    for block in 0..<lastBlock {
      var pass = ForwardPass()
      inputs.append(runBlock(block, inputs[block], angles: angles, &pass))
    }
    var (hidden, activations) = blockActivations(lastBlock, inputs[lastBlock], angles: angles)

    var loss = 0.0
    let normalized = normalized(hidden)
    var normalizedGradient = Matrix(rows: normalized.rowCount, columns: normalized.columnCount)
    for start in stride(from: 0, to: targets.count, by: Self.logitRowsHeld) {
      let piece = start..<min(start + Self.logitRowsHeld, targets.count)
      let rows = firstTargetRow + piece.lowerBound..<firstTargetRow + piece.upperBound
      var logits = logits(normalized.rows(rows))
      loss += logits.replaceByCrossEntropyGradient(targets: Array(targets[piece]), weight: weight)
      normalizedGradient.replaceRows(from: rows.lowerBound, by: logitsBackward(logits))
    }

    var updates = LinearGradients()
    var gradient = normalizedBackward(normalizedGradient, hidden: hidden)
    for block in stride(from: lastBlock, through: 0, by: -1) {
      if block < lastBlock { (hidden, activations) = blockActivations(block, inputs[block], angles: angles) }
      gradient = blockBackward(block, gradient, activations, angles: angles, gradients: &updates)
    }
    return SequenceGradient(loss: loss, embeddings: hiddenStatesBackward(gradient), updates: updates)
  }
}
