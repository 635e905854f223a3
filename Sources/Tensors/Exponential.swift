/// The exponential of eight numbers at once, within 3 ulp where the result is a normal number; 0 below -87, and
/// exp(88) = 1.65e38 above 88. NaN stays NaN.
///
/// Written out rather than taken from the C library, whose last bits differ from version to version and from processor
/// to processor: exp(x) = 2ⁿ exp(r) with n = round(x / ln 2), and exp(r) on |r| ≤ ln 2 / 2 by a polynomial of degree
/// six (Taylor's: its remainder r⁷/7! is below 1.2e-7, two ulp of exp(-ln 2 / 2)).
@inlinable @inline(__always)
package func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
  // Adding 1.5 · 2²³ rounds to an integer (half to even) and leaves it in the low bits.
  let shift = SIMD8<Float>(repeating: 12_582_912)
  let shifted = x * SIMD8(repeating: 1.442_695_04) + shift
  let n = shifted - shift
  // ln 2 in two parts, the first with few enough bits that n times it is exact.
  let r = (x - n * SIMD8(repeating: 0.693_359_375)) - n * SIMD8(repeating: -2.121_944_4e-4)
  var p = SIMD8<Float>(repeating: 1.0 / 720)
  p = p * r + SIMD8(repeating: 1.0 / 120)
  p = p * r + SIMD8(repeating: 1.0 / 24)
  p = p * r + SIMD8(repeating: 1.0 / 6)
  p = p * r + SIMD8(repeating: 0.5)
  p = p * r + SIMD8(repeating: 1)
  p = p * r + SIMD8(repeating: 1)
  let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- unsafeBitCast(shift, to: SIMD8<Int32>.self)
  let result = unsafeBitCast(p, to: SIMD8<Int32>.self) &+ (exponent &<< SIMD8(repeating: 23))
  // Outside of the range the above is nonsense. Which lanes are outside follows from the bits: among numbers of one sign
  // they are ordered by magnitude, so a difference of bits has the sign that is wanted, and an arithmetic shift spreads
  // it over the lane. (Comparing floats would be done lane by lane, several times slower.)
  let bits = unsafeBitCast(x, to: SIMD8<Int32>.self)
  let isNegative = bits &>> SIMD8(repeating: 31)
  let isBelow =
    isNegative & ((SIMD8(repeating: Int32(bitPattern: Float(-87).bitPattern)) &- bits) &>> SIMD8(repeating: 31))
  let isAbove =
    ~isNegative & ((SIMD8(repeating: Int32(bitPattern: Float(88).bitPattern)) &- bits) &>> SIMD8(repeating: 31))
  let largest = SIMD8(repeating: Int32(bitPattern: Float(1.651_636_25e38).bitPattern))
  let bounded = (result & ~(isBelow | isAbove)) | (isAbove & largest)
  return unsafeBitCast(bounded, to: SIMD8<Float>.self).replacing(with: x, where: x .!= x)
}

/// The exponential of one number, with the same bits as in a vector of eight.
@inlinable package func exponential(_ x: Float) -> Float { exponential(SIMD8(repeating: x))[0] }
