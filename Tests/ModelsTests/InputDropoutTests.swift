import Models
import Tensors
import TestModels
import Testing

@Suite struct InputDropoutTests {
  private let layer = LinearName(block: 1, path: "fc1")
  private let ones = Matrix(rows: 100, columns: 101, repeating: 1)

  private func dropped(_ rate: Double, step: Int = 3, sequence: Int = 2, seed: UInt64 = 1, of layer: LinearName? = nil)
    -> Matrix
  {
    InputDropout(rate: rate, seed: seed, step: step, sequence: sequence).applied(to: ones, of: layer ?? self.layer)
  }

  @Test(arguments: [0, 0.1, 0.75]) func `a share is dropped, and the rest divided by what is left`(rate: Double) {
    let found = dropped(rate).elements
    let kept = found.filter { $0 != 0 }
    #expect(kept.allSatisfy { $0 == Float(1 / (1 - rate)) })
    // Four standard errors of 10,100 draws.
    #expect(abs(1 - Double(kept.count) / 10_100 - rate) <= 4 * (rate * (1 - rate) / 10_100).squareRoot())
  }

  @Test func `what is dropped depends on seed, step, sequence and layer, and on nothing else`() {
    let found = dropped(0.5)
    #expect(dropped(0.5) == found)
    let others = [
      dropped(0.5, step: 2), dropped(0.5, sequence: 3), dropped(0.5, step: 2, sequence: 3), dropped(0.5, seed: 2),
      dropped(0.5, of: LinearName(block: 0, path: "fc1")), dropped(0.5, of: LinearName(block: 1, path: "fc2")),
    ]
    for other in others {
      let same = zip(found.elements, other.elements).count { $0 == $1 }
      // Half of 10,100, within four standard errors of 50.
      #expect(abs(same - 5050) < 200)
    }
  }

  @Test func `the gradient is dropped where the input was`() {
    let dropout = InputDropout(rate: 0.3, seed: 1, step: 0, sequence: 0)
    let x = randomMatrix(5, 7, seed: 1)
    let (input, gradient) = (
      dropout.applied(to: x, of: layer), dropout.applied(to: ones.rows(0..<5).columns(0..<7), of: layer)
    )
    #expect(zip(input.elements, gradient.elements).allSatisfy { ($0 == 0) == ($1 == 0) })
  }
}
