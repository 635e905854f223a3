import Tensors

/// A Hessian that is not positive definite, however it is dampened.
package struct DampenedFactorizationError: Error, Equatable {
  /// The order of the first trailing minor that is not positive; 0 where an entry is not finite.
  package let minor: Int
  /// All that were tried.
  package let dampeningFractions: [Float]
}

/// The triangle R of a dampened Hessian, R Rᵀ = H + λI, with the columns in the order in which they are to be compressed.
///
/// The reference goes on with U = R⁻¹, for which UᵀU = (H + λI)⁻¹ (`Hinv` in its code): three factorizations. Here R is
/// enough. Column i's error e_i = (w_i - q_i) / U_ii takes e_i U_ij from each column j behind it, so that before column j
/// comes its turn, with W what was given and w what it has become,
///
///     w_j = W_j - Σ_{i<j} e_i U_ij   and   w_j - q_j = e_j U_jj,   that is   W - Q = E U   and   E = (W - Q) R.
///
/// What the columns before a block B took from it in all is thus found from the differences W - Q and R alone: the columns
/// B of E U, without the errors of B itself, are those of (W - Q)_{<B} R_{<B,B} U_BB with the sign changed, and U_BB is the
/// inverse of the small triangle R_BB. Within a block the errors are passed on through U_BB as in the reference.
///
/// Source: Frantar et al. 2023, "GPTQ" (arXiv:2210.17323), Algorithm 1; `gptq.md` section 2.
package struct HessianFactor: Sendable {
  /// (columns, columns), in the order `order`.
  let r: Matrix
  /// The columns, in the order in which they are compressed.
  package let order: [Int]
  /// Whether that is another order than the columns' own.
  let isReordered: Bool
  /// The columns whose inputs never fired: their weights are taken as zero.
  let dead: [Int]
  /// The dampening fractions tried, the last of them with success.
  package let dampeningFractions: [Float]

  /// Inputs that never fired have a zero on the diagonal; it is taken as one.
  ///
  /// - Parameter ordersByActivation: whether the columns with the largest diagonal come first ("act-order"), of equal ones
  ///   the first.
  /// - Throws: where no dampening that may be tried makes the Hessian positive definite.
  package init(
    _ hessian: Hessian, dampening: Dampening, ordersByActivation: Bool = false, workers: Workers
  ) throws(DampenedFactorizationError) {
    let width = hessian.width
    let diagonal = hessian.diagonal
    dead = diagonal.indices.filter { diagonal[$0] == 0 }
    let alive = diagonal.map { $0 == 0 ? 1 : $0 }
    order =
      ordersByActivation
      ? (0..<width).sorted { alive[$0] == alive[$1] ? $0 < $1 : alive[$0] > alive[$1] } : Array(0..<width)
    isReordered = ordersByActivation
    let mean = alive.reduce(0.0) { $0 + Double($1) } / Double(max(width, 1))
    var tried: [Float] = []
    var next: Float? = dampening.fraction
    var factor: Matrix?
    while factor == nil {
      guard let fraction = next else { preconditionFailure("no dampening to try") }
      tried.append(fraction)
      do throws(FactorizationError) {
        factor = try Self.factor(hessian, order, alive, added: fraction * Float(mean), workers)
      } catch {
        next = dampening.next(after: fraction)
        // No dampening helps against a NaN.
        if error.failingMinor == 0 || next == nil {
          throw DampenedFactorizationError(minor: error.failingMinor, dampeningFractions: tried)
        }
      }
    }
    guard let factor else { preconditionFailure("no factor") }
    r = factor
    dampeningFractions = tried
  }

  private static func factor(
    _ hessian: Hessian, _ order: [Int], _ diagonal: [Float], added: Float, _ workers: Workers
  ) throws(FactorizationError) -> Matrix {
    var h = hessian.upperTriangle(ordered: order)
    for (place, column) in order.enumerated() { h[place, place] = diagonal[column] + added }
    return try h.upperFactor(workers: workers)
  }
}
