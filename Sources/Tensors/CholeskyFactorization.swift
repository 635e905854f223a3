internal import COpenBLAS

/// A matrix that was to be positive definite and is not.
package struct FactorizationError: Error, Equatable {
  /// The order of the first leading minor that is not positive; 0 where an entry is not finite.
  package let failingMinor: Int
}

extension Matrix {
  /// The upper Cholesky factor of the inverse: U with UᵀU = self⁻¹, for a symmetric positive definite matrix.
  ///
  /// LAPACK's `spotrf`, `spotri` and `spotrf` again, as torch's `cholesky`, `cholesky_inverse`, `cholesky(upper)`.
  /// LAPACK reads column-major: what it calls the lower triangle is the upper one here.
  ///
  /// - Throws: the order of the failing minor of the matrix or (rounding) of its inverse.
  /// - Complexity: O(n³) time, one further matrix of the same size.
  package func upperFactorOfInverse() throws(FactorizationError) -> Matrix {
    precondition(rowCount == columnCount, "\(rowCount) × \(columnCount) is not square")
    guard withElements({ $0.allSatisfy(\.isFinite) }) else { throw FactorizationError(failingMinor: 0) }
    _ = OpenBLAS.isConfigured
    var result = self
    let order = rowCount
    let failure = result.withMutableElements { elements -> Int32 in
      guard let base = elements.baseAddress, order > 0 else { return 0 }
      var n = Int32(order)
      var info: Int32 = 0
      spotrf_("L", &n, base, &n, &info, 1)
      if info == 0 { spotri_("L", &n, base, &n, &info, 1) }
      if info == 0 { spotrf_("L", &n, base, &n, &info, 1) }
      for row in 1..<max(order, 1) { (base + row * order).update(repeating: 0, count: row) }
      return info
    }
    guard failure == 0 else { throw FactorizationError(failingMinor: Int(failure)) }
    return result
  }
}
