import Compression
import Tensors
import TestModels
import Testing

@Suite struct GPTQTests {
  private func gptq(
    _ bits: Int = 3, groupSize: Int? = nil, isSymmetric: Bool = false, ordersByActivation: Bool = false,
    hasStaticGroups: Bool = false, blockSize: Int = 128, dampening: Dampening = Dampening()
  ) -> GPTQ {
    GPTQ(
      Quantizer(bits: bits, isSymmetric: isSymmetric, groupSize: groupSize), ordersByActivation: ordersByActivation,
      hasStaticGroups: hasStaticGroups, blockSize: blockSize, dampening: dampening)
  }

  @Test(arguments: [2, 3, 4, 8], [nil, 4, 5, 64])
  func `inputs that say nothing of one another make it round to nearest`(bits: Int, groupSize: Int?) throws {
    let weight = randomMatrix(6, 18, seed: 1)
    for isSymmetric in [false, true] {
      let method = gptq(bits, groupSize: groupSize, isSymmetric: isSymmetric, blockSize: 7)
      let found = try method.compressed(weight, hessian: SmallHessians.identity(18))
      let expected = try RoundToNearest(method.quantizer)
        .compressed(weight, for: .nothing, workers: Workers(threadCount: 1))
      #expect(found.codes == expected.codes && found.weight == expected.weight)
      #expect(found.scales == expected.scales && found.zeros == expected.zeros)
    }
  }

  @Test func `one row by hand`() throws {
    // Of two sequences one is silent, so H = XᵀX = (4 2 0; 2 2 0; 0 0 1), and H⁻¹ = (1/2 -1/2 0; -1/2 1 0; 0 0 1).
    var hessian = Hessian(width: 3)
    hessian.add(Matrix(rows: 1, columns: 3))
    hessian.add(Matrix(rows: 3, columns: 3, [2, 1, 0, 0, 1, 0, 0, 0, 1]))
    #expect(hessian.matrix.elements == [4, 2, 0, 2, 2, 0, 0, 0, 1])
    // 3 bits from 0 to 7: steps of 1. 2.375 becomes 2; its error of 3/8 moves 4.25 by -3/8 · (-1/2) / (1/2) = 3/8
    // to 4.625, which becomes 5.
    let found = try gptq(dampening: Dampening(0)).compressed(
      Matrix(rows: 1, columns: 3, [2.375, 4.25, 7]), hessian: hessian)
    #expect(found.codes == [2, 5, 7])
    #expect(found.weight.elements == [2, 5, 7])
    #expect(found.scales == [1] && found.zeros == [0])
    // ½ (3/8)² / (1/2), and the same again: what is left of H for the second weight is (2), its inverse 1/2.
    #expect(abs((found.error ?? 0) - 9.0 / 32) < 1e-6)  // a few roundings of R
  }

  @Test(
    arguments: [
      (groupSize: nil, blockSize: 1), (nil, 5), (nil, 32), (nil, 128), (8, 5), (5, 32), (8, 3), (6, 6), (2, 4), (64, 5),
    ] as [(groupSize: Int?, blockSize: Int)], [false, true])
  func `it is optimal brain surgeon, column by column`(
    _ sizes: (groupSize: Int?, blockSize: Int), ordersByActivation: Bool
  ) throws {
    let weight = randomMatrix(4, 20, seed: 16)
    for dead: Set<Int> in [[], [0, 9, 19]] {
      for (isSymmetric, hasStaticGroups) in [(false, false), (true, true), (false, true)] {
        let hessian = SmallHessians.random(20, dead: dead)
        let method = gptq(
          groupSize: sizes.groupSize, isSymmetric: isSymmetric, ordersByActivation: ordersByActivation,
          hasStaticGroups: hasStaticGroups, blockSize: sizes.blockSize)
        let found = try method.compressed(weight, hessian: hessian)
        let expected = BrainSurgeon(
          quantizer: method.quantizer, ordersByActivation: ordersByActivation, hasStaticGroups: hasStaticGroups,
          blockSize: sizes.blockSize
        ).compress(weight, hessian: hessian)
        // R and twenty corrections in floats shift a value by some 1e-5 steps: a decision that close is left out.
        guard expected.nearestTie > 1e-4 else { continue }
        #expect(found.codes.map(Int.init) == expected.codes)
        #expect(zip(found.weight.elements, expected.weight).allSatisfy { abs(Double($0) - $1) < 1e-4 })
        // The squares of errors that are themselves right to about 1e-5.
        #expect(abs((found.error ?? 0) / expected.error - 1) < 1e-4)
      }
    }
  }

