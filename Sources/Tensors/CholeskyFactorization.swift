internal import COpenBLAS

/// A matrix that was to be positive definite and is not.
package struct FactorizationError: Error, Equatable {
  /// The order of the first trailing minor that is not positive; 0 where an entry is not finite.
  package let failingMinor: Int
}

extension Matrix {
  /// Rows and columns that are factorized at once, and rows of one piece of work: fixed, since the bits depend on them.
  private static let factorBlock = 256

  /// The upper triangle R with R Rᵀ = self, for a symmetric positive definite matrix, of which the upper triangle is read.
  ///
  /// It is the Cholesky factor of the matrix with rows and columns in reverse order, put in order again. Its inverse U has
  /// UᵀU = self⁻¹: the factor that `cholesky(cholesky_inverse(cholesky(self)), upper=True)` gives in torch.
  ///
  /// - Throws: the order of the failing minor.
  /// - Complexity: n³/3 multiplications and additions, one further matrix of the same size.
  package consuming func upperFactor(workers: Workers) throws(FactorizationError) -> Matrix {
    precondition(rowCount == columnCount, "\(rowCount) × \(columnCount) is not square")
    guard withElements({ $0.allSatisfy(\.isFinite) }) else { throw FactorizationError(failingMinor: 0) }
    _ = OpenBLAS.isConfigured
    let order = rowCount
    makeUnique()
    let step = Self.factorBlock
    // From the last block of columns to the first, each taking its part away from the columns before it.
    for end in stride(from: order, to: 0, by: -step) {
      let start = max(end - step, 0)
      try factorDiagonalBlock(start..<end)
      let base = SharedBase(storage.base)
      let strips = (start + step - 1) / step
      workers.forEach(strips) { strip in
        let rows = strip * step..<min((strip + 1) * step, start)
        cblas_strsm(
          Int32(RowMajor), Int32(Right), Int32(UpperTriangle), Int32(Transpose), Int32(NonUnitDiagonal),
          Int32(rows.count), Int32(end - start), 1, base.pointer + start * order + start, Int32(order),
          base.pointer + rows.lowerBound * order + start, Int32(order))
      }
      workers.forEach(strips) { strip in
        let rows = strip * step..<min((strip + 1) * step, start)
        cblas_sgemm(
          Int32(RowMajor), Int32(NoTranspose), Int32(Transpose), Int32(rows.count), Int32(start - rows.lowerBound),
          Int32(end - start), -1, base.pointer + rows.lowerBound * order + start, Int32(order),
          base.pointer + rows.lowerBound * order + start, Int32(order), 1,
          base.pointer + rows.lowerBound * order + rows.lowerBound, Int32(order))
      }
    }
    for row in 1..<max(order, 1) { (storage.base + row * order).update(repeating: 0, count: row) }
    return self
  }

  /// LAPACK's `spotrf` on the block in reverse order. LAPACK reads column-major: what it calls the upper triangle is the
  /// lower one here.
  private func factorDiagonalBlock(_ range: Range<Int>) throws(FactorizationError) {
    let count = range.count
    var reversed = Matrix(uninitializedRows: count, columns: count)
    let block = storage.base + range.lowerBound * rowCount + range.lowerBound
    let failure = reversed.withMutableElements { elements -> Int in
      for row in 0..<count {
        for column in 0...row {
          elements[row * count + column] = block[(count - 1 - row) * rowCount + count - 1 - column]
        }
      }
      var n = Int32(count)
      var info: Int32 = 0
      spotrf_("U", &n, elements.baseAddress, &n, &info, 1)
      guard info == 0 else { return Int(info) }
      for row in 0..<count {
        // A number too large for a float along the way leaves no positive pivot behind.
        guard elements[row * count + row] > 0, elements[row * count + row].isFinite else { return row + 1 }
        for column in 0...row {
          block[(count - 1 - row) * rowCount + count - 1 - column] = elements[row * count + column]
        }
      }
      return 0
    }
    guard failure == 0 else { throw FactorizationError(failingMinor: rowCount - range.upperBound + failure) }
  }

  /// The inverse of the square of these rows and columns of an upper triangle: an upper triangle too.
  ///
  /// LAPACK's `strtri`.
  package func inverseOfUpperTriangle(_ range: Range<Int>) -> Matrix {
    precondition(rowCount == columnCount, "\(rowCount) × \(columnCount) is not square")
    let count = range.count
    var inverse = Matrix(rows: count, columns: count)
    for row in 0..<count {
      for column in row..<count { inverse[row, column] = self[range.lowerBound + row, range.lowerBound + column] }
    }
    let failure = inverse.withMutableElements { elements -> Int32 in
      var n = Int32(count)
      var info: Int32 = 0
      strtri_("L", "N", &n, elements.baseAddress, &n, &info, 1, 1)
      return info
    }
    precondition(failure == 0, "a zero on the diagonal of a triangle to be inverted")
    return inverse
  }
}

/// Where a matrix's numbers lie, for workers of which each writes to rows of its own.
private struct SharedBase: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>

  init(_ pointer: UnsafeMutablePointer<Float>) { self.pointer = pointer }
}
