import Models
import Tensors

/// The loss of one sequence and its gradients.
package struct SequenceGradient: Sendable {
  /// Σ -log p(target) over the sequence's targets, in nats.
  package let loss: Double
  /// The gradient of `weight` × loss with respect to the embeddings (T, E); 0 × 0 where it is not wanted.
  package let embeddings: Matrix
  /// That with respect to the low-rank updates and the prefix.
  package let updates: BlockGradients
  /// That with respect to the last norm and the head; nil where the model's tensors are not trained.
  package let outer: OuterGradients?

  package init(loss: Double, embeddings: Matrix, updates: BlockGradients, outer: OuterGradients? = nil) {
    self.loss = loss
    self.embeddings = embeddings
    self.updates = updates
    self.outer = outer
  }

  package struct OuterGradients: Sendable {
    /// nil where there is no last norm.
    package let lastNorm: TensorGradient?
    /// (V, E)
    package let head: Matrix
  }
}

extension LanguageModel {
  /// Rows of the logit matrix (rows, V) that are computed together.
  private static var logitRowsTogether: Int { 256 }

  /// Runs a sequence forward and backward.
  ///
  /// Row `firstTargetRow` + i of the output is to predict `targets[i]`. Below the lowest block in which anything is trained
  /// nothing goes back; rows behind the last target are not run at all, those before the first as far as others see them.
  ///
  /// - Parameters:
  ///   - embeddings: (T, E), at the positions behind the pass's prefix.
  ///   - weight: the factor of the gradients; one over the number of targets of the whole batch gives those of the
  ///     token mean.
  package func gradient(
    embeddings: Matrix, targets: [Int], firstTargetRow: Int, weight: Float, pass: TrainingPass = TrainingPass()
  ) -> SequenceGradient {
    let rowCount = firstTargetRow + targets.count
    precondition(firstTargetRow >= 0 && rowCount <= embeddings.rowCount, "targets without rows")
    var blocks = TracedBlocks(
      self, embeddings: rowCount < embeddings.rowCount ? embeddings.rows(0..<rowCount) : embeddings,
      from: firstTargetRow, pass: pass)
    let hidden = blocks.output

    var headGradient: Matrix?
    let normalized = normalized(hidden)
    let (loss, normalizedGradient): (Double, Matrix)
    if pass.trainsTensors {
      (loss, normalizedGradient, headGradient) = trainedCrossEntropy(normalized, targets: targets, weight: weight)
    } else {
      (loss, normalizedGradient) = crossEntropy(normalized, targets: targets, weight: weight)
    }
    let outer = headGradient.map { head in
      SequenceGradient.OuterGradients(
        lastNorm: outerTensors.lastNorm?.tensorGradient(normalizedGradient, input: hidden), head: head)
    }
    var updates = BlockGradients()
    let gradient = blocks.backward(normalizedBackward(normalizedGradient, hidden: hidden), gradients: &updates)
    guard pass.trainsEmbeddings, let gradient else {
      return SequenceGradient(loss: loss, embeddings: Matrix(rows: 0, columns: 0), updates: updates, outer: outer)
    }
    let embeddingGradient = hiddenStatesBackward(gradient)
    let rest = Matrix(rows: embeddings.rowCount - rowCount, columns: embeddings.columnCount)
    return SequenceGradient(
      loss: loss, embeddings: rest.rowCount == 0 ? embeddingGradient : embeddingGradient.stacked(on: rest),
      updates: updates, outer: outer)
  }

  /// Σ -log p(target) over rows of normalized hidden states (n, E), and `weight` times its gradient with respect to them.
  ///
  /// A panel of the head at a time: the logits of all tokens (n, V) are never in memory.
  func crossEntropy(
    _ normalized: Matrix, targets: [Int], weight: Float
  ) -> (loss: Double, gradient: Matrix) {
    var entropy = StreamedCrossEntropy(targets: targets)
    var weighted = Matrix(rows: normalized.rowCount, columns: normalized.columnCount)
    head.forEachPanel { tokens, panel in
      for start in stride(from: 0, to: targets.count, by: Self.logitRowsTogether) {
        let rows = start..<min(start + Self.logitRowsTogether, targets.count)
        var logits = Matrix(uninitializedRows: rows.count, columns: tokens.count)
        logits.setProduct(normalized.slice(rows: rows), panel, rightTransposed: true)
        entropy.add(&logits, firstRow: start, first: tokens.lowerBound, rescaling: &weighted)
        weighted.setProduct(logits.slice(), panel, adding: true, rows: rows)
      }
    }
    return (entropy.loss, entropy.gradient(weighted, targetRows: head.gatheringRows(targets), weight: weight))
  }

  /// The same with `weight` times the gradient with respect to the head (V, E), whose vocabulary is small enough for some
  /// rows of whole logits.
  private func trainedCrossEntropy(
    _ normalized: Matrix, targets: [Int], weight: Float
  ) -> (loss: Double, gradient: Matrix, head: Matrix) {
    let head = head.matrix
    var loss = 0.0
    var gradient = Matrix(uninitializedRows: normalized.rowCount, columns: normalized.columnCount)
    var headGradient = Matrix(rows: head.rowCount, columns: head.columnCount)
    for start in stride(from: 0, to: targets.count, by: Self.logitRowsTogether) {
      let rows = start..<min(start + Self.logitRowsTogether, targets.count)
      let states = normalized.slice(rows: rows)
      var logits = Matrix(uninitializedRows: rows.count, columns: head.rowCount)
      logits.setProduct(states, head.slice(), rightTransposed: true)
      var entropy = StreamedCrossEntropy(targets: Array(targets[rows]))
      var nothing = Matrix(rows: rows.count, columns: 0)
      entropy.add(&logits, firstRow: 0, first: 0, rescaling: &nothing)
      loss += entropy.loss
      entropy.turnIntoGradient(&logits, weight: weight)
      gradient.setProduct(logits.slice(), head.slice(), rows: rows)
      headGradient.setProduct(logits.slice(), leftTransposed: true, states, adding: true)
    }
    return (loss, gradient, headGradient)
  }
}
