import Tensors
import Testing

/// The product by its definition, summed in double precision.
private func naiveProduct(_ a: Matrix, _ b: Matrix) -> Matrix {
  var result = Matrix(rows: a.rowCount, columns: b.columnCount)
  for row in 0..<a.rowCount {
    for column in 0..<b.columnCount {
      let sum = (0..<a.columnCount).reduce(0.0) { $0 + Double(a[row, $1]) * Double(b[$1, column]) }
      result[row, column] = Float(sum)
    }
  }
  return result
}

/// The rows and columns of `matrix` as a matrix of their own.
private func cut(_ matrix: Matrix, _ rows: Range<Int>, _ columns: Range<Int>) -> Matrix {
  Matrix(rows: rows.count, columns: columns.count, rows.flatMap { row in columns.map { matrix[row, $0] } })
}

@Suite struct MatrixProductTests {
  // Sums of at most 40 products of numbers of size one, rounded 40 times at magnitudes below 32: 40 · 2⁻²⁴ · 32 < 1e-4,
  // and in practice a tenth of it.
  private let tolerance: Float = 2e-5

  @Test func `two by two by hand`() {
    let a = Matrix(rows: 2, columns: 2, [1, 2, 3, 4])
    let b = Matrix(rows: 2, columns: 2, [5, 6, 7, 8])
    #expect(a.times(b) == Matrix(rows: 2, columns: 2, [19, 22, 43, 50]))
    #expect(a.times(transposed: b) == Matrix(rows: 2, columns: 2, [17, 23, 39, 53]))
    #expect(a.transposedTimes(b) == Matrix(rows: 2, columns: 2, [26, 30, 38, 44]))
  }

  @Test(arguments: [false, true], [false, true])
  func `products of every transposition agree with the definition`(leftTransposed: Bool, rightTransposed: Bool) {
    for (m, n, k) in [(1, 1, 1), (1, 9, 5), (7, 1, 4), (3, 5, 40), (16, 17, 8)] {
      let a = randomMatrix(m, k, seed: 1)
      let b = randomMatrix(k, n, seed: 2)
      var result = Matrix(rows: m, columns: n, repeating: .nan)
      result.setProduct(
        (leftTransposed ? a.transposed : a).slice(), leftTransposed: leftTransposed,
        (rightTransposed ? b.transposed : b).slice(), rightTransposed: rightTransposed)
      #expect(result.largestDifference(from: naiveProduct(a, b)) <= tolerance)
    }
  }

  // One row against a transposed factor goes by another routine (gemv); what a product means may not depend on it.
  @Test(arguments: [1, 4], [false, true])
  func `slices are read in place, and the rest of the result stays as it was`(rowCount: Int, adding: Bool) {
    let a = randomMatrix(9, 11, seed: 3)
    let b = randomMatrix(10, 12, seed: 4)
    let aRows = 2..<2 + rowCount
    let product = naiveProduct(cut(a, aRows, 3..<8), cut(b, 1..<7, 6..<11).transposed)
    let before = randomMatrix(8, 15, seed: 5)
    var result = before
    let rows = 3..<3 + rowCount
    result.setProduct(
      a.slice(rows: aRows, columns: 3..<8), b.slice(rows: 1..<7, columns: 6..<11), rightTransposed: true, scale: -0.5,
      adding: adding, rows: rows, columns: 4..<10)
    for row in 0..<8 {
      for column in 0..<15 {
        if rows.contains(row), (4..<10).contains(column) {
          let part = -0.5 * product[row - 3, column - 4]
          #expect(abs(result[row, column] - (adding ? before[row, column] + part : part)) <= tolerance)
        } else {
          #expect(result[row, column].bitPattern == before[row, column].bitPattern)
        }
      }
    }
  }

  @Test(arguments: [1, 2]) func `what was in the result does not matter unless it is added to`(rowCount: Int) {
    // BLAS multiplies the old content by zero, which would keep a NaN.
    let a = Matrix(rows: rowCount, columns: 2, repeating: 1)
    let b = Matrix(rows: 3, columns: 2, [1, 2, 3, 4, 5, 6])
    for old in [Float.nan, .infinity] {
      var result = Matrix(rows: rowCount, columns: 3, repeating: old)
      result.setProduct(a.slice(), b.slice(), rightTransposed: true)
      #expect(result.row(rowCount - 1) == [3, 7, 11])
    }
  }

  @Test func `products of nothing are empty, and sums of nothing zero`() {
    #expect(Matrix(rows: 0, columns: 3).times(randomMatrix(3, 2, seed: 6)) == Matrix(rows: 0, columns: 2))
    #expect(randomMatrix(2, 3, seed: 6).times(Matrix(rows: 3, columns: 0)) == Matrix(rows: 2, columns: 0))
    #expect(Matrix(rows: 2, columns: 0).times(Matrix(rows: 0, columns: 2)) == Matrix(rows: 2, columns: 2))

    var result = Matrix(rows: 3, columns: 3, repeating: 7)
    result.setProduct(
      Matrix(rows: 1, columns: 0).slice(), Matrix(rows: 0, columns: 2).slice(), rows: 1..<2, columns: 1..<3)
    #expect(result.elements == [7, 7, 7, 7, 0, 0, 7, 7, 7])
    result.setProduct(
      Matrix(rows: 3, columns: 0).slice(), Matrix(rows: 0, columns: 3).slice(), adding: true)
    #expect(result.elements == [7, 7, 7, 7, 0, 0, 7, 7, 7])
  }

  @Test func `a matrix may be overwritten by a product with itself`() {
    var matrix = Matrix(rows: 2, columns: 2, [1, 2, 3, 4])
    matrix.setProduct(matrix.slice(), matrix.slice())
    #expect(matrix == Matrix(rows: 2, columns: 2, [7, 10, 15, 22]))
  }

  @Test func `a product repeated has the same bits`() {
    let a = randomMatrix(33, 65, seed: 7)
    let b = randomMatrix(31, 65, seed: 8)
    #expect(a.times(transposed: b) == a.times(transposed: b))
  }
}
