import Models

/// What can stop a compression; each case names the layer.
package enum CompressionError: Error, Equatable {
  /// The dampened Hessian has a trailing minor that is not positive, at each of these dampening fractions. More
  /// calibration text or more dampening is the usual cure.
  case notPositiveDefinite(layer: String, minor: Int, dampeningFractions: [Float])
  /// The calibration text gave a layer an input with NaN or infinity, or with a square too large for a float.
  case inputNotFinite(layer: String)
  /// The calibration text gave a layer nothing but zeros: it says nothing of any weight.
  case inputAlwaysZero(layer: String)
  /// The layer has a weight that is NaN or infinite.
  case weightNotFinite(layer: String)
}
