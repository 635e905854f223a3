import Tensors
import Testing

@Suite struct DozenRowsTests {
  @Test func `rows are given out by halves of a dozen`() {
    var layout = DozenRows()
    #expect(layout.rowCount == 0)
    #expect((0..<8).map { _ in layout.next(inSecondHalf: false) } == [0, 1, 2, 3, 4, 5, 12, 13])
    #expect(layout.rowCount == 24)
    #expect((0..<7).map { _ in layout.next(inSecondHalf: true) } == [6, 7, 8, 9, 10, 11, 18])
    #expect(layout.rowCount == 24)
  }

  /// Rows of a low-rank update, of small and of large models; products that BLAS has kernels of their own for, and others.
  @Test(arguments: [(2, 64), (64, 2), (4, 768), (64, 64), (172, 64), (288, 288), (100, 1000), (1024, 768)])
  func `a row's product has the same bits in any company in its half of a dozen`(outer: Int, inner: Int) {
    let weight = randomMatrix(outer, inner, seed: 1)
    let known = randomMatrix(10, inner, seed: 2)
    var expected: [Int: [Float]] = [:]
    var stream = RandomStream(seed: 3, purpose: "company")
    for rowCount in [12, 24, 60, 132, 504, 1032] {
      // Even rows stand in the first half of their dozen, odd ones in the second.
      let chosen = (0..<rowCount).map { 2 * stream.nextInteger(below: 5) + ($0 % 12 < 6 ? 0 : 1) }
      let x = known.gatheringRows(chosen)
      var y = Matrix(uninitializedRows: rowCount, columns: outer)
      y.setRowwiseProduct(x, weight.slice())
      for (row, index) in chosen.enumerated() {
        let found = y.row(row)
        #expect(found == expected[index, default: found])
        expected[index] = found
      }
    }
  }

  @Test func `it is the product, scaled, added, in some columns`() {
    for (rowCount, outer, inner) in [(12, 5, 7), (24, 290, 288), (12, 290, 288), (36, 9, 300)] {
      let x = randomMatrix(rowCount, inner, seed: 4)
      let weight = randomMatrix(outer, inner, seed: 5)
      let start = randomMatrix(rowCount, outer + 3, seed: 6)
      for adding in [false, true] {
        var found = start
        found.setRowwiseProduct(x, weight.slice(), scale: 0.5, adding: adding, columns: 2..<2 + outer)
        var expected = start
        expected.setProduct(
          x.slice(), weight.slice(), rightTransposed: true, scale: 0.5, adding: adding, columns: 2..<2 + outer)
        // Sums of at most 300 products of numbers of one or two.
        #expect(found.largestDifference(from: expected) < 1e-4)
      }
    }
  }
}
