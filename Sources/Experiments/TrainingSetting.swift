import Recovery
import Training

/// How every trained recovery is trained. The defaults are the paper's recipe, where it states one.
package struct TrainingSetting: Equatable, Sendable {
  package enum Optimizer: String, CaseIterable, Sendable {
    /// As torch.optim has it.
    case adamW = "adamw"
    /// That of transformers 4.31, as in "Compress, then Prompt"; its own ε is 1e-6.
    case transformersAdamW = "transformers-adamw"
  }

  package enum Schedule: String, CaseIterable, Sendable {
    case constant
    /// Falls linearly to zero at the last step.
    case linear
  }

  package var corpus: String
  package var sha256: String
  package var kind: TrainingCorpus.Kind = .c4
  /// Input tokens over the whole training; virtual ones do not count.
  package var tokens: Int
  /// Sequences of a step.
  package var batch: Int
  /// Tokens of a sequence.
  package var length: Int
  package var optimizer: Optimizer = .adamW
  package var learningRate: Double = 2e-4  // the paper, section 3
  package var weightDecay: Double = 1e-5  // the paper, section 3
  package var betas: [Double] = [0.9, 0.999]  // torch.optim.AdamW
  package var epsilon: Double = 1e-8  // torch.optim.AdamW
  package var schedule: Schedule = .constant
  package var warmupSteps: Int = 0
  /// Which tokens the loss counts.
  package var lossTokens: LossTokens = .predicted
  /// Nil where gradients are not clipped.
  package var maximumGradientNorm: Double?

  package init(
    corpus: String, sha256: String, tokens: Int, batch: Int, length: Int
  ) {
    self.corpus = corpus
    self.sha256 = sha256
    self.tokens = tokens
    self.batch = batch
    self.length = length
  }

  /// The fewest whole steps that see `tokens` tokens.
  package var steps: Int { TrainingRecipe.stepCount(forTokens: tokens, batchSize: batch, length: length) }

  package var recipe: TrainingRecipe {
    TrainingRecipe(
      stepCount: steps, batchSize: batch, learningRate: learningRate,
      schedule: schedule == .constant ? .constant : .linear(warmupSteps: warmupSteps, totalSteps: steps),
      options: AdamWOptions(
        beta1: betas[0], beta2: betas[1], epsilon: epsilon, weightDecay: weightDecay,
        variant: optimizer == .adamW ? .torch : .transformers, maximumGradientNorm: maximumGradientNorm))
  }

  package var canonical: CanonicalJSON {
    var members: [String: CanonicalJSON] = [
      "sha256": .string(sha256), "tokens": .integer(tokens), "batch": .integer(batch), "length": .integer(length),
      "optimizer": .string(optimizer.rawValue), "learningRate": .number(learningRate),
      "weightDecay": .number(weightDecay), "betas": .array(betas.map { .number($0) }), "epsilon": .number(epsilon),
      "schedule": .string(schedule.rawValue), "warmupSteps": .integer(warmupSteps),
      "maximumGradientNorm": .optional(maximumGradientNorm),
    ]
    // As it was before there was a choice, so that digests of suites stay.
    if kind != .c4 { members["kind"] = .string(kind.rawValue) }
    if lossTokens != .predicted { members["lossTokens"] = .string(lossTokens.rawValue) }
    return .object(members)
  }
}
