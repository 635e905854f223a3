/// Spearman's rank correlation: 1 where both rise together, -1 where one falls as the other rises; nil where either does not
/// change at all.
///
/// Equal values have the mean of their ranks.
///
/// Source: Spearman 1904, "The Proof and Measurement of Association between Two Things".
func rankCorrelation(_ first: [Double], _ second: [Double]) -> Double? {
  precondition(first.count == second.count, "\(first.count) and \(second.count) values")
  let (a, b) = (ranks(of: first), ranks(of: second))
  let middle = Double(first.count + 1) / 2
  let product = zip(a, b).reduce(0) { $0 + ($1.0 - middle) * ($1.1 - middle) }
  let squares = [a, b].map { $0.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } }
  guard squares[0] > 0, squares[1] > 0 else { return nil }
  return product / (squares[0] * squares[1]).squareRoot()
}

/// From 1 on.
private func ranks(of values: [Double]) -> [Double] {
  values.map { value in
    let below = values.count { $0 < value }
    let equal = values.count { $0 == value }
    return Double(below) + Double(equal + 1) / 2
  }
}
