import Tensors

/// The sizes of a decoder-only transformer.
package struct ModelShape: Sendable, Equatable {
  package let vocabularySize: Int  // V
  package let width: Int  // C
  /// The width of the token embeddings E, which is C but in OPT-350m.
  package let embeddingWidth: Int
  package let blockCount: Int
  package let headCount: Int  // H
  package let keyValueHeadCount: Int
  package let headWidth: Int  // D
  /// The longest sequence that the model was made for.
  package let maximumPositions: Int
  /// Whether it can go no further: positions are rows of a table. Elsewhere quality ends, not computation.
  package let hasPositionTable: Bool

  package init(
    vocabularySize: Int, width: Int, embeddingWidth: Int, blockCount: Int, headCount: Int, keyValueHeadCount: Int,
    headWidth: Int, maximumPositions: Int, hasPositionTable: Bool
  ) {
    self.vocabularySize = vocabularySize
    self.width = width
    self.embeddingWidth = embeddingWidth
    self.blockCount = blockCount
    self.headCount = headCount
    self.keyValueHeadCount = keyValueHeadCount
    self.headWidth = headWidth
    self.maximumPositions = maximumPositions
    self.hasPositionTable = hasPositionTable
  }

  package var keyValueWidth: Int { keyValueHeadCount * headWidth }

  /// - Throws: `PositionError` where positions are rows of a table that has fewer than these.
  package func expectRoom(forPositions needed: Int) throws(PositionError) {
    if hasPositionTable, needed > maximumPositions {
      throw PositionError(needed: needed, available: maximumPositions)
    }
  }
}

/// A prompt, alone or with the text behind it, that goes beyond a model's table of positions.
package struct PositionError: Error, Equatable {
  package let needed: Int
  package let available: Int

  package init(needed: Int, available: Int) {
    self.needed = needed
    self.available = available
  }
}

/// A decoder-only transformer, as the sum of its parts: whatever drives a model (a forward pass, a compressor, a
/// trainer) is written over these once, for every architecture.
package protocol LanguageModel: Sendable {
  var shape: ModelShape { get }

  var blocks: [TransformerBlock] { get set }

  /// Loads a Hugging Face style folder of this architecture. Weights stay in its files until they are used.
  init(folder: String) throws(CheckpointError)

  /// Token embeddings (T, E): what a soft prompt stands beside.
  func embedded(_ tokens: [Int]) -> Matrix

  /// What enters the first block (T, C) for embeddings (T, E) at these positions.
  func hiddenStates(_ embeddings: Matrix, at positions: some Collection<Int>) -> Matrix

  /// From the gradient of what enters the first block (T, C) to that of the embeddings (T, E).
  func hiddenStatesBackward(_ gradient: Matrix) -> Matrix

  /// The angles by which queries and keys are turned; nil where positions enter otherwise.
  func angles(at positions: some Collection<Int>) -> RotaryAngles?

  /// The positions of the tokens that a mask leaves, in their order.
  func positions(attending mask: [Bool]) -> [Int]

  /// What the head reads, (T, C) → (T, E): the last norm, and what may come after it.
  func normalized(_ hidden: Matrix) -> Matrix

  func normalizedBackward(_ gradient: Matrix, hidden: Matrix) -> Matrix

  /// The head's matrix (V, E).
  var head: Weight { get }

  /// The linear layers within a block, in the order of the reference's modules; those that have the same input stand
  /// together, and in the order in which they run.
  static var linearGroups: [[String]] { get }

  /// What comes before "<block>.<path>.weight" in a checkpoint's tensor names.
  static var blockPrefix: String { get }

  /// What the tensors outside of linear layers are called in a checkpoint.
  static var tensorNames: TensorNames { get }

  /// The tensors outside of the blocks.
  var outerTensors: OuterTensors { get set }

  /// All tensors under the names of a Hugging Face checkpoint; low-rank updates are left out.
  var checkpointTensors: [NamedTensor] { get }
}

extension LanguageModel {
  /// Gives the memory back that weights take which a mapped file holds; what is used again is read again.
  package func releasePages() {
    for case .stored(let tensor) in checkpointTensors.map(\.content) { tensor.releasePages() }
  }

