import Tensors
import Testing

@Suite struct MatrixTests {
  /// 0 1 2
  /// 3 4 5
  private let small = Matrix(rows: 2, columns: 3, [0, 1, 2, 3, 4, 5])

  @Test func `elements lie in row order`() {
    #expect(small.elements == [0, 1, 2, 3, 4, 5])
    #expect(small[1, 0] == 3)
    #expect(small.row(1) == [3, 4, 5])
    #expect(small.count == 6)
  }

  @Test func `writing to a copy leaves the original alone`() {
    var copy = small
    copy[0, 0] = 9
    #expect(small[0, 0] == 0)
    #expect(copy[0, 0] == 9)

    var throughBuffer = small
    throughBuffer.withMutableElements { $0[5] = 9 }
    var byRows = small
    byRows.replaceRows(from: 1, by: Matrix(rows: 1, columns: 3, repeating: 9))
    var bySum = small
    bySum.add(small)
    var byProduct = small
    byProduct.setProduct(small.slice(rows: 0..<2, columns: 0..<1), small.slice(rows: 1..<2))
    #expect(small.elements == [0, 1, 2, 3, 4, 5])
    #expect(throughBuffer.elements == [0, 1, 2, 3, 4, 9])
    #expect(byRows.elements == [0, 1, 2, 9, 9, 9])
    #expect(bySum.elements == [0, 2, 4, 6, 8, 10])
    #expect(byProduct.elements == [0, 0, 0, 9, 12, 15])
  }

  @Test func `writing to the original leaves a copy and a slice alone`() {
    var original = small
    let copy = original
    let slice = original.slice()
    original[1, 2] = 9
    #expect(copy.elements == [0, 1, 2, 3, 4, 5])
    var product = Matrix(rows: 2, columns: 3)
    product.setProduct(Matrix(rows: 2, columns: 2, [1, 0, 0, 1]).slice(), slice)
    #expect(product == copy)
  }

  @Test func `rows of a range are a matrix of their own`() {
    #expect(small.rows(1..<2) == Matrix(rows: 1, columns: 3, [3, 4, 5]))
    #expect(small.rows(0..<2) == small)
    #expect(small.rows(1..<1) == Matrix(rows: 0, columns: 3))
  }

  @Test func `stacking puts rows above rows`() {
    let below = Matrix(rows: 1, columns: 3, [6, 7, 8])
    #expect(small.stacked(on: below) == Matrix(rows: 3, columns: 3, [0, 1, 2, 3, 4, 5, 6, 7, 8]))
    #expect(Matrix(rows: 0, columns: 3).stacked(on: small) == small)
    #expect(small.stacked(on: Matrix(rows: 0, columns: 3)) == small)
  }

  @Test func `gathering takes rows in the order given, repeated ones too`() {
    #expect(small.gatheringRows([1, 0, 1]) == Matrix(rows: 3, columns: 3, [3, 4, 5, 0, 1, 2, 3, 4, 5]))
    #expect(small.gatheringRows([]) == Matrix(rows: 0, columns: 3))
  }

  @Test func `replacing rows changes those rows alone`() {
    var matrix = Matrix(rows: 3, columns: 2, [0, 1, 2, 3, 4, 5])
    matrix.replaceRows(from: 1, by: Matrix(rows: 1, columns: 2, [8, 9]))
    #expect(matrix.elements == [0, 1, 8, 9, 4, 5])
    matrix.replaceRows(from: 3, by: Matrix(rows: 0, columns: 2))
    #expect(matrix.elements == [0, 1, 8, 9, 4, 5])
  }

  @Test func `transposing swaps rows and columns, and twice gives the matrix back`() {
    #expect(small.transposed == Matrix(rows: 3, columns: 2, [0, 3, 1, 4, 2, 5]))
    let matrix = randomMatrix(5, 7, seed: 1)
    #expect(matrix.transposed.transposed == matrix)
  }

  @Test func `column means are those of the columns, in double precision`() {
    #expect(small.columnMeans() == [1.5, 2.5, 3.5])
    // In single precision 2²⁴ + 1 is 2²⁴, and the mean would be 2²³.
    let large = Matrix(rows: 2, columns: 1, [16_777_216, 1])
    #expect(large.columnMeans() == [8_388_608.5])
  }

  @Test func `equality is that of shapes and bits`() {
    let nan = Matrix(rows: 1, columns: 1, [Float.nan])
    #expect(nan == nan)
    #expect(Matrix(rows: 1, columns: 1, [0]) != Matrix(rows: 1, columns: 1, [-0.0]))
    #expect(small != Matrix(rows: 3, columns: 2, small.elements))
    #expect(small != Matrix(rows: 2, columns: 3, [0, 1, 2, 3, 4, 6]))
  }

  @Test func `adding is element by element`() {
    var sum = small
    sum.add(Matrix(rows: 2, columns: 3, [1, 0, 0, 0, 0, -5]))
    #expect(sum.elements == [1, 1, 2, 3, 4, 0])
  }

  @Test func `storage lies on a boundary of 64 bytes`() {
    for count in [0, 1, 3, 17] {
      Matrix(rows: 1, columns: count).withElements { #expect(Int(bitPattern: $0.baseAddress) % 64 == 0) }
    }
  }

  @Test func `columns can be taken out, put in another order and written over`() {
    var matrix = Matrix(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6])
    #expect(matrix.columns(1..<3).elements == [2, 3, 5, 6])
    #expect(matrix.columns(2..<2) == Matrix(rows: 2, columns: 0))
    #expect(matrix.gatheringColumns([2, 0, 0]).elements == [3, 1, 1, 6, 4, 4])
    let before = matrix
    matrix.replaceColumns(from: 1, by: Matrix(rows: 2, columns: 2, [7, 8, 9, 10]))
    #expect(matrix.elements == [1, 7, 8, 4, 9, 10] && before.elements == [1, 2, 3, 4, 5, 6])
    matrix.multiply(by: 2)
    #expect(matrix.elements == [2, 14, 16, 8, 18, 20])
  }
}
