internal import CKernels

/// Little-endian IEEE half-precision numbers, which need not be aligned, as floats: exactly, infinities and NaNs included.
package func widenHalves(_ source: UnsafeRawBufferPointer, to floats: UnsafeMutableBufferPointer<Float>) {
  precondition(source.count == 2 * floats.count, "\(source.count) bytes for \(floats.count) numbers")
  recollect_widen_halves(source.baseAddress, floats.baseAddress, floats.count)
}

/// Little-endian bfloat16 numbers (the upper half of a float), which need not be aligned, as floats.
package func widenBrainFloats(_ source: UnsafeRawBufferPointer, to floats: UnsafeMutableBufferPointer<Float>) {
  precondition(source.count == 2 * floats.count, "\(source.count) bytes for \(floats.count) numbers")
  recollect_widen_brain_floats(source.baseAddress, floats.baseAddress, floats.count)
}
