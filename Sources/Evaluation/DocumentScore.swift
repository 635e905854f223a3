import Models

/// A model's answer to one request.
package struct RequestScore: Sendable, Equatable {
  /// The sum over the tokens of the continuation, in nats.
  package let logLikelihood: Double
  /// Whether greedy decoding would give the continuation.
  package let isGreedy: Bool
  /// How often each prompt won, where there were several to choose among.
  package let wins: PromptWins?

  package init(logLikelihood: Double, isGreedy: Bool, wins: PromptWins? = nil) {
    self.logLikelihood = logLikelihood
    self.isGreedy = isGreedy
    self.wins = wins
  }
}

/// What a model wrote.
package struct GeneratedAnswer: Sendable, Equatable {
  package let text: String
  /// Whether it stopped at a logit that is not a number.
  package let hasNaN: Bool
  /// How often each prompt won, where there were several to choose among.
  package let wins: PromptWins?

  package init(text: String, hasNaN: Bool = false, wins: PromptWins? = nil) {
    self.text = text
    self.hasNaN = hasNaN
    self.wins = wins
  }
}

/// What came out for one document.
package struct DocumentScore: Sendable, Equatable {
  package let index: Int
  package let isCorrect: Bool
  /// With each log-likelihood divided by the length of its choice; nil where that is not defined.
  package let isCorrectNormalized: Bool?
  /// With each log-likelihood divided by the bytes of its choice; nil where that is not defined.
  package let isCorrectByBytes: Bool?
  /// Of each request, in order; none where the model wrote an answer.
  package let logLikelihoods: [Double]
  /// Whether a log-likelihood, or a logit in writing the answer, is not a number.
  package let hasNaN: Bool
  /// The largest log-likelihood less the second largest; nil without choices to compare.
  package let margin: Double?
  /// Of the last word; nil where the benchmark has no perplexity.
  package let logLikelihood: Double?
  /// What the model answered: the number of the choice it takes, or a `1` for each greedy continuation and a `0` for
  /// each other, in the order of the requests, or the text it wrote, cut at its stops.
  package let answer: String
}

extension DocumentScore {
  /// - Parameter results: of the document's requests, in order.
  init(_ document: Document, results: [RequestScore]) {
    let logLikelihoods = results.map(\.logLikelihood)
    self.logLikelihoods = logLikelihoods
    hasNaN = logLikelihoods.contains(where: \.isNaN)
    index = document.index
    switch document.judgement {
    case .multipleChoice(let gold, let choiceLengths):
      let choice = firstMaximum(of: logLikelihoods)
      answer = String(choice)
      isCorrect = choice == gold
      isCorrectNormalized = choiceLengths.map { Self.choice(logLikelihoods, dividedBy: $0.characters) == gold }
      isCorrectByBytes = choiceLengths.map { Self.choice(logLikelihoods, dividedBy: $0.bytes) == gold }
      margin = Self.margin(of: logLikelihoods)
      logLikelihood = nil
    case .greedyMatch:
      answer = Self.greedyFlags(results)
      isCorrect = results.contains(where: \.isGreedy)
      isCorrectNormalized = nil
      isCorrectByBytes = nil
      margin = nil
      logLikelihood = nil
    case .lastWord:
      precondition(results.count == 1, "\(results.count) requests for one last word")
      answer = Self.greedyFlags(results)
      isCorrect = results[0].isGreedy
      isCorrectNormalized = nil
      isCorrectByBytes = nil
      margin = nil
      logLikelihood = results[0].logLikelihood
    case .exactMatch:
      preconditionFailure("document \(document.index) has an answer to be written, not requests to be scored")
    }
  }

  init(_ document: Document, output: GeneratedAnswer) {
    guard let generation = document.generation, case .exactMatch(let answers, let comparison) = document.judgement
    else {
      preconditionFailure("document \(document.index) has no answer to be written")
    }
    index = document.index
    answer = generation.cut(output.text)
    isCorrect = comparison.holds(answer, among: answers)
    isCorrectNormalized = nil
    isCorrectByBytes = nil
    logLikelihoods = []
    hasNaN = output.hasNaN
    margin = nil
    logLikelihood = nil
  }

  private static func choice(_ logLikelihoods: [Double], dividedBy lengths: [Int]) -> Int {
    precondition(lengths.count == logLikelihoods.count, "\(lengths.count) lengths for \(logLikelihoods.count) choices")
    return firstMaximum(of: zip(logLikelihoods, lengths).map { $0 / Double($1) })
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
