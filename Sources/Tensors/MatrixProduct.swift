internal import COpenBLAS

/// Some rows and columns of a matrix, read in place.
package struct MatrixSlice: Sendable {
  @usableFromInline let storage: AlignedFloats
  @usableFromInline let offset: Int
  package let rowCount: Int
  package let columnCount: Int
  @usableFromInline let stride: Int

  var base: UnsafePointer<Float> { UnsafePointer(storage.base + offset) }
}

extension Matrix {
  /// The rows and columns named, all of them where a range is left out.
  package func slice(rows: Range<Int>? = nil, columns: Range<Int>? = nil) -> MatrixSlice {
    let rows = rows ?? 0..<rowCount
    let columns = columns ?? 0..<columnCount
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= rowCount && columns.lowerBound >= 0
        && columns.upperBound <= columnCount, "slice \(rows) × \(columns) of \(rowCount) × \(columnCount)")
    return MatrixSlice(
      storage: storage, offset: rows.lowerBound * columnCount + columns.lowerBound, rowCount: rows.count,
      columnCount: columns.count, stride: columnCount)
  }

  /// Writes `scale` × a × b, or adds it, to the rows and columns named (all where a range is left out).
  ///
  /// A factor marked as transposed enters as its transpose. Runs on one thread: the bits depend on the shapes and the
  /// kernel alone.
  package mutating func setProduct(
    _ a: MatrixSlice, leftTransposed aTransposed: Bool = false, _ b: MatrixSlice,
    rightTransposed bTransposed: Bool = false, scale: Float = 1, adding: Bool = false, rows: Range<Int>? = nil,
    columns: Range<Int>? = nil
  ) {
    let rows = rows ?? 0..<rowCount
    let columns = columns ?? 0..<columnCount
    let m = aTransposed ? a.columnCount : a.rowCount
    let k = aTransposed ? a.rowCount : a.columnCount
    let n = bTransposed ? b.rowCount : b.columnCount
    precondition(
      k == (bTransposed ? b.columnCount : b.rowCount) && m == rows.count && n == columns.count
        && rows.lowerBound >= 0 && rows.upperBound <= rowCount && columns.lowerBound >= 0
        && columns.upperBound <= columnCount,
      "(\(a.rowCount) × \(a.columnCount))\(aTransposed ? "ᵀ" : "") (\(b.rowCount) × \(b.columnCount))\(bTransposed ? "ᵀ" : "") into \(rows.count) × \(columns.count)"
    )
    guard m > 0, n > 0 else { return }
    makeUnique()
    let result = storage.base + rows.lowerBound * columnCount + columns.lowerBound
    guard k > 0 else {
      if !adding { for row in 0..<m { (result + row * columnCount).update(repeating: 0, count: n) } }
      return
    }
    _ = OpenBLAS.isConfigured
    if m == 1, bTransposed, !aTransposed {
      // A product with one row is a matrix–vector product, several times faster as such.
      cblas_sgemv(
        Int32(RowMajor), Int32(NoTranspose), Int32(n), Int32(k), scale, b.base, Int32(b.stride),
        a.base, 1, adding ? 1 : 0, result, 1)
    } else {
      cblas_sgemm(
        Int32(RowMajor), Int32(aTransposed ? Transpose : NoTranspose),
        Int32(bTransposed ? Transpose : NoTranspose), Int32(m), Int32(n), Int32(k), scale, a.base,
        Int32(a.stride), b.base, Int32(b.stride), adding ? 1 : 0, result, Int32(columnCount))
    }
    withExtendedLifetime((a, b)) {}
  }

  /// self × other.
  package func times(_ other: Matrix) -> Matrix {
    var result = Matrix(uninitializedRows: rowCount, columns: other.columnCount)
    result.setProduct(slice(), other.slice())
    return result
  }

  /// self × otherᵀ.
  package func times(transposed other: Matrix) -> Matrix {
    var result = Matrix(uninitializedRows: rowCount, columns: other.rowCount)
    result.setProduct(slice(), other.slice(), rightTransposed: true)
    return result
  }

  /// selfᵀ × other.
  package func transposedTimes(_ other: Matrix) -> Matrix {
    var result = Matrix(uninitializedRows: columnCount, columns: other.columnCount)
    result.setProduct(slice(), leftTransposed: true, other.slice())
    return result
  }
}
