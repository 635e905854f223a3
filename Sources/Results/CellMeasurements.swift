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
