/// What a model's parameters take in memory, in bytes.
package struct WeightMemory: Sendable, Equatable {
  /// Matrices that are used where they lie in a mapped file. The system reads them when they are used, may drop them at
  /// any time, and shares them among processes.
  package private(set) var mapped = 0
  /// What is copied: norms and biases as floats, the groups of packed layers' inputs, and matrices that cannot be used
  /// where they lie.
  package private(set) var copied = 0
  /// The largest panel of floats that a product widens at once, on each thread.
  package private(set) var widenedPanel = 0

  /// Counts a parameter that a model holds.
  mutating func add(_ tensor: StoredTensor) {
    let floatBytes = tensor.count * MemoryLayout<Float>.size
    guard tensor.shape.count == 2, Weight.isInPlace(tensor) else {
      copied += floatBytes
      return
    }
    if tensor.isMapped { mapped += tensor.byteCount } else { copied += tensor.byteCount }
    if tensor.type != .float32 { widen(tensor.shape[0], tensor.shape[1]) }
  }

  /// Counts one of the tensors of a packed layer.
  mutating func add(_ tensor: StoredTensor, as part: PackedMatrix.Part, format: PackedFormat) {
    if tensor.isMapped && part != .groups { mapped += tensor.byteCount } else { copied += tensor.byteCount }
    if part == .words { widen(tensor.shape[1], tensor.shape[0] * 32 / format.bits) }
  }

  private mutating func widen(_ rowCount: Int, _ columnCount: Int) {
    widenedPanel = max(
      widenedPanel, Weight.largestPanelCount(rowCount, columnCount) * MemoryLayout<Float>.size)
  }
}

/// What a sequence takes in memory beside the weights, in bytes. All of it is floats.
package struct SequenceMemory: Sendable, Equatable {
  package let length: Int
  /// Keys and values of every block: 2 · blocks · key-value heads · head width · tokens · 4.
  package let keyValueCache: Int
  /// One row of logits for each token: vocabulary · tokens · 4.
  package let logits: Int

  package init(_ shape: ModelShape, length: Int) {
    self.length = length
    keyValueCache = 2 * shape.blockCount * shape.keyValueWidth * length * MemoryLayout<Float>.size
    logits = shape.vocabularySize * length * MemoryLayout<Float>.size
  }
}
