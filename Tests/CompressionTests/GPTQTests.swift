import Compression
import Tensors
import TestModels
import Testing

@Suite struct GPTQTests {
  private let workers = Workers(threadCount: 1)

  /// The Hessian of random inputs that have something in common; those of `dead` are always zero.
  private func hessian(_ width: Int, tokens: Int = 60, dead: Set<Int> = [], seed: UInt64 = 3) -> Hessian {
    var hessian = Hessian(width: width)
    for sequence in 0..<2 as Range<UInt64> {
      hessian.add(correlatedInputs(tokens, width, dead: dead, seed: seed + sequence))
    }
    return hessian
  }

  private func correlatedInputs(_ tokens: Int, _ width: Int, dead: Set<Int> = [], seed: UInt64) -> Matrix {
    var inputs = randomMatrix(tokens, width, seed: 100 + seed)
    let common = randomMatrix(tokens, 1, seed: 200 + seed)
    for token in 0..<tokens {
      for column in 0..<width {
        inputs[token, column] = dead.contains(column) ? 0 : inputs[token, column] + common[token, 0]
      }
    }
    return inputs
  }

  /// A multiple of the identity.
  private func identity(_ width: Int) -> Hessian {
    var hessian = Hessian(width: width)
    var input = Matrix(rows: width, columns: width)
    for column in 0..<width { input[column, column] = 1 }
    hessian.add(input)
    return hessian
  }

  private func rounded(_ weight: Matrix, bits: Int, groupSize: Int) -> [UInt8] {
    (0..<weight.rowCount).flatMap { row in
      stride(from: 0, to: weight.columnCount, by: groupSize).flatMap { start in
        let group = Array(weight.row(row)[start..<min(start + groupSize, weight.columnCount)])
        let grid = group.withUnsafeBufferPointer { QuantizationGrid(fitting: $0, bits: bits) }
        return group.map { UInt8(grid.code(of: $0)) }
      }
    }
  }

  @Test(arguments: [2, 3, 4, 8], [nil, 4, 5, 64])
  func `inputs that say nothing of one another make it round to nearest`(bits: Int, groupSize: Int?) throws {
    let weight = randomMatrix(6, 18, seed: 1)
    let method = GPTQ(bits: bits, groupSize: groupSize, blockSize: 7)
    let found = try method.quantized(weight, hessian: identity(18), workers: workers)
    #expect(found.codes == rounded(weight, bits: bits, groupSize: groupSize ?? 18))
  }

  @Test func `one row by hand`() throws {
    // Of two sequences one is silent, so H = XᵀX = (4 2 0; 2 2 0; 0 0 1), and H⁻¹ = (1/2 -1/2 0; -1/2 1 0; 0 0 1).
    var hessian = Hessian(width: 3)
    hessian.add(Matrix(rows: 1, columns: 3))
    hessian.add(Matrix(rows: 3, columns: 3, [2, 1, 0, 0, 1, 0, 0, 0, 1]))
    #expect(hessian.matrix.elements == [4, 2, 0, 2, 2, 0, 0, 0, 1])
    // 3 bits from 0 to 7: steps of 1. 2.375 becomes 2; its error of 3/8 moves 4.25 by -3/8 · (-1/2) / (1/2) = 3/8
    // to 4.625, which becomes 5.
    let method = GPTQ(bits: 3, dampeningFraction: 0)
    let found = try method.quantized(
      Matrix(rows: 1, columns: 3, [2.375, 4.25, 7]), hessian: hessian, workers: workers)
    #expect(found.codes == [2, 5, 7])
    #expect(found.weight.elements == [2, 5, 7])
    #expect(found.scales.elements == [1] && found.zeros.elements == [0])
    // ½ (3/8)² / (1/2), and the same again: what is left of H for the second weight is (2), its inverse 1/2.
    #expect(abs(found.error - 9.0 / 32) < 1e-6)  // a few roundings of U
  }

  @Test(
    arguments: [
      (groupSize: nil, blockSize: 1), (nil, 5), (nil, 32), (nil, 128), (8, 5), (5, 32), (8, 3), (6, 6), (2, 4), (64, 5),
    ] as [(groupSize: Int?, blockSize: Int)])
  func `it is optimal brain surgeon, column by column`(groupSize: Int?, blockSize: Int) throws {
    let weight = randomMatrix(4, 20, seed: 16)
    for dead: Set<Int> in [[], [0, 9, 19]] {
      let hessian = hessian(20, dead: dead)
      let method = GPTQ(bits: 3, groupSize: groupSize, blockSize: blockSize)
      let found = try method.quantized(weight, hessian: hessian, workers: workers)
      let expected = BrainSurgeon(weight, hessian: hessian, method: method)
      // U and twenty corrections in floats shift a value by some 1e-5 steps: no decision is that close.
      try #require(expected.nearestTie > 1e-4)
      #expect(found.codes.map(Int.init) == expected.codes)
      #expect(zip(found.weight.elements, expected.weight).allSatisfy { abs(Double($0) - $1) < 1e-4 })
      // The squares of errors that are themselves right to about 1e-5.
      #expect(abs(found.error / expected.error - 1) < 1e-4)
    }
  }

  @Test func `the size of the blocks does not matter`() throws {
    let weight = randomMatrix(9, 50, seed: 4)
    let hessian = hessian(50)
    let whole = try GPTQ(bits: 4, blockSize: 50).quantized(weight, hessian: hessian, workers: workers)
    for blockSize in [1, 5, 32, 49] {
      let found = try GPTQ(bits: 4, blockSize: blockSize).quantized(weight, hessian: hessian, workers: workers)
      #expect(found.codes == whole.codes)
      #expect(found.weight == whole.weight)  // to the bit: the grids come from the unchanged weights
    }
  }

