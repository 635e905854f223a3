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
      mixed = attend(queries, keys: keys, values: values, block: block, to: &front, observer: pass.observer)
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
  func attend(
    _ queries: Matrix, _ rows: Range<Int>, keys: Matrix, values: Matrix, _ seen: Range<Int>, to mixed: inout Matrix,
    visit: (Int, Matrix) -> Void = { _, _ in }
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

  /// Queries whose scores are computed together.
  static let queriesTogether = 64
}
