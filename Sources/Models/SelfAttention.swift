import Tensors

/// Causal self-attention with grouped queries: H query heads of width D share G key-value heads.
///
/// Scores = q kᵀ / √D, softmax over the keys up to the query's own, times v, through o. Llama's turns queries and keys by
/// their positions (the `angles`); OPT's has biases, and no angles.
package struct SelfAttention: Sendable {
  package let headCount: Int
  package let keyValueHeadCount: Int
  package let headWidth: Int
  package var query: Linear
  package var key: Linear
  package var value: Linear
  package var output: Linear

  var scale: Float { 1 / Float(headWidth).squareRoot() }

  /// What the backward pass needs of a forward one.
  package struct Activations: Sendable {
    let input: Matrix  // (T, C)
    let queries: Matrix  // (T, H · D), rotated
    let keys: Matrix  // (T, G · D), rotated
    let values: Matrix  // (T, G · D)
    let probabilities: Matrix  // (H · T, T)
    let mixed: Matrix  // (T, H · D)
  }

  /// x (T, C) → (T, C), for tokens that follow those of the cache (if there is one), which are appended to it.
  ///
  /// The tokens of a forest see what is in front of them; see `PromptedForest.takeMove` for the rows of the result.
  func callAsFunction(
    _ x: Matrix, angles: RotaryAngles?, block: Int, pass: inout ForwardPass
  ) -> Matrix {
    pass.observe(.linearInput(paths: [query.path, key.path, value.path], x))
    let (queries, keys, values) = project(x, angles)
    var mixed: Matrix
    if pass.front != nil {
      var front = pass.takeFront()
      mixed = attend(queries, keys: keys, values: values, block: block, to: &front)
      pass.front = front
    } else if pass.cache == nil {
      mixed = Matrix(uninitializedRows: x.rowCount, columns: headCount * headWidth)
      let all = 0..<x.rowCount
      attend(queries, all, keys: keys, values: values, all, to: &mixed) { head, probabilities in
        pass.observe(.attention(block: block, head: head, probabilities))
      }
    } else {
      pass.cache!.blocks[block].append(keys: keys, values: values)
      mixed = Matrix(uninitializedRows: x.rowCount, columns: headCount * headWidth)
      let seen = pass.cache!.blocks[block]
      attend(
        queries, 0..<x.rowCount, keys: seen.keys, values: seen.values, 0..<seen.count, to: &mixed
      ) { head, probabilities in pass.observe(.attention(block: block, head: head, probabilities)) }
    }
    pass.observe(.linearInput(paths: [output.path], mixed))
    return output(mixed)
  }

  /// The same for tokens that begin a sequence, with what the backward pass needs.
  func activations(_ x: Matrix, angles: RotaryAngles?) -> (output: Matrix, activations: Activations) {
    let (queries, keys, values) = project(x, angles)
    let length = x.rowCount
    var all = Matrix(uninitializedRows: headCount * length, columns: length)
    var mixed = Matrix(uninitializedRows: length, columns: headCount * headWidth)
    attend(queries, 0..<length, keys: keys, values: values, 0..<length, to: &mixed) { head, probabilities in
      all.replaceRows(from: head * length, by: probabilities)
    }
    let activations = Activations(
      input: x, queries: queries, keys: keys, values: values, probabilities: all, mixed: mixed)
    return (output(mixed), activations)
  }

  private func project(_ x: Matrix, _ angles: RotaryAngles?) -> (Matrix, Matrix, Matrix) {
    var queries = query(x)
    var keys = key(x)
    angles?.rotate(&queries)
    angles?.rotate(&keys)
    return (queries, keys, value(x))
  }

  /// The columns of head `head` in a (T, heads · D) matrix.
  func columns(_ head: Int) -> Range<Int> { head * headWidth..<(head + 1) * headWidth }

  func keyValueHead(of head: Int) -> Int { head / (headCount / keyValueHeadCount) }

  /// Writes to the rows `rows` of `mixed` the attention of these rows of the queries (T, H · D), the last of the tokens in
  /// `seen`, to those rows of keys and values; `visit` is shown each head's probabilities (rows, seen).
  private func attend(
    _ queries: Matrix, _ rows: Range<Int>, keys: Matrix, values: Matrix, _ seen: Range<Int>, to mixed: inout Matrix,
    visit: (Int, Matrix) -> Void
  ) {
    let past = seen.count - rows.count
    var scores = Matrix(uninitializedRows: rows.count, columns: seen.count)
    for head in 0..<headCount {
      let own = columns(head)
      let shared = columns(keyValueHead(of: head))
      for start in stride(from: 0, to: rows.count, by: Self.queriesTogether) {
        // What no query of the stretch sees is left out of both products.
        let stretch = start..<min(start + Self.queriesTogether, rows.count)
        let queryRows = rows.lowerBound + stretch.lowerBound..<rows.lowerBound + stretch.upperBound
        let visible = seen.lowerBound..<seen.lowerBound + past + stretch.upperBound
        scores.setProduct(
          queries.slice(rows: queryRows, columns: own), keys.slice(rows: visible, columns: shared),
          rightTransposed: true, scale: scale, rows: stretch, columns: 0..<visible.count)
        scores.replaceByCausalSoftmax(rows: stretch, visible: past + stretch.lowerBound + 1)
        mixed.setProduct(
          scores.slice(rows: stretch, columns: 0..<visible.count), values.slice(rows: visible, columns: shared),
          rows: queryRows, columns: own)
      }
      visit(head, scores)
    }
  }

  private static let queriesTogether = 64

  /// The gradient with respect to the input x; those of the low-rank updates go to `gradients`.
  func backward(
    _ gradient: Matrix, _ saved: Activations, angles: RotaryAngles?, block: Int, gradients: inout LinearGradients
  ) -> Matrix {
    let length = gradient.rowCount
    let mixedGradient = output.backward(gradient, input: saved.mixed, block: block, gradients: &gradients)
    var queryGradient = Matrix(rows: length, columns: saved.queries.columnCount)
    var keyGradient = Matrix(rows: length, columns: saved.keys.columnCount)
    var valueGradient = Matrix(rows: length, columns: saved.values.columnCount)
    var scoreGradient = Matrix(uninitializedRows: length, columns: length)
    for head in 0..<headCount {
      let own = columns(head)
      let shared = columns(keyValueHead(of: head))
      let probabilities = saved.probabilities.slice(rows: head * length..<(head + 1) * length)
      // o = P v: dP = do vᵀ, dv = Pᵀ do (summed over the query heads that share v).
      scoreGradient.setProduct(
        mixedGradient.slice(columns: own), saved.values.slice(columns: shared), rightTransposed: true)
      valueGradient.setProduct(
        probabilities, leftTransposed: true, mixedGradient.slice(columns: own), adding: true, columns: shared)
      scoreGradient.replaceByCausalSoftmaxGradient(
        probabilities: saved.probabilities, firstRow: head * length, visible: 1)
      // S = q kᵀ / √D: dq = dS k / √D, dk = dSᵀ q / √D.
      queryGradient.setProduct(scoreGradient.slice(), saved.keys.slice(columns: shared), scale: scale, columns: own)
      keyGradient.setProduct(
        scoreGradient.slice(), leftTransposed: true, saved.queries.slice(columns: own), scale: scale, adding: true,
        columns: shared)
    }
    angles?.rotate(&queryGradient, inverse: true)
    angles?.rotate(&keyGradient, inverse: true)

    var inputGradient = Matrix(rows: length, columns: saved.input.columnCount)
    for (layer, outputGradient) in [(query, queryGradient), (key, keyGradient), (value, valueGradient)] {
      inputGradient.add(layer.backward(outputGradient, input: saved.input, block: block, gradients: &gradients))
    }
    return inputGradient
  }
}