  @Test(arguments: [nil, 4, 7] as [Int?])
  func `each value is its code on the grid of its group`(groupSize: Int?) throws {
    let found = try GPTQ(bits: 3, groupSize: groupSize, blockSize: 6)
      .quantized(randomMatrix(5, 18, seed: 5), hessian: hessian(18), workers: workers)
    #expect(found.groupSize == groupSize ?? 18)
    #expect(found.scales.columnCount == (18 + found.groupSize - 1) / found.groupSize)
    for row in 0..<5 {
      for column in 0..<18 {
        let group = column / found.groupSize
        let code = Float(found.codes[row * 18 + column])
        #expect(code <= 7)
        #expect(found.weight[row, column] == found.scales[row, group] * (code - found.zeros[row, group]))
      }
    }
  }

  @Test func `the weights of dead inputs become zero`() throws {
    let weight = randomMatrix(4, 10, seed: 6)
    for groupSize: Int? in [nil, 3] {
      let found = try GPTQ(bits: 3, groupSize: groupSize)
        .quantized(weight, hessian: hessian(10, dead: [0, 4, 9]), workers: workers)
      for row in 0..<4 {
        for column in [0, 4, 9] { #expect(found.weight[row, column] == 0) }
        #expect(found.weight[row, 1] != 0 || found.weight[row, 2] != 0)
      }
    }
  }

  @Test func `a row's grid knows the weights of dead inputs, a group's does not`() throws {
    var hessian = Hessian(width: 4)
    hessian.add(Matrix(rows: 2, columns: 4, [1, 0, 2, 0, 2, 0, 1, 0]))
    let weight = Matrix(rows: 1, columns: 4, [3.5, 70, 1, 0])
    // 70 in 7 steps; and 3.5 in 7 steps, though 70 is in the group.
    let whole = try GPTQ(bits: 3).quantized(weight, hessian: hessian, workers: workers)
    #expect(whole.scales.elements == [10])
    let grouped = try GPTQ(bits: 3, groupSize: 2).quantized(weight, hessian: hessian, workers: workers)
    #expect(grouped.scales[0, 0] == 0.5)
    #expect(whole.weight[0, 1] == 0 && grouped.weight[0, 1] == 0)
  }

  @Test func `a row of the smallest floats is quantized to zeros`() throws {
    let weight = Matrix(rows: 2, columns: 2, [.leastNonzeroMagnitude, 0, 1, -1])
    let found = try GPTQ(bits: 3).quantized(weight, hessian: hessian(2), workers: workers)
    #expect(found.weight.row(0) == [0, 0])
  }

  @Test func `a Hessian that is not positive definite is named by its minor`() throws {
    // H = (4 4 0; 4 4 0; 0 0 1): the leading minor of order 2 is 0.
    var hessian = Hessian(width: 3)
    hessian.add(Matrix(rows: 1, columns: 3))
    hessian.add(Matrix(rows: 2, columns: 3, [2, 2, 0, 0, 0, 1]))
    let weight = randomMatrix(2, 3, seed: 7)
    let error = #expect(throws: FactorizationError.self) {
      try GPTQ(bits: 3, dampeningFraction: 0).quantized(weight, hessian: hessian, workers: workers)
    }
    #expect(error?.failingMinor == 2)
    // Dampening makes it definite.
    _ = try GPTQ(bits: 3).quantized(weight, hessian: hessian, workers: workers)
  }

  @Test func `a Hessian with a NaN has no factor of any order`() throws {
    var hessian = Hessian(width: 2)
    hessian.add(Matrix(rows: 1, columns: 2, [.nan, 1]))
    let error = #expect(throws: FactorizationError.self) {
      try GPTQ(bits: 3).quantized(randomMatrix(2, 2, seed: 7), hessian: hessian, workers: workers)
    }
    #expect(error?.failingMinor == 0)
  }

  @Test(arguments: [nil, 8] as [Int?])
  func `the output is nearer than that of rounding to nearest`(groupSize: Int?) throws {
    let weight = randomMatrix(12, 32, seed: 8)
    let inputs = correlatedInputs(100, 32, seed: 9)
    var hessian = Hessian(width: 32)
    hessian.add(inputs)
    let method = GPTQ(bits: 3, groupSize: groupSize)
    func outputError(_ quantized: Matrix) -> Double {
      zip(inputs.times(transposed: weight).elements, inputs.times(transposed: quantized).elements)
        .reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }
    let corrected = try method.quantized(weight, hessian: hessian, workers: workers)
    let nearest = try method.quantized(weight, hessian: identity(32), workers: workers)
    #expect(outputError(corrected.weight) < 0.7 * outputError(nearest.weight))  // found: 0.5 to 0.6
  }

  @Test(arguments: [nil, 5] as [Int?])
  func `any number of threads gives the same bits`(groupSize: Int?) throws {
    // 150 rows are three pieces of at most 64.
    let weight = randomMatrix(150, 24, seed: 10)
    let method = GPTQ(bits: 3, groupSize: groupSize, blockSize: 9)
    let hessian = hessian(24)
    let one = try method.quantized(weight, hessian: hessian, workers: Workers(threadCount: 1))
    #expect(one.weight.rowCount == 150 && one.codes.count == 150 * 24 && one.scales.rowCount == 150)
    for threadCount in [2, 3] {
      let found = try method.quantized(weight, hessian: hessian, workers: Workers(threadCount: threadCount))
      #expect(found.weight == one.weight && found.codes == one.codes)
      #expect(found.scales == one.scales && found.zeros == one.zeros)
      #expect(found.error == one.error)
    }
  }
}
