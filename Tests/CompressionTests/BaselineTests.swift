import Compression
import Tensors
import TestModels
import Testing

@Suite struct BaselineTests {
  private func magnitude(_ pattern: SparsityPattern, _ weight: Matrix) throws -> [Float] {
    try MagnitudePruning(pattern).compressed(weight, for: .nothing, workers: Workers(threadCount: 1)).weight.elements
  }

  private func norms(_ inputs: Matrix...) -> InputStatistics {
    var statistics = InputStatistics(.columnNorms, width: inputs[0].columnCount)
    for input in inputs { statistics.add(input) }
    return statistics
  }

  private func wanda(_ pattern: SparsityPattern, _ weight: Matrix, _ norms: InputStatistics) throws -> [Float] {
    try Wanda(pattern).compressed(weight, for: norms, workers: Workers(threadCount: 1)).weight.elements
  }

  @Test func `magnitude removes what is not above the number at the share's place`() throws {
    let weight = Matrix(rows: 2, columns: 3, [5, -1, 4, -2, 3, 6])
    // Sorted 1 2 3 4 5 6, of which half is 3: the fourth, 4, is the limit.
    #expect(try magnitude(.unstructured(0.5), weight) == [5, 0, 0, 0, 0, 6])
    #expect(try magnitude(.unstructured(0), weight) == [5, 0, 4, -2, 3, 6])
    let equal = Matrix(rows: 1, columns: 4, [1, -1, 1, 2])
    #expect(try magnitude(.unstructured(0.25), equal) == [0, 0, 0, 2])
  }

  @Test func `magnitude by groups takes the smallest of each, of equal ones the first`() throws {
    let weight = Matrix(rows: 1, columns: 10, [4, -1, 3, 2, 5, -5, 5, 5, 9, 8])
    // The last group has two columns, and both go.
    #expect(try magnitude(.ofEach(zeros: 2, of: 4), weight) == [4, 0, 3, 0, 0, 0, 5, 5, 0, 0])
  }

  @Test func `a limit is found among many numbers`() throws {
    for count in [1, 2, 3, 1000] {
      let weight = randomMatrix(1, count, seed: UInt64(count))
      for share in [0, 0.1, 0.5, 0.9] {
        let limit = weight.elements.map(abs).sorted()[Int(Double(count) * share)]
        #expect(
          try magnitude(.unstructured(share), weight) == weight.elements.map { abs($0) <= limit ? 0 : $0 })
      }
    }
  }

  @Test func `Wanda weighs by the norms of the inputs, row by row`() throws {
    // Squares summed over tokens, and their mean over two sequences: (9 + 16 + 0 + 0) / 2, (0 + 0 + 4 + 0) / 2 and so on.
    let norms = norms(
      Matrix(rows: 2, columns: 4, [3, 0, 1, 0, 4, 0, 1, 0]), Matrix(rows: 1, columns: 4, [0, 2, 1, 0]))
    guard case .columnNorms(let found) = norms else { throw WrongKind() }
    #expect(found.meanSquares == [12.5, 2, 1.5, 0])
    // |w| ‖x‖: 3.5 2.8 2.4 0 and 3.5 5.7 6.1 0.
    let weight = Matrix(rows: 2, columns: 4, [1, 2, -2, 50, 1, 4, -5, 50])
    #expect(try wanda(.unstructured(0.5), weight, norms) == [1, 2, 0, 0, 0, 4, -5, 0])
    #expect(try wanda(.ofEach(zeros: 1, of: 2), weight, norms) == [1, 0, -2, 0, 0, 4, -5, 0])
  }

  private struct WrongKind: Error {}

  @Test func `Wanda counts exactly, and takes the first of equal ones`() throws {
    let norms = norms(Matrix(rows: 1, columns: 5, repeating: 1))
    let weight = Matrix(rows: 1, columns: 5, [1, 1, -1, 1, 1])
    #expect(try wanda(.unstructured(0.5), weight, norms) == [0, 0, -1, 1, 1])
    #expect(try wanda(.unstructured(0), weight, norms) == [1, 1, -1, 1, 1])
  }

  @Test func `with inputs of one size Wanda is magnitude by rows`() throws {
    let norms = norms(Matrix(rows: 3, columns: 20, repeating: 1))
    let weight = randomMatrix(70, 20, seed: 3)
    let found = try wanda(.unstructured(0.3), weight, norms)
    for row in 0..<70 {
      let smallest = (0..<20).sorted { abs(weight[row, $0]) < abs(weight[row, $1]) }.prefix(6)
      #expect((0..<20).filter { found[row * 20 + $0] == 0 } == smallest.sorted())
    }
  }

  @Test func `rounding to nearest takes each weight's code on its group's grid`() throws {
    let weight = Matrix(rows: 1, columns: 5, [-1, 0.4, 2.5, 7, 3.2])
    let method = RoundToNearest(Quantizer(bits: 3, groupSize: 3))
    let found = try method.compressed(weight, for: .nothing, workers: Workers(threadCount: 1))
    // From -1 to 2.5 in steps of 1/2, and from 0 to 7 in steps of 1.
    #expect(found.codes == [0, 3, 7, 7, 3] && found.scales == [0.5, 1] && found.zeros == [2, 0])
    #expect(found.weight.elements == [-1, 0.5, 2.5, 7, 3])
    // 3 bits for each weight; 16 for a group's scale and 3 for its zero.
    #expect(found.bitsPerWeight == 3 + Double(2 * 19) / 5)
    #expect(found.quantization?.groups == [0, 0, 0, 1, 1] && found.error == nil)
  }

  @Test func `what is left of a pruned weight is counted in halves, and a bit a place for where`() throws {
    let weight = Matrix(rows: 2, columns: 4, [1, 2, 3, 4, 5, 6, 7, 8])
    let found = try MagnitudePruning(.ofEach(zeros: 2, of: 4))
      .compressed(weight, for: .nothing, workers: Workers(threadCount: 1))
    #expect(found.zeroCount == 4 && found.bitsPerWeight == 16.0 / 2 + 1)
  }
}
