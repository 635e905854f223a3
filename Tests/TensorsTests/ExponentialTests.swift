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

  @Test func `a number and the lanes of a vector have the same bits`() {
    let values = Array(range.prefix(range.count / 8 * 8))
    for start in stride(from: 0, to: values.count, by: 8) {
      let vector = exponential(SIMD8(values[start..<start + 8]))
      for lane in 0..<8 where vector[lane].bitPattern != exponential(values[start + lane]).bitPattern {
        Issue.record("lane \(lane) of \(values[start + lane])")
      }
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

  @Test func `NaN stays NaN, in its lane alone`() {
    #expect(exponential(Float.nan).isNaN)
    let vector = exponential(SIMD8<Float>(0, .nan, 0, 0, -100, 0, 0, .nan))
    for lane in 0..<8 { #expect(vector[lane].isNaN == [1, 7].contains(lane)) }
    #expect(vector[0] == 1 && vector[4] == 0)
  }
}
