import Tensors
import Testing

@Suite struct CholeskyFactorizationTests {
  @Test func `two by two by hand`() throws {
    // U = (1/2  1 ; 0  1/2), UᵀU = (1/4  1/2 ; 1/2  5/4) of determinant 1/16, whose inverse is
    // 16 (5/4  -1/2 ; -1/2  1/4).
    let matrix = Matrix(rows: 2, columns: 2, [20, -8, -8, 4])
    let factor = try matrix.upperFactorOfInverse()
    // Three factorizations of numbers of size one: some units of 6e-8, times a condition number of about 140.
    #expect(factor.largestDifference(from: Matrix(rows: 2, columns: 2, [0.5, 1, 0, 0.5])) < 1e-5)
    #expect(factor[1, 0] == 0)
  }

  @Test func `one by one is the root of the reciprocal`() throws {
    #expect(try Matrix(rows: 1, columns: 1, [4]).upperFactorOfInverse().elements == [0.5])
  }

  @Test(arguments: [3, 8, 33]) func `UᵀU times the matrix is the identity`(order: Int) throws {
    let random = randomMatrix(2 * order, order, seed: UInt64(order))
    var matrix = random.transposedTimes(random)
    for index in 0..<order { matrix[index, index] += Float(order) }
    let factor = try matrix.upperFactorOfInverse()
    for row in 0..<order {
      for column in 0..<row { #expect(factor[row, column] == 0) }
      #expect(factor[row, row] > 0)
    }
    let product = factor.transposedTimes(factor).times(matrix)
    var identity = Matrix(rows: order, columns: order)
    for index in 0..<order { identity[index, index] = 1 }
    // The eigenvalues lie between n and about 7n: a condition number below 10, and a few dozen roundings of 6e-8.
    #expect(product.largestDifference(from: identity) < 2e-5)
  }

  @Test func `the matrix itself is left alone`() throws {
    let matrix = Matrix(rows: 2, columns: 2, [20, -8, -8, 4])
    _ = try matrix.upperFactorOfInverse()
    #expect(matrix.elements == [20, -8, -8, 4])
  }

  @Test func `a matrix that is not positive definite names its failing minor`() {
    func failingMinor(_ order: Int, _ elements: [Float]) -> Int? {
      do throws(FactorizationError) {
        _ = try Matrix(rows: order, columns: order, elements).upperFactorOfInverse()
        return nil
      } catch {
        return error.failingMinor
      }
    }
    #expect(failingMinor(1, [0]) == 1)
    #expect(failingMinor(2, [1, 2, 2, 1]) == 2)  // determinant -3
    #expect(failingMinor(2, [1, 1, 1, 1]) == 2)  // determinant 0
    #expect(failingMinor(3, [1, 0, 0, 0, 1, 0, 0, 0, -1]) == 3)
    #expect(failingMinor(3, [1, 0, 0, 0, -1, 0, 0, 0, -1]) == 2)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity]) func `an entry that is not finite is minor 0`(entry: Float) {
    for place in 0..<4 {
      var matrix = Matrix(rows: 2, columns: 2, [2, 1, 1, 2])
      matrix[place / 2, place % 2] = entry
      #expect(throws: FactorizationError.self) { try matrix.upperFactorOfInverse() }
      do { _ = try matrix.upperFactorOfInverse() } catch { #expect(error.failingMinor == 0) }
    }
  }

  @Test func `an empty matrix has an empty factor`() throws {
    #expect(try Matrix(rows: 0, columns: 0).upperFactorOfInverse() == Matrix(rows: 0, columns: 0))
  }
}
