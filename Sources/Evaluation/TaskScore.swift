import Foundation
import Tensors

/// The result of a benchmark: the flags of its documents, and their means.
package struct TaskScore: Sendable, Equatable {
  /// In the order in which they were scored.
  package let documents: [DocumentScore]
  /// The share of documents that are right. The harness calls it "acc", and "em" or "exact_match" where the model writes
  /// the answer (`BenchmarkTask.accuracyName`).
  package let accuracy: Double
  /// Sample standard error of the accuracy; nil for a single document.
  package let accuracyStandardError: Double?
  package let normalizedAccuracy: Double?
  package let normalizedAccuracyStandardError: Double?
  /// By the bytes of the choices, where the normalized accuracy goes by their characters.
  package let bytesAccuracy: Double?
  package let bytesAccuracyStandardError: Double?
  /// `exp` of the negative mean log-likelihood of the last words.
  package let perplexity: Double?

  package var documentCount: Int { documents.count }

  /// - Parameter results: of all requests of the first document, in order, then of the second, and so on.
  package init(documents: [Document], results: [RequestScore]) {
    let requestCount = documents.reduce(0) { $0 + $1.requests.count }
    precondition(results.count == requestCount, "\(results.count) results for \(requestCount) requests")
    var rest = results[...]
    self.init(
      documents.map { document in
        defer { rest = rest.dropFirst(document.requests.count) }
        return DocumentScore(document, results: Array(rest.prefix(document.requests.count)))
      })
  }

  /// - Parameter outputs: what the model wrote for each document.
  package init(documents: [Document], outputs: [GeneratedAnswer]) {
    precondition(outputs.count == documents.count, "\(outputs.count) answers to \(documents.count) documents")
    self.init(zip(documents, outputs).map { DocumentScore($0, output: $1) })
  }

  private init(_ documents: [DocumentScore]) {
    precondition(!documents.isEmpty, "no documents to score")
    func share(_ flag: (DocumentScore) -> Bool?) -> (mean: Double, error: Double?)? {
      let flags = documents.compactMap(flag).map { $0 ? 1.0 : 0.0 }
      return flags.count == documents.count ? (mean(flags), standardErrorOfMean(flags)) : nil
    }
    self.documents = documents
    let flags = documents.map { $0.isCorrect ? 1.0 : 0.0 }
    accuracy = mean(flags)
    accuracyStandardError = standardErrorOfMean(flags)
    let normalized = share(\.isCorrectNormalized)
    normalizedAccuracy = normalized?.mean
    normalizedAccuracyStandardError = normalized?.error
    let bytes = share(\.isCorrectByBytes)
    bytesAccuracy = bytes?.mean
    bytesAccuracyStandardError = bytes?.error
    let logLikelihoods = documents.compactMap(\.logLikelihood)
    perplexity = logLikelihoods.count == documents.count ? exp(-mean(logLikelihoods)) : nil
  }

  /// The bootstrap's standard error of the perplexity; nil where there is none, and for a single document.
  package func perplexityStandardError(_ bootstrap: Bootstrap = Bootstrap(), workers: Workers) throws -> Double? {
    let logLikelihoods = documents.compactMap(\.logLikelihood)
    guard perplexity != nil, documents.count > 1 else { return nil }
    return try bootstrap.standardError(of: .perplexity, over: logLikelihoods, workers: workers)
  }
}
