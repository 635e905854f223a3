/// The grid of a row (or of one group of its columns): the values scale · (code - zero), code = 0 … 2^bits - 1.
///
/// With three values they are zero, 0 and scale, and the codes 0, 1 and 2.
///
/// Source: `Quantizer` in IST-DASLab/gptq's quant.py; `gptq.md` section 3.
package struct QuantizationGrid: Sendable, Equatable {
  package let levels: Quantizer.Levels
  package let scale: Float
  /// The code of the value 0, a whole number; with three values the smallest of them.
  package let zero: Float

  package var largestCode: Float {
    switch levels {
    case .bits(let bits): Float((1 << bits) - 1)
    case .ternary: 2
    }
  }

  package func code(of value: Float) -> Float {
    switch levels {
    case .bits:
      // Rounding half to even, and before the zero is added, as the reference.
      let code = (value / scale).rounded(.toNearestOrEven) + zero
      return min(max(code, 0), largestCode)
    case .ternary:
      return 1 + (value > scale / 2 ? 1 : 0) - (value < zero / 2 ? 1 : 0)
    }
  }

  package func value(of code: Float) -> Float {
    switch levels {
    case .bits: scale * (code - zero)
    case .ternary: code == 2 ? scale : code == 0 ? zero : 0
    }
  }
}
