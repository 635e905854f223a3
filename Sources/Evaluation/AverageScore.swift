/// The mean accuracy of several benchmarks, each counting the same.
package struct AverageScore: Sendable, Equatable {
  package let mean: Double
  /// √(Σ eᵢ²) / k of the k benchmarks' own standard errors, as for independent ones; nil where one has none.
  package let standardError: Double?
  package let taskCount: Int

  /// - Precondition: there are scores.
  package init(of scores: [(accuracy: Double, standardError: Double?)]) {
    mean = Evaluation.mean(scores.map(\.accuracy))
    taskCount = scores.count
    let errors = scores.compactMap(\.standardError)
    standardError =
      errors.count == scores.count
      ? errors.reduce(0) { $0 + $1 * $1 }.squareRoot() / Double(scores.count) : nil
  }

  private init?(of tasks: [String], among scores: [String: TaskScore]) {
    let found = tasks.compactMap { scores[$0] }
    guard found.count == tasks.count else { return nil }
    self.init(of: found.map { ($0.accuracy, $0.accuracyStandardError) })
  }

  /// Over the benchmarks of a domain; nil unless `scores` has them all, by name.
  package init?(of domain: Benchmark.Domain, among scores: [String: TaskScore]) {
    self.init(of: domain.tasks, among: scores)
  }

  /// Over all nine; nil unless `scores` has them.
  package init?(ofAllAmong scores: [String: TaskScore]) {
    self.init(of: Benchmark.names, among: scores)
  }
}

/// How two scores of the same documents differ, document by document: what is hard for both does not count as noise.
package struct PairedDifference: Sendable, Equatable {
  /// Of the second less the first.
  package let mean: Double
  /// Of the mean, from the sample deviation of the differences; nil for a single document.
  package let standardError: Double?
  package let documentCount: Int

  /// - Precondition: there are values, as many on either side.
  package init(_ first: [Double], _ second: [Double]) {
    precondition(first.count == second.count, "\(first.count) and \(second.count) values make no pairs")
    let differences = zip(first, second).map { $1 - $0 }
    mean = Evaluation.mean(differences)
    standardError = standardErrorOfMean(differences)
    documentCount = differences.count
  }

  /// Of the accuracies; nil unless both have the same documents in the same order.
  package init?(_ first: TaskScore, _ second: TaskScore) {
    guard first.documents.map(\.index) == second.documents.map(\.index) else { return nil }
    self.init(first.documents.map { $0.isCorrect ? 1 : 0 }, second.documents.map { $0.isCorrect ? 1 : 0 })
  }
}
