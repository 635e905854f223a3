import Tensors

/// A method that compresses one linear layer's weight. It sees the weight and what was gathered of its inputs, and knows
/// nothing of the model around them.
package protocol LayerCompressor: Sendable {
  /// What it makes of the inputs' statistics before it sees a weight: layers with the same inputs share it.
  associatedtype Preparation: Sendable

  /// What it has to know of a layer's inputs.
  var needs: InputStatistics.Kind { get }

  /// - Throws: `DampenedFactorizationError` where the statistics do not serve.
  func prepare(_ inputs: InputStatistics, workers: Workers) throws -> Preparation

  /// `weight` (out, in), whose numbers are finite, compressed.
  func compressed(_ weight: Matrix, _ preparation: Preparation, workers: Workers) throws -> CompressedMatrix

  /// The weight with the same codes or zeros to be had, and nothing done about the errors that they make; nil where the
  /// method itself does nothing.
  func uncorrected(_ weight: Matrix, workers: Workers) throws -> Matrix?

  /// Bytes that compressing a layer takes at the most for each of its weights, the weight itself as a float included.
  var bytesPerWeight: Int { get }

  /// The dampening fractions tried, the last of them with success; none where there is no Hessian.
  func dampeningFractions(_ preparation: Preparation) -> [Float]
}

extension LayerCompressor {
  package func uncorrected(_ weight: Matrix, workers: Workers) throws -> Matrix? { nil }

  package func dampeningFractions(_ preparation: Preparation) -> [Float] { [] }

  package func compressed(_ weight: Matrix, for inputs: InputStatistics, workers: Workers) throws -> CompressedMatrix {
    try compressed(weight, prepare(inputs, workers: workers), workers: workers)
  }
}

extension LayerCompressor where Preparation == Void {
  package var needs: InputStatistics.Kind { .nothing }

  package func prepare(_ inputs: InputStatistics, workers: Workers) {}
}
