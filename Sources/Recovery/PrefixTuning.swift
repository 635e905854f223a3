import Models
import Tensors
import Training

/// Prefix tuning: trainable keys and values that stand in front of every block's own, as if tokens had left them there.
///
/// Keys are taken as they are: not turned by any position. The input begins at the position behind the prefix.
///
/// Source: Li and Liang 2021 (arXiv:2101.00190); PEFT 0.5's `prefix_tuning`; `peft.md` section 3.
package struct PrefixTuning: Sendable, Equatable {
  /// What the prefix is before training, and as what it is trained.
  package enum Start: Sendable, Equatable {
    /// Normal with this standard deviation; PEFT has 1.
    case normal(standardDeviation: Double)
    /// The keys and values that these tokens leave as the beginning of a text, over again or cut to the prefix's length. At
    /// first the model is as it would be behind them.
    case tokens([Int])
    /// What a layer of that width with tanh, and a linear one behind it, make of one trained row of G · D for each token;
    /// all three are trained. The width is G · D where it is nil. PEFT's `prefix_projection`.
    case projected(width: Int?)
  }

  package let tokenCount: Int
  package let start: Start

  package init(tokenCount: Int, start: Start = .normal(standardDeviation: 1)) {
    precondition(tokenCount > 0, "a prefix of \(tokenCount) tokens")
    if case .tokens(let tokens) = start { precondition(!tokens.isEmpty, "a prefix of no token") }
    self.tokenCount = tokenCount
    self.start = start
  }

  package static let parameterName = "prompt_embeddings"

  /// One matrix (t, 2 · L · G · D): of each token, for each block the keys of all heads, then their values.
  func storedShapes(of model: some LanguageModel) -> [ParameterShape] {
    [
      ParameterShape(
        name: Self.parameterName, rowCount: tokenCount,
        columnCount: 2 * model.shape.blockCount * model.shape.keyValueWidth)
    ]
  }

  /// The width of the projection's inner layer; nil where there is no projection.
  func projectionWidth(_ shape: ModelShape) -> Int? {
    if case .projected(let width) = start { width ?? shape.keyValueWidth } else { nil }
  }

  /// The stored matrix, or those of the projection that makes it.
  package func initialParameters(of model: some LanguageModel, seed: UInt64) -> ParameterSet {
    let width = model.shape.keyValueWidth
    let tableWidth = 2 * model.shape.blockCount * width
    switch start {
    case .normal(let standardDeviation):
      var stream = RandomStream(seed: seed, purpose: "prefix", index: UInt64(tokenCount))
      return ParameterSet([
        (Self.parameterName, stream.nextNormals(tokenCount, tableWidth, standardDeviation: standardDeviation))
      ])
    case .tokens(let tokens):
      return ParameterSet([(Self.parameterName, table(of: tokens, model))])
    case .projected(let innerWidth):
      return PrefixProjection.initialParameters(
        tokenCount: tokenCount, width: width, innerWidth: innerWidth ?? width, tableWidth: tableWidth, seed: seed)
    }
  }

  /// The keys and values (t, 2 · L · G · D) that trained parameters stand for.
  package func table(_ parameters: ParameterSet) -> Matrix {
    switch start {
    case .normal, .tokens: parameters.values[0]
    case .projected: PrefixProjection(parameters).table
    }
  }

  /// Keys and values as the first t of the tokens leave them when they begin a text.
  private func table(of tokens: [Int], _ model: some LanguageModel) -> Matrix {
    var pass = ForwardPass(cache: model.cache(capacity: tokenCount))
    _ = model.runBlocks(model.embedded((0..<tokenCount).map { tokens[$0 % tokens.count] }), &pass)
    return Self.table(pass.cache?.blocks ?? [])
  }

  /// Each block's keys beside its values, block by block.
  private static func table(_ blocks: [KeyValueCache.Block]) -> Matrix {
    let rowCount = blocks.first?.count ?? 0
    var table = Matrix(
      uninitializedRows: rowCount, columns: blocks.reduce(0) { $0 + $1.keys.columnCount + $1.values.columnCount })
    var column = 0
    for part in blocks.flatMap({ [$0.keys, $0.values] }) {
      table.replaceColumns(from: column, by: part)
      column += part.columnCount
    }
    return table
  }

  /// The keys and values of every block.
  package func cache(_ table: Matrix, of model: some LanguageModel) -> KeyValueCache {
    let width = model.shape.keyValueWidth
    var cache = model.cache(capacity: tokenCount)
    for block in cache.blocks.indices {
      func columns(_ place: Int) -> Matrix { table.columns(place * width..<(place + 1) * width) }
      cache.blocks[block].append(keys: columns(2 * block), values: columns(2 * block + 1))
    }
    return cache
  }

  /// The loss of a batch of token sequences, and its gradient. Each sequence's first token is context only, as no row
  /// stands before it.
  ///
  /// - Throws: `PositionError` where the model has no position for the end of the longest sequence behind the prefix.
  package func gradient(
    _ parameters: ParameterSet, batch: [[Int]], model: some LanguageModel, workers: Workers,
    tokens: LossTokens = .predicted
  ) throws -> BatchGradient {
    try model.shape.expectRoom(forPositions: tokenCount + (batch.map(\.count).max() ?? 0))
    let pass = TrainingPass(prefix: cache(table(parameters), of: model), trainsEmbeddings: false)
    let weight = tokens.weight(of: batch, rowsInFront: 0)
    let found = try BatchGradient(
      sequenceCount: batch.count, targetCount: tokens.count(of: batch, rowsInFront: 0), workers: workers
    ) { index in
      return model.gradient(
        embeddings: model.embedded(batch[index]), targets: Array(batch[index].dropFirst()), firstTargetRow: 0,
        weight: weight, pass: pass)
    } gradients: { sequence in
      [Self.table((0..<model.shape.blockCount).compactMap { sequence.updates.prefixes[$0] })]
    }
    guard case .projected = start else { return found }
    return BatchGradient(loss: found.loss, gradients: PrefixProjection(parameters).backward(found.gradients[0]))
  }
}

extension RandomStream {
  /// Normal numbers in row order.
  mutating func nextNormals(_ rowCount: Int, _ columnCount: Int, standardDeviation: Double) -> Matrix {
    var drawn = Matrix(uninitializedRows: rowCount, columns: columnCount)
    drawn.withMutableElements {
      for place in $0.indices { $0[place] = nextNormal() * Float(standardDeviation) }
    }
    return drawn
  }

  /// Uniform numbers in ±bound in row order.
  mutating func nextUniforms(_ rowCount: Int, _ columnCount: Int, bound: Float) -> Matrix {
    var drawn = Matrix(uninitializedRows: rowCount, columns: columnCount)
    drawn.withMutableElements {
      for place in $0.indices { $0[place] = nextUniform(in: -bound..<bound) }
    }
    return drawn
  }
}
