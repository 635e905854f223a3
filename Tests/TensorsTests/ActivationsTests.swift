import Foundation
import Tensors
import Testing

@Suite struct ActivationsTests {
  private func gated(_ gate: Double, _ up: Double) -> Double { gate / (1 + exp(-gate)) * up }

  @Test func `silu of the gate is multiplied by up`() {
    // sigmoid(ln 3) = 3/4
    let gate = Matrix(rows: 1, columns: 3, [0, Float(log(3.0)), Float(-log(3.0))])
    let up = Matrix(rows: 1, columns: 3, [5, 4, 4])
    let expected = [0, 3 * log(3.0), -log(3.0)]
    for (found, wanted) in zip(Matrix.gated(gate, up).elements, expected) {
      #expect(abs(Double(found) - wanted) < 2e-6)  // 5e-7 of numbers up to 3.3
    }
  }

  @Test func `far from zero silu is the gate, or nothing`() {
    let gate = Matrix(rows: 1, columns: 4, [50, 1000, -1000, -100])
    let result = Matrix.gated(gate, Matrix(rows: 1, columns: 4, repeating: 1)).elements
    #expect(result[0] == 50 && result[1] == 1000)
    #expect(abs(result[2]) < 1e-30 && abs(result[3]) < 1e-30)
  }

  @Test func `the gradient is that of finite differences`() {
    let gate = randomMatrix(3, 5, seed: 1)
    let up = randomMatrix(3, 5, seed: 2)
    let outer = randomMatrix(3, 5, seed: 3)
    let gradient = Matrix.gatedGradient(outer, gate: gate, up: up)
    let step = 1e-4  // exact to step² ~ 1e-8
    for index in 0..<15 {
      let (g, u, d) = (Double(gate.elements[index]), Double(up.elements[index]), Double(outer.elements[index]))
      let byGate = d * (gated(g + step, u) - gated(g - step, u)) / (2 * step)
      let byUp = d * (gated(g, u + step) - gated(g, u - step)) / (2 * step)
      // Some products of size up to ten with relative errors of 5e-7.
      #expect(abs(Double(gradient.gate.elements[index]) - byGate) < 5e-6)
      #expect(abs(Double(gradient.up.elements[index]) - byUp) < 5e-6)
    }
  }

  @Test func `an element's bits do not depend on where it stands`() {
    for count in 1...17 {
      for place in 0..<count {
        var gate = randomMatrix(1, count, seed: UInt64(count))
        var up = gate
        gate[0, place] = 0.7
        up[0, place] = -1.3
        #expect(Matrix.gated(gate, up)[0, place].bitPattern == Matrix.gated(alone(0.7), alone(-1.3))[0, 0].bitPattern)
        let gradient = Matrix.gatedGradient(up, gate: gate, up: up)
        let single = Matrix.gatedGradient(alone(-1.3), gate: alone(0.7), up: alone(-1.3))
        #expect(gradient.gate[0, place].bitPattern == single.gate[0, 0].bitPattern)
        #expect(gradient.up[0, place].bitPattern == single.up[0, 0].bitPattern)
      }
    }
  }

  private func alone(_ value: Float) -> Matrix { Matrix(rows: 1, columns: 1, [value]) }

  @Test func `nothing becomes nothing`() {
    let empty = Matrix(rows: 0, columns: 4)
    #expect(Matrix.gated(empty, empty) == empty)
  }

  @Test func `rectifying clears what is negative, and lets through gradients of what is not`() {
    let x = Matrix(rows: 1, columns: 5, [-1, 0, 2, -.infinity, .nan])
    let result = x.rectified()
    #expect(Array(result.elements[..<4]) == [0, 0, 2, 0] && result[0, 4].isNaN)
    let gradient = Matrix(rows: 1, columns: 5, [10, 20, 30, 40, 50])
    #expect(Matrix.rectifiedGradient(gradient, result: result).elements == [0, 0, 30, 0, 0])
  }

  @Test func `a row is written over every row`() {
    var matrix = Matrix(rows: 2, columns: 3)
    matrix.fillRows(with: [1, 2, 3])
    #expect(matrix.elements == [1, 2, 3, 1, 2, 3])
  }
}
