import Tensors

/// The sizes of a decoder-only transformer.
package struct ModelShape: Sendable, Equatable {
  package let vocabularySize: Int  // V
  package let width: Int  // C
  package let blockCount: Int
  package let headCount: Int  // H
  package let keyValueHeadCount: Int
  package let headWidth: Int  // D
  package let maximumPositions: Int

  package var keyValueWidth: Int { keyValueHeadCount * headWidth }
}

/// A decoder-only transformer, as the sum of its parts: whatever drives a model (a forward pass, a compressor, a
/// trainer) is written over these once, for every architecture.
package protocol LanguageModel: Sendable {
  /// What a block's backward pass needs of its forward pass.
  associatedtype BlockActivations

  var shape: ModelShape { get }

  /// Loads a Hugging Face style folder of this architecture.
  init(folder: String) throws(CheckpointError)

  /// Token embeddings (T, C), to which nothing has been added yet.
  func embedded(_ tokens: [Int]) -> Matrix

  /// Runs block `index` over hidden states (T, C).
  func runBlock(_ index: Int, _ hidden: Matrix, angles: RotaryAngles, _ pass: inout ForwardPass) -> Matrix

  func angles(at positions: Range<Int>) -> RotaryAngles

  /// The last norm, (T, C) → (T, C).
  func normalized(_ hidden: Matrix) -> Matrix

  /// (T, C), normalized → (T, V).
  func logits(_ normalized: Matrix) -> Matrix

  /// The same as `runBlock` for a sequence without a past, with what the backward pass needs.
  func blockActivations(_ index: Int, _ hidden: Matrix, angles: RotaryAngles)
    -> (hidden: Matrix, activations: BlockActivations)

  /// From the gradient of a block's output to that of its input; those of low-rank updates go to `gradients`.
  func blockBackward(
    _ index: Int, _ gradient: Matrix, _ activations: BlockActivations, angles: RotaryAngles,
    gradients: inout LinearGradients
  ) -> Matrix

  /// From the gradient of the logits (T, V) to that of the normalized hidden states (T, C).
  func logitsBackward(_ gradient: Matrix) -> Matrix

  func normalizedBackward(_ gradient: Matrix, hidden: Matrix) -> Matrix

  /// The linear layers within a block, in the order of the reference's modules.
  static var linearPaths: [String] { get }

  /// What comes before "<block>.<path>.weight" in a checkpoint's tensor names.
  static var blockPrefix: String { get }

  subscript(linear: LinearName) -> Linear { get set }

  /// All tensors under the names of a Hugging Face checkpoint.
  var checkpointTensors: [NamedTensor] { get }
}

extension LanguageModel {
  package var linearNames: [LinearName] {
    (0..<shape.blockCount).flatMap { block in Self.linearPaths.map { LinearName(block: block, path: $0) } }
  }

  /// The name of a linear layer's weight in a checkpoint.
  package func weightName(of linear: LinearName) -> String {
    "\(Self.blockPrefix)\(linear.block).\(linear.path).weight"
  }

  /// Hidden states (T, C) after the last block, before the last norm.
  ///
  /// `visit` is shown the hidden states before the first block and after each.
  package func runBlocks(
    _ embeddings: Matrix, _ pass: inout ForwardPass, visit: ((Matrix) -> Void)? = nil
  ) -> Matrix {
    let angles = angles(at: pass.firstPosition..<pass.firstPosition + embeddings.rowCount)
    var hidden = embeddings
    visit?(hidden)
    for block in 0..<shape.blockCount {
      hidden = runBlock(block, hidden, angles: angles, &pass)
      visit?(hidden)
    }
    return hidden
  }

  /// The logits (T, V) of a sequence that stands alone.
  package func logits(of tokens: [Int]) -> Matrix {
    var pass = ForwardPass()
    return logits(normalized(runBlocks(embedded(tokens), &pass)))
  }

  /// An empty cache with room for `capacity` tokens.
  package func cache(capacity: Int) -> KeyValueCache {
    KeyValueCache(blockCount: shape.blockCount, width: shape.keyValueWidth, capacity: capacity)
  }
}
