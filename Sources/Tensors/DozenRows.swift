/// Rows of a matrix set out by the dozen, so that what a product makes of a row does not depend, to the bit, on which rows
/// stand around it, nor on how many there are.
///
/// OpenBLAS's kernels sum alike in every row of a whole dozen but for this: those for Haswell and Zen sum the first half
/// of a dozen in another order than the second. So a row has a half that it always stands in, chosen by its owner by
/// something of the row's own, and that should fall on either half equally often; where there are more of one half, rows of
/// the other stay empty. (Measured with OpenBLAS 0.3.21 on every kernel that runs here: Haswell, Zen, SkylakeX,
/// Sandybridge; `Weight.multiply` tells of the sizes for which it needs help.)
package struct DozenRows: Sendable {
  package static let dozen = 12
  private static let half = dozen / 2

  /// The rows given out, of either half.
  private var counts = [0, 0]

  package init() {}

  /// Where the next row of that half stands.
  package mutating func next(inSecondHalf: Bool) -> Int {
    let half = inSecondHalf ? 1 : 0
    let number = counts[half]
    counts[half] += 1
    return number / Self.half * Self.dozen + half * Self.half + number % Self.half
  }

  /// Rows in all, the empty ones with them: whole dozens.
  package var rowCount: Int { (max(counts[0], counts[1]) + Self.half - 1) / Self.half * Self.dozen }
}

extension Matrix {
  /// Writes `scale` × a × bᵀ, or adds it, to the columns named (all where they are left out), such that each row's bits
  /// depend on that row of `a` and its half of a dozen alone.
  ///
  /// OpenBLAS has other kernels for small products on some processors, which sum otherwise: up to a million
  /// multiplications (SkylakeX, 0.3.21). So a product is either cut into dozens, which are small ones whatever their
  /// number, or it is made large by empty rows.
  ///
  /// - Precondition: the rows are whole dozens.
  package mutating func setRowwiseProduct(
    _ a: Matrix, _ b: MatrixSlice, scale: Float = 1, adding: Bool = false, columns: Range<Int>? = nil
  ) {
    let dozen = DozenRows.dozen
    precondition(a.rowCount % dozen == 0, "\(a.rowCount) rows are no whole dozens")
    let rowSize = b.rowCount * b.columnCount
    guard dozen * rowSize > Self.cutSize else {
      for first in stride(from: 0, to: a.rowCount, by: dozen) {
        let rows = first..<first + dozen
        setProduct(
          a.slice(rows: rows), b, rightTransposed: true, scale: scale, adding: adding, rows: rows, columns: columns)
      }
      return
    }
    let fewest = (Self.largestSmallProduct / rowSize / dozen + 1) * dozen
    if a.rowCount >= fewest {
      setProduct(a.slice(), b, rightTransposed: true, scale: scale, adding: adding, columns: columns)
      return
    }
    guard a.rowCount > 0 else { return }
    var padded = Matrix(rows: fewest, columns: a.columnCount)
    padded.replaceRows(from: 0, by: a)
    var product = Matrix(uninitializedRows: fewest, columns: b.rowCount)
    if adding { for row in 0..<rowCount { product.copyRow(row, of: self, columns: columns) } }
    product.setProduct(padded.slice(), b, rightTransposed: true, scale: scale, adding: adding)
    let first = columns?.lowerBound ?? 0
    for row in 0..<rowCount { pasteRow(row, of: product, at: first) }
  }

  /// Multiplications up to which a dozen rows are a product of their own: cutting costs less than empty rows would.
  private static let cutSize = 250_000
  private static let largestSmallProduct = 1_000_000

  private mutating func copyRow(_ row: Int, of source: Matrix, columns: Range<Int>?) {
    let columns = columns ?? 0..<source.columnCount
    makeUnique()
    (storage.base + row * columnCount).update(
      from: source.storage.base + row * source.columnCount + columns.lowerBound, count: columnCount)
  }

  private mutating func pasteRow(_ row: Int, of source: Matrix, at column: Int) {
    makeUnique()
    (storage.base + row * columnCount + column).update(
      from: source.storage.base + row * source.columnCount, count: source.columnCount)
  }
}
