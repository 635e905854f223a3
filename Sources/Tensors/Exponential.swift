internal import CKernels

/// The exponential of one number, within 3 ulp where the result is a normal number; 0 below -87, and exp(88) = 1.65e38
/// above 88. NaN stays NaN. The same bits on every processor, which a C library's function does not give.
package func exponential(_ x: Float) -> Float { recollect_exponential(x) }

extension UnsafeMutablePointer<Float> {
  /// Replaces the first `count` elements x by exp(x - max x), and returns the sum of the results, taken in double
  /// precision in a fixed order. A NaN makes the sum a NaN.
  func replaceByExponentials(_ count: Int) -> Double {
    replaceByExponentials(count, largest: UnsafePointer(self).largest(count))
  }

  /// Replaces the first `count` elements x by exp(x - largest), and returns the sum of the results as above.
  func replaceByExponentials(_ count: Int, largest: Float) -> Double {
    var sums = SIMD8<Double>(repeating: 0)
    withUnsafeMutablePointer(to: &sums) { sums in
      sums.withMemoryRebound(to: Double.self, capacity: 8) { sums in
        recollect_exponentials(self, count, largest, sums)
      }
    }
    return sums.sum()
  }
}