  @Test func `the size of the blocks does not matter`() throws {
    let weight = randomMatrix(9, 50, seed: 4)
    let hessian = SmallHessians.random(50)
    let whole = try gptq(4, blockSize: 50).compressed(weight, hessian: hessian)
    for blockSize in [1, 5, 32, 49] {
      let found = try gptq(4, blockSize: blockSize).compressed(weight, hessian: hessian)
      #expect(found.codes == whole.codes)
      #expect(found.weight == whole.weight)  // to the bit: the grids come from the unchanged weights
    }
  }

  @Test(arguments: [nil, 4, 7] as [Int?], [(false, false), (true, false), (true, true)])
  func `each value is its code on the grid of its group`(
    groupSize: Int?, _ order: (byActivation: Bool, isStatic: Bool)
  ) throws {
    let method = gptq(
      groupSize: groupSize, ordersByActivation: order.byActivation, hasStaticGroups: order.isStatic, blockSize: 6)
    let found = try method.compressed(randomMatrix(5, 18, seed: 5), hessian: SmallHessians.random(18))
    let quantization = try #require(found.quantization)
    let size = groupSize ?? 18
    #expect(quantization.scales.columnCount == (18 + size - 1) / size)
    #expect(quantization.order.sorted() == Array(0..<18) && (quantization.order == Array(0..<18)) != order.byActivation)
    for (place, column) in quantization.order.enumerated() {
      #expect(quantization.groups[column] == (order.isStatic ? column : place) / size)
    }
    for row in 0..<5 {
      for column in 0..<18 {
        let group = quantization.groups[column]
        let code = Float(quantization.codes[row * 18 + column])
        #expect(code <= 7)
        #expect(
          found.weight[row, column] == quantization.scales[row, group] * (code - quantization.zeros[row, group]))
      }
    }
  }

  @Test func `columns come in the order of their inputs' squares, those of dead inputs counting as one`() throws {
    var hessian = Hessian(width: 4)
    // The diagonal of H is 2 · (0, 1/4, 1, 9) and so 1, 1/2, 2, 18 where the dead one is taken as one.
    hessian.add(Matrix(rows: 1, columns: 4, [0, 0.5, 1, 3]))
    let factor = try HessianFactor(
      hessian, dampening: Dampening(), ordersByActivation: true, workers: Workers(threadCount: 1))
    #expect(factor.order == [3, 2, 0, 1])
  }

  @Test func `the weights of dead inputs become zero`() throws {
    let weight = randomMatrix(4, 10, seed: 6)
    for groupSize: Int? in [nil, 3] {
      let found = try gptq(groupSize: groupSize)
        .compressed(weight, hessian: SmallHessians.random(10, dead: [0, 4, 9]))
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
    let whole = try gptq().compressed(weight, hessian: hessian)
    #expect(whole.scales == [10])
    let grouped = try gptq(groupSize: 2).compressed(weight, hessian: hessian)
    #expect(grouped.scales[0] == 0.5)
    #expect(whole.weight[0, 1] == 0 && grouped.weight[0, 1] == 0)
  }

  @Test func `a row of the smallest floats is quantized to zeros`() throws {
    let weight = Matrix(rows: 2, columns: 2, [.leastNonzeroMagnitude, 0, 1, -1])
    let found = try gptq().compressed(weight, hessian: SmallHessians.random(2))
    #expect(found.weight.row(0) == [0, 0])
  }

  @Test(arguments: [nil, 8] as [Int?])
  func `the output is nearer than that of rounding to nearest`(groupSize: Int?) throws {
    let weight = randomMatrix(12, 32, seed: 8)
    let inputs = SmallHessians.correlatedInputs(100, 32, seed: 9)
    var hessian = Hessian(width: 32)
    hessian.add(inputs)
    let method = gptq(groupSize: groupSize)
    func outputError(_ quantized: Matrix) -> Double {
      zip(inputs.times(transposed: weight).elements, inputs.times(transposed: quantized).elements)
        .reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }
    let corrected = try method.compressed(weight, hessian: hessian)
    let nearest = try #require(try method.uncorrected(weight, workers: Workers(threadCount: 1)))
    #expect(outputError(corrected.weight) < 0.7 * outputError(nearest))  // found: 0.5 to 0.6
  }

  @Test(arguments: [nil, 5] as [Int?])
  func `any number of threads gives the same bits`(groupSize: Int?) throws {
    // 600 rows are three pieces of at most 256.
    let weight = randomMatrix(600, 24, seed: 10)
    let method = gptq(groupSize: groupSize, blockSize: 9)
    let hessian = SmallHessians.random(24)
    let one = try method.compressed(weight, hessian: hessian)
    #expect(one.weight.rowCount == 600 && one.codes.count == 600 * 24)
    for threadCount in [2, 3] {
      let found = try method.compressed(weight, hessian: hessian, threadCount: threadCount)
      #expect(found.weight == one.weight && found.codes == one.codes)
      #expect(found.scales == one.scales && found.zeros == one.zeros)
      #expect(found.error == one.error)
    }
  }
}
