/// The grid of a row (or of one group of its columns): the values scale · (code - zero), code = 0 … 2^bits - 1.
///
/// Source: `Quantizer` in IST-DASLab/gptq's quant.py, asymmetric; `gptq.md` section 3.
package struct QuantizationGrid {
  package let scale: Float
  /// The code of the value 0: a whole number.
  package let zero: Float
  package let largestCode: Float

  init(scale: Float, zero: Float, largestCode: Float) {
    self.scale = scale
    self.zero = zero
    self.largestCode = largestCode
  }

  /// The grid from the smallest to the largest of `values`, stretched to contain zero. All zeros give the grid of -1…1.
  package init(fitting values: UnsafeBufferPointer<Float>, bits: Int) {
    var smallest: Float = 0
    var largest: Float = 0
    for value in values {
      if value < smallest { smallest = value }
      if value > largest { largest = value }
    }
    largestCode = Float((1 << bits) - 1)
    // A range too small for a step counts as zeros; the reference makes NaN of it.
    if (largest - smallest) / largestCode == 0 {
      smallest = -1
      largest = 1
    }
    scale = (largest - smallest) / largestCode
    zero = (-smallest / scale).rounded(.toNearestOrEven)
  }

  package func code(of value: Float) -> Float {
    // Rounding half to even, and before the zero is added, as the reference.
    let code = (value / scale).rounded(.toNearestOrEven) + zero
    return min(max(code, 0), largestCode)
  }

  package func value(of code: Float) -> Float { scale * (code - zero) }
}
