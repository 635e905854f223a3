import Foundation
import Tensors
import Testing

@Suite struct GridErrorTests {
  private func error(_ weights: [Float], scale: Float, zero: Float = 0, largestCode: Float = 7) -> Double {
    weights.withUnsafeBufferPointer { gridError($0, scale: scale, zero: zero, largestCode: largestCode) }
  }

  @Test func `three weights by hand`() {
    // The codes of 0, 3.5 and 9 on whole numbers up to 7 are 0, 4 and 7: distances 0, 1/2 and 2.
    let expected = pow(0.5, 2.4) + pow(2, 2.4)
    #expect(abs(error([0, 3.5, 9], scale: 1) / expected - 1) < 1e-6)
    #expect(error([], scale: 1) == 0)
    #expect(error([0, 3, 7], scale: 1) == 0)
  }

  @Test func `the power is right at every size`() {
    for exponent in -15...14 {
      for digit in 1...20 {
        let distance = Float(digit) * 0.5 * Float(pow(10, Double(exponent)))
        // Code 0 is the only one: the distance is the weight.
        let found = error([distance], scale: 1, largestCode: 0)
        #expect(abs(found / pow(Double(distance), 2.4) - 1) < 1e-6, "\(distance)")
      }
    }
  }

  @Test func `weights beyond whole vectors count as well`() {
    let weights = randomMatrix(1, 37, seed: 1).elements
    let expected = weights.reduce(0.0) { sum, weight in
      let code = min(max((weight / 0.3).rounded(.toNearestOrEven) + 2, 0), 7)
      return sum + pow(Double(abs(0.3 * (code - 2) - weight)), 2.4)
    }
    #expect(abs(error(weights, scale: 0.3, zero: 2) / expected - 1) < 1e-6)
  }
}
