import Compression
import Tensors
import TestModels
import Testing

@Suite struct SparseGPTTests {
  private static let patterns: [SparsityPattern] = [
    .unstructured(0.5), .unstructured(0.29), .ofEach(zeros: 2, of: 4), .ofEach(zeros: 1, of: 3),
    .ofEach(zeros: 5, of: 12),
  ]

  @Test(arguments: patterns, [6, 12, 24])
  func `it is optimal brain surgeon, column by column`(pattern: SparsityPattern, blockSize: Int) throws {
    if case .ofEach(_, let width) = pattern, blockSize % width != 0 { return }
    let weight = randomMatrix(4, 20, seed: 16)
    for quantizer in [nil, Quantizer(bits: 4), Quantizer(bits: 3, groupSize: 8)] {
      for dead: Set<Int> in [[], [0, 9, 19]] {
        let hessian = SmallHessians.random(20, dead: dead)
        let found = try SparseGPT(pattern, quantizer: quantizer, blockSize: blockSize)
          .compressed(weight, hessian: hessian)
        let expected = BrainSurgeon(quantizer: quantizer, pattern: pattern, blockSize: blockSize)
          .compress(weight, hessian: hessian)
        // R and twenty corrections in floats shift a value by some 1e-5: a decision that close is left out.
        guard expected.nearestTie > 1e-4 else { continue }
        #expect(found.weight.elements.map { $0 == 0 } == expected.weight.map { $0 == 0 })
        #expect(zip(found.weight.elements, expected.weight).allSatisfy { abs(Double($0) - $1) < 1e-4 })
        if quantizer != nil { #expect(found.codes.map(Int.init) == expected.codes) }
        #expect(abs((found.error ?? 0) / expected.error - 1) < 1e-3)
      }
    }
  }

  @Test(arguments: patterns)
  func `inputs that say nothing of one another make it remove the smallest of a block`(
    pattern: SparsityPattern
  ) throws {
    let weight = randomMatrix(6, 12, seed: 1)
    let found = try SparseGPT(pattern, blockSize: 12).compressed(weight, hessian: SmallHessians.identity(12))
    let expected = try MagnitudePruning(pattern).compressed(weight, for: .nothing, workers: Workers(threadCount: 1))
    #expect(found.weight == expected.weight)
    // And block by block: of columns 0 to 5, of columns 6 to 11.
    guard case .unstructured = pattern else { return }
    let halves = try SparseGPT(pattern, blockSize: 6).compressed(weight, hessian: SmallHessians.identity(12))
    for columns in [0..<6, 6..<12] {
      let half = try MagnitudePruning(pattern)
        .compressed(weight.columns(columns), for: .nothing, workers: Workers(threadCount: 1))
      #expect(halves.weight.columns(columns) == half.weight)
    }
  }

  @Test func `the reference's rule takes one more than the share of each block, the other the share`() throws {
    let weight = randomMatrix(10, 20, seed: 2)
    let hessian = SmallHessians.random(20)
    func zeros(_ counting: SparseGPT.Counting, _ share: Double) throws -> [Int] {
      let found = try SparseGPT(.unstructured(share), counting: counting, blockSize: 10)
        .compressed(weight, hessian: hessian).weight
      return [0..<10, 10..<20].map { found.columns($0).elements.count { $0 == 0 } }
    }
    #expect(try zeros(.byThreshold, 0.5) == [51, 51])
    #expect(try zeros(.exactly, 0.5) == [50, 50])
    // 0.29 · 100 is a little below 29 in binary.
    #expect(try zeros(.byThreshold, 0.29) == [29, 29])
    #expect(try zeros(.exactly, 0.29) == [28, 28])
    #expect(try zeros(.exactly, 0) == [0, 0])
  }

  @Test func `of equal scores the reference's rule takes all, the other the first`() throws {
    let weight = Matrix(rows: 3, columns: 2, [1, 1, 1, 1, 1, 1])
    let hessian = SmallHessians.identity(2)
    let all = try SparseGPT(.unstructured(0.5)).compressed(weight, hessian: hessian)
    #expect(all.weight.elements == [0, 0, 0, 0, 0, 0])
    let exact = try SparseGPT(.unstructured(0.5), counting: .exactly).compressed(weight, hessian: hessian)
    #expect(exact.weight.elements == [0, 0, 0, 1, 1, 1])
  }

  @Test func `two of every four weights are zero after 2 to 4 pruning, and the ends as far as they go`() throws {
    let weight = randomMatrix(300, 22, seed: 3)
    let found = try SparseGPT(.ofEach(zeros: 2, of: 4), blockSize: 8)
      .compressed(weight, hessian: SmallHessians.random(22)).weight
    for row in 0..<300 {
      for start in stride(from: 0, to: 20, by: 4) {
        #expect(found.row(row)[start..<start + 4].count { $0 == 0 } == 2)
      }
      #expect(found.row(row)[20...].allSatisfy { $0 == 0 })
    }
  }

  @Test func `the size of the inputs does not matter`() throws {
    let weight = randomMatrix(7, 12, seed: 4)
    let inputs = SmallHessians.correlatedInputs(50, 12, seed: 5)
    var (small, large) = (Hessian(width: 12), Hessian(width: 12))
    small.add(inputs)
    var scaled = inputs
    scaled.multiply(by: 16)
    large.add(scaled)
    let method = SparseGPT(.unstructured(0.5), blockSize: 4)
    // A power of two changes no digit.
    #expect(try method.compressed(weight, hessian: small).weight == method.compressed(weight, hessian: large).weight)
  }

  @Test func `weights that are left are corrected, and the output is nearer than without`() throws {
    let weight = randomMatrix(12, 32, seed: 8)
    let inputs = SmallHessians.correlatedInputs(100, 32, seed: 9)
    var hessian = Hessian(width: 32)
    hessian.add(inputs)
    let method = SparseGPT(.unstructured(0.5), blockSize: 16)
    let found = try method.compressed(weight, hessian: hessian).weight
    let uncorrected = try #require(try method.uncorrected(weight, workers: Workers(threadCount: 1)))
    func outputError(_ pruned: Matrix) -> Double {
      zip(inputs.times(transposed: weight).elements, inputs.times(transposed: pruned).elements)
        .reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }
    #expect(outputError(found) < 0.7 * outputError(uncorrected))
    #expect(zip(found.elements, weight.elements).contains { $0 != 0 && $0 != $1 })
  }

  @Test(arguments: patterns)
  func `any number of threads gives the same bits`(pattern: SparsityPattern) throws {
    // 600 rows are three pieces of at most 256.
    let weight = randomMatrix(600, 24, seed: 10)
    let method = SparseGPT(pattern, counting: .exactly, quantizer: Quantizer(bits: 4), blockSize: 12)
    let hessian = SmallHessians.random(24)
    let one = try method.compressed(weight, hessian: hessian)
    for threadCount in [2, 3] {
      let found = try method.compressed(weight, hessian: hessian, threadCount: threadCount)
      #expect(found.weight == one.weight && found.codes == one.codes && found.error == one.error)
    }
  }
}
