import Compression
import Foundation
import Tensors
import TestModels
import Testing

@Suite struct QuantizationGridTests {
  private func grid(_ values: [Float], bits: Int = 3) -> QuantizationGrid {
    Quantizer(bits: bits).grid(values)
  }

  private func codes(_ values: [Float], on grid: QuantizationGrid) -> [Float] { values.map { grid.code(of: $0) } }

  @Test func `the codes of a row by hand`() {
    // From -1 to 2.5 in 7 steps of 1/2; zero is 1 / (1/2) = 2 steps from the start.
    let row: [Float] = [-1, 0, 0.4, 1.1, 2.5]
    let grid = grid(row)
    #expect(grid.scale == 0.5 && grid.zero == 2 && grid.largestCode == 7)
    // In steps: -2, 0, 0.8, 2.2, 5.
    #expect(codes(row, on: grid) == [0, 2, 3, 4, 7])
    #expect((0...7).map { grid.value(of: Float($0)) } == [-1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5])
  }

  @Test func `halves go to the even step, before the zero is added`() {
    // From -1/2 to 3: steps of 1/2, zero at 1. Adding the zero first would make 1/2 + 1 round to 2.
    let grid = grid([-0.5, 3])
    #expect(grid.zero == 1)
    // In steps: 1/2 → 0, 3/2 → 2, 5/2 → 2, -1/2 → 0.
    #expect(codes([0.25, 0.75, 1.25, -0.25], on: grid) == [1, 3, 3, 1])
  }

  @Test func `a zero between two codes goes to the even one, and the ends are clamped`() {
    // From -1.25 to 2.25: steps of 1/2, and 2.5 of them from the start to zero.
    let grid = grid([-1.25, 2.25])
    #expect(grid.zero == 2)
    // In steps: -2.5 → -2, 4.5 → 4; and beyond the grid -10 and 10.
    #expect(codes([-1.25, 2.25, -5, 5], on: grid) == [0, 6, 0, 7])
  }

  @Test func `the range is stretched to contain zero`() {
    // From 0 to 3.5: the smallest value, 1/2, is code 1.
    let positive = grid([0.5, 3.5])
    #expect(positive.scale == 0.5 && positive.zero == 0)
    #expect(codes([0.5, 3.5], on: positive) == [1, 7])
    // From -3.5 to 0
    let negative = grid([-3.5, -0.5])
    #expect(negative.scale == 0.5 && negative.zero == 7)
    #expect(codes([-3.5, -0.5], on: negative) == [0, 6])
  }

  @Test func `a row of zeros has the grid from -1 to 1, and stays zero`() {
    for zeros: [Float] in [[0, 0, 0], [-0.0], []] {
      let grid = grid(zeros)
      #expect(grid.scale == Float(2) / 7)
      #expect(grid.value(of: grid.code(of: 0)) == 0)
    }
  }

  @Test func `a row too small for a step of its own counts as zeros`() {
    // A seventh of the smallest float is zero, and so no step.
    let grid = grid([.leastNonzeroMagnitude, 0])
    #expect(grid.scale == Float(2) / 7)
    #expect(grid.value(of: grid.code(of: .leastNonzeroMagnitude)) == 0)
  }

  @Test(arguments: 1...8)
  func `zero is a code whose value is exactly zero`(bits: Int) {
    for seed in 0..<50 as Range<UInt64> {
      // Of both signs, all positive, or all negative.
      let values = randomMatrix(1, 6, seed: seed).elements.map {
        seed % 3 == 1 ? abs($0) : seed % 3 == 2 ? -abs($0) : $0
      }
      let grid = grid(values, bits: bits)
      #expect(grid.zero >= 0 && grid.zero <= grid.largestCode && grid.zero == grid.zero.rounded())
      #expect(grid.code(of: 0) == grid.zero && grid.value(of: grid.zero) == 0)
    }
  }

  @Test(arguments: 1...8)
  func `no value of the row is further than half a step from its own`(bits: Int) {
    for seed in 0..<50 as Range<UInt64> {
      let values = randomMatrix(1, 6, seed: seed).elements
      let grid = grid(values, bits: bits)
      // Up to 255 steps are counted in floats: 255 · 2⁻²³ of a step may be lost.
      for value in values { #expect(abs(value - grid.value(of: grid.code(of: value))) <= 0.5001 * grid.scale) }
    }
  }

  @Test func `a symmetric grid reaches as far to both sides`() {
    // From -3.5 to 3.5 in 7 steps of 1; zero is code 4, so the largest value is 3.
    let grid = Quantizer(bits: 3, isSymmetric: true).grid([-3.5, 1, 2])
    #expect(grid.scale == 1 && grid.zero == 4)
    #expect(codes([-3.5, -5, 1, 2, 3.5, 9], on: grid) == [0, 0, 5, 6, 7, 7])  // -3.5 rounds to -4
  }

  @Test func `a symmetric grid of no negative weights is half as wide, as in the reference`() {
    // From 0 to 3.5 in 7 steps of 1/2, and zero in the middle all the same: what is above 3/2 is clamped.
    let grid = Quantizer(bits: 3, isSymmetric: true).grid([0, 1, 3.5])
    #expect(grid.scale == 0.5 && grid.zero == 4)
    #expect([0, 1, 3.5].map { grid.value(of: grid.code(of: $0)) } == [0, 1, 1.5])
  }

  @Test func `three values by hand`() {
    let grid = Quantizer(levels: .ternary).grid([-1, 0.25, 2])
    #expect(grid.scale == 2 && grid.zero == -1)
    // Above half of 2, or below half of -1; the halves themselves are neither.
    let values: [Float] = [-3, -0.75, -0.5, 0, 1, 1.25, 9]
    #expect(codes(values, on: grid) == [0, 0, 1, 1, 1, 2, 2])
    #expect(codes(values, on: grid).map(grid.value(of:)) == [-1, -1, 0, 0, 0, 2, 2])
  }

  @Test func `one outlier makes the search give up a part of the range`() {
    // 63 weights at ±1 and ±1/2, one at 8: steps that serve the many cost one large error.
    let values: [Float] = (0..<63).map { [-1, -0.5, 0.5, 1][$0 % 4] } + [8]
    let whole = Quantizer(bits: 3).grid(values)
    let searched = Quantizer(bits: 3, searchesRange: true).grid(values)
    func error(_ grid: QuantizationGrid) -> Double {
      values.reduce(0) { $0 + pow(Double(abs(grid.value(of: grid.code(of: $1)) - $1)), 2.4) }
    }
    #expect(searched.scale < whole.scale)
    #expect(error(searched) < error(whole))
    // Nothing among the shares that are tried is better.
    for step in 0..<80 {
      let share = Float(1 - Double(step) / 100)
      let tried = Quantizer(bits: 3).grid([-share, 8 * share])
      #expect(error(searched) <= 1.000001 * error(tried))  // the powers are found in floats
    }
  }

  @Test func `where the whole range fits, the search keeps it`() {
    let values: [Float] = [-1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5]
    #expect(Quantizer(bits: 3, searchesRange: true).grid(values) == Quantizer(bits: 3).grid(values))
  }
}

extension Quantizer {
  fileprivate func grid(_ values: [Float]) -> QuantizationGrid { values.withUnsafeBufferPointer(grid(fitting:)) }
}
