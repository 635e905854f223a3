import Foundation
import Tensors
import Testing

@Suite struct RotaryEmbeddingTests {
  @Test func `position 0 changes nothing`() {
    let x = randomMatrix(1, 16, seed: 1)
    var rotated = x
    RotaryEmbedding(headWidth: 8, theta: 10000).angles(at: 0..<1).rotate(&rotated)
    #expect(rotated == x)
  }

  @Test func `channel j turns with channel j + D/2, by hand`() {
    // D = 4: channels 0 and 2 turn by 1 a position, channels 1 and 3 by θ^(-1/2), with θ = (2/π)² by 90°.
    let rotary = RotaryEmbedding(headWidth: 4, theta: 4 / (Double.pi * Double.pi))
    var x = Matrix(rows: 2, columns: 4, [1, 2, 0, 3, 1, 2, 0, 3])
    rotary.angles(at: 1..<3).rotate(&x)
    let expected = [[cos(1.0), -3, sin(1.0), 2], [cos(2.0), -2, sin(2.0), -3]]
    for (row, values) in expected.enumerated() {
      for (found, wanted) in zip(x.row(row), values) {
        #expect(abs(Double(found) - wanted) < 1e-6)  // angles up to π, rounded to single precision
      }
    }
  }

  @Test func `every head turns alike`() {
    let rotary = RotaryEmbedding(headWidth: 6, theta: 100)
    let head = randomMatrix(3, 6, seed: 2)
    var alone = head
    rotary.angles(at: 4..<7).rotate(&alone)
    var twice = Matrix(rows: 3, columns: 12, (0..<3).flatMap { head.row($0) + head.row($0) })
    rotary.angles(at: 4..<7).rotate(&twice)
    #expect(twice == Matrix(rows: 3, columns: 12, (0..<3).flatMap { alone.row($0) + alone.row($0) }))
  }

  @Test func `the angles of a position do not depend on where the run begins`() {
    let rotary = RotaryEmbedding(headWidth: 6, theta: 100)
    let x = randomMatrix(5, 6, seed: 3)
    var whole = x
    rotary.angles(at: 0..<5).rotate(&whole)
    var end = x.rows(3..<5)
    rotary.angles(at: 3..<5).rotate(&end)
    #expect(end == whole.rows(3..<5))
  }

  @Test func `the inverse undoes the rotation`() {
    let angles = RotaryEmbedding(headWidth: 8, theta: 10000).angles(at: 5..<45)
    let x = randomMatrix(40, 16, seed: 4)
    var turned = x
    angles.rotate(&turned)
    #expect(turned.largestDifference(from: x) > 1)
    angles.rotate(&turned, inverse: true)
    // Four roundings of 6e-8 of numbers up to five, and cosines and sines whose squares sum to one but for 1e-7.
    #expect(turned.largestDifference(from: x) < 2e-6)
  }

  @Test(arguments: [0, 3, 17]) func `dot products depend on the distance alone`(distance: Int) {
    let rotary = RotaryEmbedding(headWidth: 8, theta: 10000)
    let query = randomMatrix(1, 8, seed: 5)
    let key = randomMatrix(1, 8, seed: 6)
    func product(at position: Int) -> Float {
      var (q, k) = (query, key)
      rotary.angles(at: position + distance..<position + distance + 1).rotate(&q)
      rotary.angles(at: position..<position + 1).rotate(&k)
      return q.times(transposed: k)[0, 0]
    }
    // An angle of up to 120 is rounded to 4e-6; the product's terms are of size up to ten.
    for position in [1, 10, 100] { #expect(abs(product(at: position) - product(at: 0)) < 5e-5) }
  }
}
