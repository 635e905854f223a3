import Tensors

extension SelfAttention {
  /// What the backward pass needs of a forward one. Probabilities are computed again: they would take H · T² numbers.
  package struct Activations: Sendable {
    /// Those of the rows that attend.
    let query: Linear.Activations
    let key: Linear.Activations
    let value: Linear.Activations
    let output: Linear.Activations
    let queries: Matrix  // (n, H · D), turned
    let keys: Matrix  // (t + T, G · D), turned but for the prefix's
    let values: Matrix  // (t + T, G · D)
  }

  /// The attention (T - first, C) of the rows of x (T, C) from `first` on, each to the block's prefix of t tokens and to
  /// the rows up to its own.
  func activations(
    _ x: Matrix, from first: Int = 0, in pass: TrainingPass.Block
  ) -> (output: Matrix, activations: Activations) {
    var (queries, queryActivations) = query.activations(first == 0 ? x : x.rows(first..<x.rowCount), in: pass)
    var (keys, keyActivations) = key.activations(x, in: pass)
    var (values, valueActivations) = value.activations(x, in: pass)
    pass.angles?.suffix(from: first).rotate(&queries)
    pass.angles?.rotate(&keys)
    if let prefix = pass.prefix {
      keys = prefix.keys.stacked(on: keys)
      values = prefix.values.stacked(on: values)
    }
    var mixed = Matrix(uninitializedRows: queries.rowCount, columns: queries.columnCount)
    attend(queries, 0..<queries.rowCount, keys: keys, values: values, 0..<keys.rowCount, to: &mixed)
    let (result, outputActivations) = output.activations(mixed, in: pass)
    return (
      result,
      Activations(
        query: queryActivations, key: keyActivations, value: valueActivations, output: outputActivations,
        queries: queries, keys: keys, values: values)
    )
  }

  /// Whether anything is trained here.
  func isTrained(in pass: TrainingPass.Block) -> Bool {
    pass.prefix != nil || [query, key, value, output].contains { $0.update != nil }
  }

  /// Adds the gradient with respect to x (T, C) to `inputGradient`; those of the low-rank updates and of the prefix go to
  /// `gradients`.
  func backward(
    _ gradient: Matrix, _ saved: Activations, in pass: TrainingPass.Block, wantsInput: Bool,
    gradients: inout BlockGradients
  ) -> Matrix? {
    var mixedGradient = InputGradient()
    output.backward(gradient, saved.output, in: pass, to: &mixedGradient, gradients: &gradients)
    var (queryGradient, keyGradient, valueGradient) = gradientsOfHeads(mixedGradient.sum ?? gradient, saved)

    if let behind = pass.keyValueGradient {
      keyGradient.add(behind.keys)
      valueGradient.add(behind.values)
    }
    if let prefix = pass.prefix {
      let (own, count) = (prefix.count..<keyGradient.rowCount, 0..<prefix.count)
      gradients.add(
        KeyValueCache.Block(keys: keyGradient.rows(count), values: valueGradient.rows(count)), toPrefixOf: pass.index)
      keyGradient = keyGradient.rows(own)
      valueGradient = valueGradient.rows(own)
    }
    let first = keyGradient.rowCount - queryGradient.rowCount
    pass.angles?.suffix(from: first).rotate(&queryGradient, inverse: true)
    pass.angles?.rotate(&keyGradient, inverse: true)

    var inputGradient = InputGradient(isWanted: wantsInput)
    key.backward(keyGradient, saved.key, in: pass, to: &inputGradient, gradients: &gradients)
    value.backward(valueGradient, saved.value, in: pass, to: &inputGradient, gradients: &gradients)
    if first == 0 {
      query.backward(queryGradient, saved.query, in: pass, to: &inputGradient, gradients: &gradients)
      return inputGradient.sum
    }
    var queryInputGradient = InputGradient(isWanted: wantsInput)
    query.backward(queryGradient, saved.query, in: pass, to: &queryInputGradient, gradients: &gradients)
    var sum = inputGradient.sum
    if let last = queryInputGradient.sum { sum?.add(last, toLastRows: true) }
    return sum
  }

  /// From the gradient of what the heads mixed (n, H · D) to those of queries, keys and values.
  ///
  /// With o = P v, P = softmax(S) and S = q kᵀ / √D: dv = Pᵀ do and dP = do vᵀ; dS = P ⊙ (dP - Σ P ⊙ dP) in each row;
  /// dq = dS k / √D and dk = dSᵀ q / √D. Those of the query heads that share a key-value head add up.
  private func gradientsOfHeads(
    _ mixedGradient: Matrix, _ saved: Activations
  ) -> (queries: Matrix, keys: Matrix, values: Matrix) {
    let (count, seen) = (saved.queries.rowCount, saved.keys.rowCount)
    let past = seen - count
    var queryGradient = Matrix(uninitializedRows: count, columns: saved.queries.columnCount)
    var keyGradient = Matrix(rows: seen, columns: saved.keys.columnCount)
    var valueGradient = Matrix(rows: seen, columns: saved.values.columnCount)
    var probabilities = Matrix(uninitializedRows: Self.queriesTogether, columns: seen)
    var scoreGradient = Matrix(uninitializedRows: Self.queriesTogether, columns: seen)
    for head in 0..<headCount {
      let own = columns(head)
      let shared = columns(keyValueHead(of: head))
      for start in stride(from: 0, to: count, by: Self.queriesTogether) {
        // What no query of the stretch sees is left out of all products.
        let rows = start..<min(start + Self.queriesTogether, count)
        let (stretch, visible) = (0..<rows.count, 0..<past + rows.upperBound)
        let queries = saved.queries.slice(rows: rows, columns: own)
        let keys = saved.keys.slice(rows: visible, columns: shared)
        let gradient = mixedGradient.slice(rows: rows, columns: own)
        probabilities.setProduct(queries, keys, rightTransposed: true, scale: scale, rows: stretch, columns: visible)
        probabilities.replaceByCausalSoftmax(rows: stretch, visible: past + rows.lowerBound + 1)
        let p = probabilities.slice(rows: stretch, columns: visible)
        valueGradient.setProduct(p, leftTransposed: true, gradient, adding: true, rows: visible, columns: shared)
        scoreGradient.setProduct(
          gradient, saved.values.slice(rows: visible, columns: shared), rightTransposed: true, rows: stretch,
          columns: visible)
        scoreGradient.replaceByCausalSoftmaxGradient(
          probabilities: probabilities, rows: stretch, visible: past + rows.lowerBound + 1)
        let s = scoreGradient.slice(rows: stretch, columns: visible)
        queryGradient.setProduct(s, keys, scale: scale, rows: rows, columns: own)
        keyGradient.setProduct(
          s, leftTransposed: true, queries, scale: scale, adding: true, rows: visible, columns: shared)
      }
    }
    return (queryGradient, keyGradient, valueGradient)
  }
}
