// Arrays are taken eight elements at a time. The last eight may be fewer, and are then padded: so an element's result has
// the same bits wherever it stands, and loops have no second form for their ends.

/// Calls `body` for each run of eight indices below `count`; the last run may be shorter.
@inline(__always)
func forEachEight(_ count: Int, _ body: (Range<Int>) -> Void) {
  var index = 0
  while index + 8 <= count {
    body(index..<index + 8)
    index += 8
  }
  if index < count { body(index..<count) }
}

extension UnsafePointer<Float> {
  /// The elements of a run of at most eight, padded.
  @inline(__always)
  func eight(_ range: Range<Int>, padding: Float = 0) -> SIMD8<Float> {
    if range.count == 8 { return UnsafeRawPointer(self + range.lowerBound).loadUnaligned(as: SIMD8<Float>.self) }
    var result = SIMD8<Float>(repeating: padding)
    for lane in 0..<range.count { result[lane] = self[range.lowerBound + lane] }
    return result
  }
}

extension UnsafeMutablePointer<Float> {
  @inline(__always)
  func eight(_ range: Range<Int>, padding: Float = 0) -> SIMD8<Float> {
    UnsafePointer(self).eight(range, padding: padding)
  }

  /// Stores as many lanes as the run is long.
  @inline(__always)
  func setEight(_ range: Range<Int>, _ value: SIMD8<Float>) {
    if range.count == 8 {
      UnsafeMutableRawPointer(self + range.lowerBound).storeBytes(of: value, as: SIMD8<Float>.self)
    } else {
      for lane in 0..<range.count { self[range.lowerBound + lane] = value[lane] }
    }
  }
}
