/// The smallest difference of two accuracies on the same documents that a two-sided test finds with the given power.
///
/// Solves n δ² = (z_α √ψ + z_β √(ψ - δ²))² for δ, with n `documents` and ψ the share of documents that change sides.
/// Nil where even ψ itself, every change in one direction, would not be found.
///
/// Source: Connor 1987, "Sample size for testing differences in proportions for the paired-sample design" (Biometrics
/// 43:207), solved for the difference: (n + z_β²) δ² - 2 z_α √(ψ n) δ + (z_α² - z_β²) ψ = 0.
package func detectableDifference(
  documents: Double, changingShare: Double, significance: Double = 0.05, power: Double = 0.8
) -> Double? {
  let a = StandardNormal.quantile(confidence: 1 - significance)
  let b = StandardNormal.quantile(confidence: 2 * power - 1)
  let half = a * (changingShare * documents).squareRoot()
  let root = half * half - (documents + b * b) * (a * a - b * b) * changingShare
  guard root >= 0 else { return nil }
  let difference = (half + root.squareRoot()) / (documents + b * b)
  return difference <= changingShare ? difference : nil
}

/// How many documents of a single task would say as much about a mean over tasks as these do: with each task counting
/// the same and as many of its documents changing sides as of any other, T² / Σ 1/n.
package func equivalentDocuments(ofTasks documents: [Int]) -> Double {
  Double(documents.count * documents.count) / documents.reduce(0) { $0 + 1 / Double($1) }
}
