import Tensors

/// Which values quantized weights may have, and how a grid of them is fitted to the weights.
///
/// Source: `Quantizer` in IST-DASLab/gptq's quant.py; `gptq.md` section 3.
package struct Quantizer: Sendable, Equatable {
  package enum Levels: Sendable, Equatable {
    /// 2^bits codes.
    case bits(Int)
    /// The three values smallest, 0 and largest ("trits").
    case ternary
  }

  package let levels: Levels
  /// Whether the grid reaches as far below zero as above it.
  package let isSymmetric: Bool
  /// Whether smaller ranges are tried, and the one with the least error taken ("mse").
  package let searchesRange: Bool
  /// Columns that share a grid; nil: all columns of a row.
  package let groupSize: Int?

  package init(levels: Levels, isSymmetric: Bool = false, searchesRange: Bool = false, groupSize: Int? = nil) {
    if case .bits(let bits) = levels { precondition((1...8).contains(bits), "codes of \(bits) bits") }
    precondition(levels != .ternary || !searchesRange, "there is no range to search for three values")
    precondition(groupSize ?? 1 > 0, "groups of \(groupSize ?? 0)")
    self.levels = levels
    self.isSymmetric = isSymmetric
    self.searchesRange = searchesRange
    self.groupSize = groupSize
  }

  package init(bits: Int, isSymmetric: Bool = false, searchesRange: Bool = false, groupSize: Int? = nil) {
    self.init(levels: .bits(bits), isSymmetric: isSymmetric, searchesRange: searchesRange, groupSize: groupSize)
  }

  func groupCount(columns: Int) -> Int { groupSize.map { (columns + $0 - 1) / $0 } ?? 1 }

  /// Bits that a code takes.
  package var bitsPerCode: Int {
    switch levels {
    case .bits(let bits): bits
    case .ternary: 2
    }
  }

  /// Bits of a group's scale and zero, as they are stored: the scale, and with three values the zero too, as halves.
  var bitsPerGroup: Int {
    switch levels {
    case .bits(let bits): 16 + bits
    case .ternary: 32
    }
  }

  var columnLevels: CompressedColumns.Levels {
    switch levels {
    case .bits(let bits): .upTo((1 << bits) - 1)
    case .ternary: .three
    }
  }

  // MARK: Fitting

  /// The grid from the smallest to the largest of `values`, stretched to contain zero. All zeros give the grid of -1…1.
  package func grid(fitting values: UnsafeBufferPointer<Float>) -> QuantizationGrid {
    var smallest: Float = 0
    var largest: Float = 0
    for value in values {
      if value < smallest { smallest = value }
      if value > largest { largest = value }
    }
    if isSymmetric {
      largest = max(-smallest, largest)
      // A row without negative weights keeps its range, half as wide as others, though zero is in the middle of the
      // grid: so does the reference.
      if smallest < 0 { smallest = -largest }
    }
    switch levels {
    case .ternary:
      if smallest == 0, largest == 0 { (smallest, largest) = (-1, 1) }
      return QuantizationGrid(levels: levels, scale: largest, zero: smallest)
    case .bits(let bits):
      let largestCode = Float((1 << bits) - 1)
      // A range too small for a step counts as zeros; the reference makes NaN of it.
      if (largest - smallest) / largestCode == 0 { (smallest, largest) = (-1, 1) }
      let whole = grid(from: smallest, to: largest, largestCode)
      return searchesRange ? searched(values, from: smallest, to: largest, largestCode, whole) : whole
    }
  }

  private func grid(from smallest: Float, to largest: Float, _ largestCode: Float) -> QuantizationGrid {
    let scale = (largest - smallest) / largestCode
    let zero = isSymmetric ? (largestCode + 1) / 2 : (-smallest / scale).rounded(.toNearestOrEven)
    return QuantizationGrid(levels: levels, scale: scale, zero: zero)
  }

  /// Of the ranges from the whole one down to 21 hundredths of it, that with the least sum of |error|^2.4; of equal ones
  /// the largest.
  private func searched(
    _ values: UnsafeBufferPointer<Float>, from smallest: Float, to largest: Float, _ largestCode: Float,
    _ whole: QuantizationGrid
  ) -> QuantizationGrid {
    let steps = 100  // grid in IST-DASLab/gptq
    let tried = 80  // int(maxshrink · grid), with maxshrink 0.8
    var best = (grid: whole, error: Double.infinity)
    for step in 0..<tried {
      let share = Float(1 - Double(step) / Double(steps))
      let grid = grid(from: share * smallest, to: share * largest, largestCode)
      guard grid.scale > 0 else { break }
      let error = gridError(values, scale: grid.scale, zero: grid.zero, largestCode: largestCode)
      if error < best.error { best = (grid, error) }
    }
    return best.grid
  }
}
