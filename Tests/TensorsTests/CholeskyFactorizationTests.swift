import Tensors
import Testing

@Suite struct CholeskyFactorizationTests {
  private let workers = Workers(threadCount: 1)

  @Test func `two by two by hand`() throws {
    // R = (2  4 ; 0  2): R Rᵀ = (20  8 ; 8  4).
    let factor = try Matrix(rows: 2, columns: 2, [20, 8, 8, 4]).upperFactor(workers: workers)
    #expect(factor.elements == [2, 4, 0, 2])
    // R⁻¹ = (1/2  -1 ; 0  1/2)
    #expect(factor.inverseOfUpperTriangle(0..<2).elements == [0.5, -1, 0, 0.5])
    #expect(factor.inverseOfUpperTriangle(1..<2).elements == [0.5])
  }

  @Test func `one by one is the root`() throws {
    #expect(try Matrix(rows: 1, columns: 1, [4]).upperFactor(workers: workers).elements == [2])
  }

  /// Positive definite: the eigenvalues lie between n and about 7n.
  private func random(_ order: Int) -> Matrix {
    let random = randomMatrix(2 * order, order, seed: UInt64(order))
    var matrix = random.transposedTimes(random)
    for index in 0..<order { matrix[index, index] += Float(order) }
    return matrix
  }

  // 256 columns are factorized at once: 300 are two blocks, 700 three.
  @Test(arguments: [3, 8, 33, 256, 300, 700]) func `R Rᵀ is the matrix`(order: Int) throws {
    let matrix = random(order)
    let factor = try matrix.upperFactor(workers: workers)
    for row in 0..<order {
      for column in 0..<row { #expect(factor[row, column] == 0) }
      #expect(factor[row, row] > 0)
    }
    // Sums of up to n products of numbers that are together as large as the entry: some units of 6e-8 of it.
    #expect(factor.times(transposed: factor).largestDifference(from: matrix) < 2e-6 * Float(7 * order))
  }

  @Test func `the inverse of a part is the part of the inverse`() throws {
    let factor = try random(40).upperFactor(workers: workers)
    let whole = factor.inverseOfUpperTriangle(0..<40)
    let part = factor.inverseOfUpperTriangle(10..<25)
    var expected = Matrix(rows: 15, columns: 15)
    for row in 0..<15 { for column in 0..<15 { expected[row, column] = whole[10 + row, 10 + column] } }
    #expect(part.largestDifference(from: expected) < 1e-6)
    var identity = Matrix(rows: 40, columns: 40)
    for index in 0..<40 { identity[index, index] = 1 }
    #expect(whole.times(factor).largestDifference(from: identity) < 1e-5)
  }

  @Test func `only the upper triangle is read`() throws {
    #expect(
      try Matrix(rows: 2, columns: 2, [20, 8, 99, 4]).upperFactor(workers: workers).elements == [2, 4, 0, 2])
  }

  @Test func `any number of threads gives the same bits`() throws {
    let matrix = random(1100)
    let one = try matrix.upperFactor(workers: workers)
    #expect(try matrix.upperFactor(workers: Workers(threadCount: 2)) == one)
    #expect(try matrix.upperFactor(workers: Workers(threadCount: 3)) == one)
  }

  @Test func `the matrix itself is left alone`() throws {
    let matrix = Matrix(rows: 2, columns: 2, [20, 8, 8, 4])
    _ = try matrix.upperFactor(workers: workers)
    #expect(matrix.elements == [20, 8, 8, 4])
  }

  @Test func `a matrix that is not positive definite names its failing minor, counted from the end`() {
    func failingMinor(_ order: Int, _ elements: [Float]) -> Int? {
      do throws(FactorizationError) {
        _ = try Matrix(rows: order, columns: order, elements).upperFactor(workers: workers)
        return nil
      } catch {
        return error.failingMinor
      }
    }
    #expect(failingMinor(1, [0]) == 1)
    #expect(failingMinor(2, [1, 2, 2, 1]) == 2)  // determinant -3
    #expect(failingMinor(2, [1, 1, 1, 1]) == 2)  // determinant 0
    #expect(failingMinor(3, [-1, 0, 0, 0, 1, 0, 0, 0, 1]) == 3)
    #expect(failingMinor(3, [-1, 0, 0, 0, -1, 0, 0, 0, 1]) == 2)
    // In the second block of 256, counted through.
    var matrix = Matrix(rows: 300, columns: 300)
    for index in 0..<300 { matrix[index, index] = index == 20 ? -1 : 1 }
    #expect(failingMinor(300, matrix.elements) == 280)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity]) func `an entry that is not finite is minor 0`(entry: Float) {
    for place in 0..<4 {
      var matrix = Matrix(rows: 2, columns: 2, [2, 1, 1, 2])
      matrix[place / 2, place % 2] = entry
      let error = #expect(throws: FactorizationError.self) { try matrix.upperFactor(workers: workers) }
      #expect(error?.failingMinor == 0)
    }
  }

  @Test func `an empty matrix has an empty factor`() throws {
    #expect(try Matrix(rows: 0, columns: 0).upperFactor(workers: workers) == Matrix(rows: 0, columns: 0))
  }
}
