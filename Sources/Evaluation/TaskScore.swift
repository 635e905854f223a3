import Foundation

/// A model's answer to one request.
package struct RequestScore: Sendable, Equatable {
  /// The sum over the tokens of the continuation, in nats.
  package let logLikelihood: Double
  /// Whether greedy decoding would give the continuation.
  package let isGreedy: Bool

  package init(logLikelihood: Double, isGreedy: Bool) {
    self.logLikelihood = logLikelihood
    self.isGreedy = isGreedy
  }
}

/// What came out for one document.
package struct DocumentScore: Sendable, Equatable {
  package let index: Int
  package let isCorrect: Bool
  /// With each log-likelihood divided by the length of its choice; nil where that is not defined.
  package let isCorrectNormalized: Bool?
  /// The largest log-likelihood less the second largest; nil without choices to compare.
  package let margin: Double?
  /// Of the last word; nil where the benchmark has no perplexity.
  package let logLikelihood: Double?
  /// What the model answered: the number of the choice it takes, or a `1` for each greedy continuation and a `0` for
  /// each other, in the order of the requests.
  package let answer: String
}

/// The result of a benchmark: the flags of its documents, and their means.
package struct TaskScore: Sendable, Equatable {
  /// In the order in which they were scored.
  package let documents: [DocumentScore]
  package let accuracy: Double
  /// Sample standard error of the accuracy; nil for a single document.
  package let accuracyStandardError: Double?
  package let normalizedAccuracy: Double?
  package let normalizedAccuracyStandardError: Double?
  /// `exp` of the negative mean log-likelihood of the last words.
  package let perplexity: Double?

  package var documentCount: Int { documents.count }

  /// - Parameter results: of all requests of the first document, in order, then of the second, and so on.
  package init(documents: [Document], results: [RequestScore]) {
    let requestCount = documents.reduce(0) { $0 + $1.requests.count }
    precondition(!documents.isEmpty, "no documents to score")
    precondition(results.count == requestCount, "\(results.count) results for \(requestCount) requests")

    var rest = results[...]
    self.documents = documents.map { document in
      defer { rest = rest.dropFirst(document.requests.count) }
      return DocumentScore(document, results: Array(rest.prefix(document.requests.count)))
    }

    let flags = self.documents.map { $0.isCorrect ? 1.0 : 0.0 }
    accuracy = mean(flags)
    accuracyStandardError = standardErrorOfMean(flags)

    let normalizedFlags = self.documents.compactMap(\.isCorrectNormalized).map { $0 ? 1.0 : 0.0 }
    let hasNormalized = normalizedFlags.count == documents.count
    normalizedAccuracy = hasNormalized ? mean(normalizedFlags) : nil
    normalizedAccuracyStandardError = hasNormalized ? standardErrorOfMean(normalizedFlags) : nil

    let logLikelihoods = self.documents.compactMap(\.logLikelihood)
    perplexity = logLikelihoods.count == documents.count ? exp(-mean(logLikelihoods)) : nil
  }
}

extension DocumentScore {
  /// - Parameter results: of the document's requests, in order.
  init(_ document: Document, results: [RequestScore]) {
    let logLikelihoods = results.map(\.logLikelihood)
    index = document.index
    switch document.judgement {
    case .multipleChoice(let gold, let choiceLengths):
      let choice = firstMaximum(of: logLikelihoods)
      answer = String(choice)
      isCorrect = choice == gold
      isCorrectNormalized = choiceLengths.map { lengths in
        precondition(lengths.count == results.count, "\(lengths.count) lengths for \(results.count) choices")
        return firstMaximum(of: zip(logLikelihoods, lengths).map { $0 / Double($1) }) == gold
      }
      margin = Self.margin(of: logLikelihoods)
      logLikelihood = nil
    case .greedyMatch:
      answer = Self.greedyFlags(results)
      isCorrect = results.contains(where: \.isGreedy)
      isCorrectNormalized = nil
      margin = nil
      logLikelihood = nil
    case .lastWord:
      precondition(results.count == 1, "\(results.count) requests for one last word")
      answer = Self.greedyFlags(results)
      isCorrect = results[0].isGreedy
      isCorrectNormalized = nil
      margin = nil
      logLikelihood = results[0].logLikelihood
    }
  }

  private static func greedyFlags(_ results: [RequestScore]) -> String {
    results.map { $0.isGreedy ? "1" : "0" }.joined()
  }

  private static func margin(of logLikelihoods: [Double]) -> Double? {
    guard logLikelihoods.count > 1 else { return nil }
    var others = logLikelihoods
    let best = others.remove(at: firstMaximum(of: logLikelihoods))
    return best - others[firstMaximum(of: others)]
  }
}

/// The place of the largest number, as `numpy.argmax` finds it: the first of equals; a NaN is larger than any number.
func firstMaximum(of values: [Double]) -> Int {
  precondition(!values.isEmpty, "no largest of no numbers")
  if let nan = values.firstIndex(where: \.isNaN) { return nan }
  var best = 0
  for index in values.indices where values[index] > values[best] { best = index }
  return best
}
