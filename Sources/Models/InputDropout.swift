import Tensors

/// Dropout of the inputs of low-rank updates: each number is taken as zero with a probability, and else divided by that of
/// the opposite, so that the mean stays.
///
/// What is dropped is drawn for every layer, step and sequence by itself. It depends neither on the other sequences of a
/// batch nor on threads, and is the same in the backward pass as in the forward one.
package struct InputDropout: Sendable {
  package let rate: Double
  private let seed: UInt64
  private let index: UInt64

  /// - Parameter sequence: its number in the step's batch.
  package init(rate: Double, seed: UInt64, step: Int, sequence: Int) {
    precondition(rate >= 0 && rate < 1, "a dropout of \(rate)")
    self.rate = rate
    self.seed = seed
    index = UInt64(UInt32(step)) << 32 | UInt64(UInt32(sequence))
  }

  /// The input (T, in) of that layer with some of it dropped; or its gradient with the same places dropped.
  package func applied(to x: Matrix, of layer: LinearName) -> Matrix {
    RandomStream(seed: seed, purpose: "dropout \(layer.block).\(layer.path)", index: index).dropping(rate, of: x)
  }
}
