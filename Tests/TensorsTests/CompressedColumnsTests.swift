import Tensors
import Testing

@Suite struct CompressedColumnsTests {
  /// U for three columns, with the inverse of which 1, 2 and 1 are on the diagonal.
  private let feedback = Matrix(rows: 3, columns: 3, [1, 0.5, -1, 0, 2, 4, 0, 0, 1])

  private func grids(_ levels: CompressedColumns.Levels, scale: Float, zero: Float) -> CompressedColumns.Grids {
    CompressedColumns.Grids(
      levels, scales: Matrix(rows: 1, columns: 1, [scale]), zeros: Matrix(rows: 1, columns: 1, [zero]),
      places: [0, 0, 0])
  }

  @Test func `one row by hand`() {
    // Steps of 1 from 0 to 7. 2.25 becomes 2, and its error of 1/4 takes 1/8 from 4 and gives 1/4 to 5. 3.875 becomes 4:
    // an error of -1/8 / 2 = -1/16, which gives 1/4 to 5.25. 5.5 becomes 6, the even one.
    let found = CompressedColumns(
      Matrix(rows: 1, columns: 3, [2.25, 4, 5]), feedback: feedback, grids: grids(.upTo(7), scale: 1, zero: 0),
      removal: .none)
    #expect(found.values.elements == [2, 4, 6] && found.codes == [2, 4, 6])
    #expect(found.losses == [1.0 / 16 + 1.0 / 256 + 1.0 / 4])
  }

  @Test func `halves go to the even step, before the zero is added, and the ends are clamped`() {
    // Steps of 1/2 with zero at 1: 1/2 of a step goes to 0 and so to code 1; -3 steps and 9 are beyond the grid.
    let found = CompressedColumns(
      Matrix(rows: 1, columns: 3, [0.25, -1.5, 4.5]), feedback: identity,
      grids: grids(.upTo(7), scale: 0.5, zero: 1), removal: .none)
    #expect(found.codes == [1, 0, 7] && found.values.elements == [0, -0.5, 3])
  }

  @Test func `of a group's equal weights the first go`() {
    let found = CompressedColumns(
      Matrix(rows: 1, columns: 3, [2, -2, 2]), feedback: identity, grids: nil, removal: .ofEach(count: 2, of: 3))
    #expect(found.values.elements == [0, 0, 2])
  }

  private let identity = Matrix(rows: 3, columns: 3, [1, 0, 0, 0, 1, 0, 0, 0, 1])

  @Test func `three values by hand`() {
    // Above 1 is 2, below -1/2 is -1. 1.5 becomes 2, its error of -1/2 gives 1/4 and takes 1/2: -0.5 is neither, and its
    // error of -1/4 gives 1: -1.
    let found = CompressedColumns(
      Matrix(rows: 1, columns: 3, [1.5, -0.75, -1.5]), feedback: feedback, grids: grids(.three, scale: 2, zero: -1),
      removal: .none)
    #expect(found.values.elements == [2, 0, -1] && found.codes == [2, 1, 0])
  }

  @Test func `what is removed passes on all of itself, what is kept nothing`() {
    // 2 is kept. 4 goes, an error of 4 / 2, which takes 8 from 5.
    let found = CompressedColumns(
      Matrix(rows: 1, columns: 3, [2, 4, 5]), feedback: feedback, grids: nil, removal: .these([false, true, false]))
    #expect(found.values.elements == [2, 0, -3] && found.codes.isEmpty && found.losses == [4])
  }

  @Test func `of each group those go that matter least when it is reached`() {
    // (4/1)² against (6/2)²: 6 goes, an error of 3, which takes 12 from 5. The last column is a group of its own.
    let found = CompressedColumns(
      Matrix(rows: 1, columns: 3, [4, 6, 5]), feedback: feedback, grids: nil, removal: .ofEach(count: 1, of: 2))
    #expect(found.values.elements == [4, 0, 0] && found.losses == [9 + 49])
  }

  @Test(arguments: [1, 7, 8, 9, 63, 64, 65, 200])
  func `rows know nothing of one another`(rowCount: Int) {
    let weight = randomMatrix(rowCount, 30, seed: 4)
    var feedback = randomMatrix(30, 30, seed: 5)
    for row in 0..<30 { for column in 0...row { feedback[row, column] = column == row ? 1.5 : 0 } }
    for removal in [CompressedColumns.Removal.none, .ofEach(count: 2, of: 3), .ofEach(count: 5, of: 12)] {
      let all = CompressedColumns(weight, feedback: feedback, grids: nil, removal: removal)
      for row in [0, rowCount / 2, rowCount - 1] {
        let one = CompressedColumns(weight.rows(row..<row + 1), feedback: feedback, grids: nil, removal: removal)
        #expect(one.values.elements == all.values.row(row) && one.losses == [all.losses[row]])
      }
    }
  }
}
