import Models

/// What can stop a compression; each case that has to do with one names the layer.
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
  /// The layer's codes or zeros do not fill whole words.
  case cannotPack(layer: String, rows: Int, columns: Int, bits: Int)
  /// The layers of the checkpoint are packed already.
  case packedAlready(layer: String)
  /// However it is cut, the work takes more bytes than it may.
  case memoryTooSmall(needed: Int, limit: Int)
  /// The folder holds something else than a compression that was begun with the same settings.
  case outputTaken(folder: String)
  /// The folder holds a compression of another model, or with other settings or calibration: finished, or begun.
  case otherCompression(folder: String)
  /// Another process is writing to the folder.
  case outputInUse(folder: String)
  case unwritable(file: String, reason: String)
}

/// The compression was asked to stop; the blocks that were done are kept where there is a folder.
package struct CompressionStopped: Error, Equatable {
  package init() {}
}
