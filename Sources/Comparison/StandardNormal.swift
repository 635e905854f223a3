import Glibc

enum StandardNormal {
  /// The `z` with P(|Z| ≤ z) = `confidence` for a standard normal Z.
  static func quantile(confidence: Double) -> Double {
    // P(|Z| > z). By way of the upper quantile, so as to round a confidence close to 1 as the reference does.
    let outside = 2 * (1 - (0.5 + 0.5 * confidence))
    precondition(outside > 0, "a confidence of \(confidence) is 1 in double precision")
    // Newton's steps on log erfc(z/√2), which is concave: from 0 the first passes the root, and the others come back
    // to it from above, twice as many digits at each.
    var z = 0.0
    for _ in 0..<100 {
      let found = erfc(z / 2.0.squareRoot())
      let slope = -(2 / Double.pi).squareRoot() * exp(-z * z / 2) / found
      let next = z - log(found / outside) / slope
      if abs(next - z) <= 1e-15 * abs(next) { return next }
      z = next
    }
    return z
  }
}
