import Compression
import Tensors
import TestModels
import Testing

@Suite struct HessianTests {
  @Test func `two sequences by hand`() {
    var hessian = Hessian(width: 2)
    #expect(hessian.matrix == Matrix(rows: 2, columns: 2))
    // X = (1 2; 3 4): XᵀX = (10 14; 14 20), and H = 2/1 of it.
    hessian.add(Matrix(rows: 2, columns: 2, [1, 2, 3, 4]))
    #expect(nearly(hessian.matrix, [20, 28, 28, 40]))
    // X = (6 0): XᵀX = (36 0; 0 0), and H = 2/2 of the sum.
    hessian.add(Matrix(rows: 1, columns: 2, [6, 0]))
    #expect(nearly(hessian.matrix, [46, 14, 14, 20]))
    #expect(hessian.sequenceCount == 2)
  }

  @Test(arguments: [1, 2, 3, 7, 20])
  func `after k sequences it is 2 over k times their sum`(k: Int) {
    var hessian = Hessian(width: 5)
    var sum = [Double](repeating: 0, count: 25)
    for number in 0..<k {
      // Sequences of different lengths: the sum runs over tokens, the mean over sequences.
      let input = randomMatrix(3 + number % 4, 5, seed: UInt64(number))
      hessian.add(input)
      for token in 0..<input.rowCount {
        for row in 0..<5 {
          for column in 0..<5 { sum[row * 5 + column] += Double(input[token, row]) * Double(input[token, column]) }
        }
      }
    }
    #expect(nearly(hessian.matrix, sum.map { $0 * 2 / Double(k) }))
  }

  @Test func `an input that never fires has zeros in its row and column`() {
    var hessian = Hessian(width: 3)
    hessian.add(Matrix(rows: 2, columns: 3, [1, 0, 2, 3, 0, 4]))
    hessian.add(Matrix(rows: 1, columns: 3, [5, 0, 6]))
    for index in 0..<3 { #expect(hessian.matrix[1, index] == 0 && hessian.matrix[index, 1] == 0) }
  }

  // Each sequence scales H and X once and adds a few products: some 2⁻²⁴ of the largest entry for each of at most 20.
  private func nearly(_ found: Matrix, _ expected: [Double]) -> Bool {
    let largest = expected.map(abs).max() ?? 0
    return zip(found.elements, expected).allSatisfy { abs(Double($0) - $1) <= 4e-6 * largest }
  }
}
