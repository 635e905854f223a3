/// What is added to a Hessian's diagonal so that it can be factorized: a fraction of the diagonal's mean.
///
/// Where that is too little, ten times as much is tried, and again, up to a limit. The reference stops instead; so does a
/// limit that is not above the fraction. Each fraction that was tried is recorded.
package struct Dampening: Sendable, Equatable {
  package let fraction: Float
  package let largestFraction: Float

  package init(
    _ fraction: Float = 0.01,  // percdamp in IST-DASLab/gptq
    upTo largestFraction: Float = 1
  ) {
    precondition(fraction >= 0 && fraction.isFinite, "a dampening of \(fraction)")
    self.fraction = fraction
    self.largestFraction = largestFraction
  }

  /// The fraction to try when this one did not do; nil where none is left.
  func next(after fraction: Float) -> Float? {
    let next = fraction == 0 ? 0.01 : 10 * fraction
    // 0.01 · 10 · 10 is a little above 1 or below it.
    return next <= largestFraction * 1.001 ? next : nil
  }
}
