import Models

/// What can stop a compression; each case names the layer.
package enum CompressionError: Error, Equatable {
  /// The dampened Hessian, or its inverse, has a leading minor that is not positive. More calibration text or more
  /// dampening is the usual cure.
  case notPositiveDefinite(layer: String, minor: Int, dampeningFraction: Float)
  /// The calibration text gave a layer an input with NaN or infinity.
  case inputNotFinite(layer: String)
}
