// Half-precision numbers are widened with integer operations on eight at once: a processor's own instruction for it is not
// among those that every x86-64 processor has, and the library call that takes its place goes one by one.

/// Little-endian IEEE half-precision numbers (1 sign, 5 exponent, 10 fraction bits), which need not be aligned, as floats:
/// exactly, infinities and NaNs included.
package func widenHalves(_ source: UnsafeRawBufferPointer, to floats: UnsafeMutableBufferPointer<Float>) {
  widen(source, to: floats) { half in
    let magnitude = half & 0x7FFF
    // The exponent bits moved into place are too small by 127 - 15; multiplying puts that right for subnormal halves too.
    let scaled =
      unsafeBitCast(magnitude &<< 13, to: SIMD8<Float>.self)
      * SIMD8(repeating: Float(sign: .plus, exponent: 112, significand: 1))
    // A full exponent (infinity, NaN) is the one that carries into bit 15 here; it has to stay full.
    let isFull = (magnitude &+ 0x0400) &>> 15
    let full = (SIMD8<UInt32>(repeating: 0) &- isFull) & 0x7F80_0000
    return unsafeBitCast(scaled, to: SIMD8<UInt32>.self) | full | ((half & 0x8000) &<< 16)
  }
}

/// Little-endian bfloat16 numbers (the upper half of a float), which need not be aligned, as floats.
package func widenBrainFloats(_ source: UnsafeRawBufferPointer, to floats: UnsafeMutableBufferPointer<Float>) {
  widen(source, to: floats) { $0 &<< 16 }
}

/// Eight numbers at a time; `body` turns those of 16 bits into the bits of floats.
@inline(__always)
private func widen(
  _ source: UnsafeRawBufferPointer, to floats: UnsafeMutableBufferPointer<Float>,
  _ body: (SIMD8<UInt32>) -> SIMD8<UInt32>
) {
  precondition(source.count == 2 * floats.count, "\(source.count) bytes for \(floats.count) numbers")
  guard let from = source.baseAddress, let to = floats.baseAddress else { return }
  let whole = floats.count / 8 * 8
  for index in stride(from: 0, to: whole, by: 8) {
    let stored = (from + 2 * index).loadUnaligned(as: SIMD8<UInt16>.self)
    let bits = body(SIMD8<UInt32>(truncatingIfNeeded: stored))
    UnsafeMutableRawPointer(to + index).storeBytes(of: bits, as: SIMD8<UInt32>.self)
  }
  for index in whole..<floats.count {
    let stored = (from + 2 * index).loadUnaligned(as: UInt16.self)
    to[index] = Float(bitPattern: body(SIMD8(repeating: UInt32(stored)))[0])
  }
}