  /// The linear layers within a block, in the order of the reference's modules.
  package static var linearPaths: [String] { linearGroups.flatMap(\.self) }

  package var linearNames: [LinearName] {
    (0..<shape.blockCount).flatMap { block in Self.linearPaths.map { LinearName(block: block, path: $0) } }
  }

  /// The name of a linear layer's weight in a checkpoint.
  package func weightName(of linear: LinearName) -> String {
    "\(Self.blockPrefix)\(linear.block).\(linear.path).weight"
  }

  package subscript(linear: LinearName) -> Linear {
    get { blocks[linear.block].linears[place(of: linear)] }
    set { blocks[linear.block].linears[place(of: linear)] = newValue }
  }

  private func place(of linear: LinearName) -> Int {
    guard let place = blocks[linear.block].linears.firstIndex(where: { $0.path == linear.path }) else {
      preconditionFailure("\(Self.self) has no linear layer \(linear.path)")
    }
    return place
  }

  /// Runs block `index` over hidden states (T, C).
  package func runBlock(_ index: Int, _ hidden: Matrix, angles: RotaryAngles?, _ pass: inout ForwardPass) -> Matrix {
    blocks[index](hidden, angles: angles, index: index, pass: &pass)
  }

  /// The same for the rows from `first` on of a sequence with nothing but the pass's prefix in front, with what the backward
  /// pass needs.
  package func blockActivations(_ hidden: Matrix, from first: Int = 0, in pass: TrainingPass.Block)
    -> (hidden: Matrix, activations: TransformerBlock.Activations)
  {
    blocks[pass.index].activations(hidden, from: first, in: pass)
  }

  /// From the gradient of a block's output to that of its input, nil where that is not wanted; those of low-rank updates and
  /// of the prefix go to `gradients`.
  package func blockBackward(
    _ gradient: Matrix, _ activations: TransformerBlock.Activations, in pass: TrainingPass.Block, wantsInput: Bool,
    gradients: inout BlockGradients
  ) -> Matrix? {
    blocks[pass.index].backward(gradient, activations, in: pass, wantsInput: wantsInput, gradients: &gradients)
  }

  /// Hidden states (T, C) after the last block, before the last norm.
  ///
  /// `visit` is shown the hidden states before the first block and after each.
  package func runBlocks(
    _ embeddings: Matrix, _ pass: inout ForwardPass, visit: ((Matrix) -> Void)? = nil
  ) -> Matrix {
    runBlocks(embeddings, at: pass.positions(rowCount: embeddings.rowCount), &pass, visit: visit)
  }

  func runBlocks(
    _ embeddings: Matrix, at positions: some Collection<Int>, _ pass: inout ForwardPass,
    visit: ((Matrix) -> Void)? = nil
  ) -> Matrix {
    let angles = angles(at: positions)
    var hidden = hiddenStates(embeddings, at: positions)
    visit?(hidden)
    for block in 0..<shape.blockCount {
      hidden = runBlock(block, hidden, angles: angles, &pass)
      visit?(hidden)
    }
    return hidden
  }

  /// Normalized hidden states (T, E) → (T, V).
  package func logits(_ normalized: Matrix) -> Matrix { head.multiplied(normalized) }

  /// The logits (T, V) of a sequence that stands alone.
  package func logits(of tokens: [Int]) -> Matrix {
    var pass = ForwardPass()
    return logits(normalized(runBlocks(embedded(tokens), &pass)))
  }

  /// The logits (n, V) of the n tokens that the mask leaves, which see one another alone: what a padded sequence gives at
  /// the places that are no padding.
  package func logits(of tokens: [Int], attending mask: [Bool]) -> Matrix {
    precondition(tokens.count == mask.count, "a mask of \(mask.count) for \(tokens.count) tokens")
    var pass = ForwardPass()
    let left = zip(tokens, mask).filter(\.1).map(\.0)
    return logits(normalized(runBlocks(embedded(left), at: positions(attending: mask), &pass)))
  }

  /// An empty cache with room for `capacity` tokens.
  package func cache(capacity: Int) -> KeyValueCache {
    KeyValueCache(blockCount: shape.blockCount, width: shape.keyValueWidth, capacity: capacity)
  }
}
