internal import CKernels

/// The sum of |q - w|^2.4 over some weights w, with q the nearest of the values scale · (code - zero), code = 0 … largest:
/// by how much a grid misses them.
///
/// The powers are floats, right to a few units in the last place.
package func gridError(
  _ weights: UnsafeBufferPointer<Float>, scale: Float, zero: Float, largestCode: Float
) -> Double {
  recollect_grid_error(weights.baseAddress, weights.count, scale, zero, largestCode)
}
