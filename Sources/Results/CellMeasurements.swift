import Foundation

/// The perplexity of a cell's model on one corpus.
package struct CellPerplexity: Codable, Equatable, Sendable {
  /// The corpus, as the suite names it.
  package var name: String
  /// "rolling" or "windows".
  package var method: String
  /// The tokens of a window at most, or exactly.
  package var window: Int
  /// Predicted ones; those of prompts and prefixes do not count.
  package var tokens: Int
  /// Σ -log p over all of them, in nats: what is compared bit for bit.
  package var negativeLogLikelihood: Double
  package var tokenPerplexity: Double
  /// nil for windows, which do not know where a word begins.
  package var wordPerplexity: Double?

  package init(
    name: String, method: String, window: Int, tokens: Int, negativeLogLikelihood: Double, tokenPerplexity: Double,
    wordPerplexity: Double? = nil
  ) {
    self.name = name
    self.method = method
    self.window = window
    self.tokens = tokens
    self.negativeLogLikelihood = negativeLogLikelihood
    self.tokenPerplexity = tokenPerplexity
    self.wordPerplexity = wordPerplexity
  }
}

/// How long a cell's model takes over a batch, as a multiple of what the same compressed model takes without recovery,
/// both measured in turns in one process.
///
/// The one measurement of a cell that depends on the machine and the moment: it is compared as a ratio with its interval,
/// and no digest is taken of it.
package struct CellLatency: Codable, Equatable, Sendable {
  /// Sequences, and tokens of each.
  package var batch: Int
  package var length: Int
  package var repetitions: Int
  /// Repetitions during which the machine did other work.
  package var disturbed: Int
  /// The median, in seconds; stored and never compared.
  package var seconds: Double
  /// The median of the ratios, and a bootstrap interval of 95 %.
  package var ratio: Double
  package var lower: Double
  package var upper: Double
  /// What multiply-adds and bytes moved let expect of this machine.
  package var predictedRatio: Double?

  package init(
    batch: Int, length: Int, repetitions: Int, disturbed: Int, seconds: Double, ratio: Double, lower: Double,
    upper: Double, predictedRatio: Double? = nil
  ) {
    self.batch = batch
    self.length = length
    self.repetitions = repetitions
    self.disturbed = disturbed
    self.seconds = seconds
    self.ratio = ratio
    self.lower = lower
    self.upper = upper
    self.predictedRatio = predictedRatio
  }
}

/// How like the dense model's a cell's attention and hidden states are, block by block: cosines, 1 where nothing changed.
///
/// Only the input's own tokens count, as queries and as keys: what is put in front of them has no counterpart in the dense
/// model. Both readings of the paper's Figure 5; see `idp.md` section 6.
package struct CellSimilarity: Codable, Equatable, Sendable {
  /// Texts, and tokens of each.
  package var samples: Int
  package var length: Int
  /// Of each query's row of attention probabilities, the mean over queries, heads and samples.
  package var attentionByRow: [Double]
  /// Of all probabilities of a sample as one vector, not made to sum to one again: what a prompt draws to itself counts
  /// as less. The mean over samples.
  package var attentionFlattened: [Double]
  /// Of each token's hidden state behind the block, the mean over tokens and samples.
  package var activationsByRow: [Double]
  /// Of all hidden states of a sample as one vector, the mean over samples.
  package var activationsFlattened: [Double]

  package init(
    samples: Int, length: Int, attentionByRow: [Double], attentionFlattened: [Double], activationsByRow: [Double],
    activationsFlattened: [Double]
  ) {
    self.samples = samples
    self.length = length
    self.attentionByRow = attentionByRow
    self.attentionFlattened = attentionFlattened
    self.activationsByRow = activationsByRow
    self.activationsFlattened = activationsFlattened
  }
}

// What contradicts itself in them. Numbers that are not finite are found beforehand, by `CellResult.problems`.

extension CellPerplexity {
  package func problems() -> [ResultProblem] {
    func problem(_ member: String, _ reason: String) -> ResultProblem {
      ResultProblem(place: "perplexities.\(name).\(member)", reason: reason)
    }
    guard tokens > 0 else { return [problem("tokens", "\(tokens) tokens were predicted")] }
    var problems: [ResultProblem] = []
    // 1e-9 allows for an exponential that rounds differently elsewhere.
    let expected = exp(negativeLogLikelihood / Double(tokens))
    if abs(tokenPerplexity - expected) > 1e-9 * expected {
      problems.append(
        problem("tokenPerplexity", "\(tokenPerplexity) where \(expected) follows from the log-likelihood"))
    }
    if let wordPerplexity, wordPerplexity < 1 {
      problems.append(problem("wordPerplexity", "\(wordPerplexity) is below 1"))
    }
    return problems
  }
}

extension CellSimilarity {
  /// Its curves by name, in the order of their members.
  package var curves: [(name: String, values: [Double])] {
    [
      ("attentionByRow", attentionByRow), ("attentionFlattened", attentionFlattened),
      ("activationsByRow", activationsByRow), ("activationsFlattened", activationsFlattened),
    ]
  }

  package func problems() -> [ResultProblem] {
    var problems: [ResultProblem] = []
    if samples < 1 || length < 1 {
      problems.append(ResultProblem(place: "similarity.samples", reason: "\(samples) texts of \(length) tokens"))
    }
    for (name, values) in curves {
      // A cosine of vectors that are all but equal may come out above one by its rounding.
      for (block, value) in values.enumerated() where abs(value) > 1 + 1e-5 {
        problems.append(ResultProblem(place: "similarity.\(name).\(block)", reason: "\(value) is no cosine"))
      }
    }
    return problems
  }
}

extension CellLatency {
  package func problems() -> [ResultProblem] {
    func problem(_ member: String, _ reason: String) -> ResultProblem {
      ResultProblem(place: "latency.\(member)", reason: reason)
    }
    var problems: [ResultProblem] = []
    if repetitions < 1 { problems.append(problem("repetitions", "it was measured \(repetitions) times")) }
    if !(0...max(0, repetitions)).contains(disturbed) {
      problems.append(problem("disturbed", "\(disturbed) of \(repetitions) repetitions"))
    }
    if seconds <= 0 { problems.append(problem("seconds", "\(seconds) is no time")) }
    if lower <= 0 || lower > ratio || ratio > upper {
      problems.append(problem("ratio", "\(ratio) does not lie in its interval, \(lower) to \(upper)"))
    }
    return problems
  }
}
