import Foundation
import Tensors
import Testing

@Suite struct ExponentialTests {
  /// Numbers over the whole range, every 1/113, which hits no multiple of ln 2 twice in the same way.
  private var range: [Float] { (0...175 * 113).map { -87 + Float($0) / 113 } }

  @Test func `the relative error is below 3e-7`() {
    // The polynomial leaves out r⁷/7! and more, at most 1.7e-7 of exp(r) at r = -ln 2 / 2; its last sum rounds by at
    // most 8.5e-8 (half an ulp of one, of numbers down to 1/√2), and r itself comes with an error of 3e-8.
    var worst: (error: Double, at: Float) = (0, 0)
    for x in range {
      let expected = exp(Double(x))
      let error = abs(Double(exponential(x)) - expected) / expected
      if error > worst.error { worst = (error, x) }
    }
    #expect(worst.error < 3e-7, "\(worst.error) at \(worst.at)")
  }

  @Test func `the error is below 3 ulp`() {
    for x in range {
      let expected = exp(Double(x))
      if abs(Double(exponential(x)) - expected) >= 3 * Double(Float(expected).ulp) { Issue.record("at \(x)") }
    }
  }

  @Test func `exp 0 is 1`() {
    #expect(exponential(Float(0)) == 1)
    #expect(exponential(Float(-0.0)) == 1)
  }

  @Test func `a number has the same bits by itself as in an array, in the processor's own version of the loop`() {
    let values = Array(range.prefix(range.count / 8 * 8 + 5))
    let gates = Matrix(rows: 1, columns: values.count, values)
    let ones = Matrix(rows: 1, columns: values.count, repeating: 1)
    let found = Matrix.gated(gates, ones).elements
    for (value, result) in zip(values, found)
    where result.bitPattern != (value * (1 / (1 + exponential(-value)))).bitPattern {
      Issue.record("at \(value)")
    }
  }

  @Test func `it never falls`() {
    let results = range.map { exponential($0) }
    #expect(zip(results, results.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test func `below -87 it is zero, above 88 the largest result`() {
    #expect(exponential(Float(-87)) > 0)
    for x in [Float(-87).nextDown, -88, -1e30, -Float.infinity] { #expect(exponential(x) == 0) }
    let largest = exponential(Float(88))
    #expect(abs(largest / 1.651_636e38 - 1) < 1e-6)
    for x in [Float(88).nextUp, 100, 1e30, Float.infinity] { #expect(exponential(x) == largest) }
  }

  @Test func `NaN stays NaN`() { #expect(exponential(Float.nan).isNaN) }
}
