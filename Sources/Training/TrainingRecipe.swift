/// How long, on how much at once, and how an adapter is trained.
package struct TrainingRecipe: Sendable, Equatable {
  package let stepCount: Int
  /// Sequences a step.
  package let batchSize: Int
  package let learningRate: Double
  package let schedule: LearningRateSchedule
  package let options: AdamWOptions
  /// When a training is given up; nil for never, as long as all numbers are finite.
  package let divergence: DivergenceRule?

  package init(
    stepCount: Int, batchSize: Int, learningRate: Double, schedule: LearningRateSchedule, options: AdamWOptions,
    divergence: DivergenceRule? = DivergenceRule()
  ) {
    precondition(stepCount > 0 && batchSize > 0, "\(stepCount) steps of \(batchSize) sequences")
    self.stepCount = stepCount
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.schedule = schedule
    self.options = options
    self.divergence = divergence
  }

  /// The fewest whole steps that see `tokens` input tokens; virtual tokens do not count.
  ///
  /// So the paper's 40 960 000 are 20 000 steps of two sequences of 1024 (`peft.md` section 6).
  package static func stepCount(forTokens tokens: Int, batchSize: Int, length: Int) -> Int {
    let tokensPerStep = batchSize * length
    return tokens / tokensPerStep + (tokens % tokensPerStep == 0 ? 0 : 1)
  }
}

/// When a training whose numbers are all finite has still gone wrong: the mean loss of the last `stepCount` steps is
/// more than `excess` nats above that of the first ones.
///
/// It looks at losses alone, so that a training that goes on from a checkpoint stops where an uninterrupted one would.
package struct DivergenceRule: Sendable, Equatable {
  package let stepCount: Int
  /// In nats a token.
  package let excess: Double

  package init(stepCount: Int = 50, excess: Double = 2) {
    precondition(stepCount > 0 && excess > 0, "\(excess) nats over \(stepCount) steps")
    self.stepCount = stepCount
    self.excess = excess
  }

  /// The two means, once the rule is broken.
  func broken(by losses: [Double]) -> (start: Double, now: Double)? {
    guard losses.count >= 2 * stepCount else { return nil }
    let start = losses[..<stepCount].reduce(0, +) / Double(stepCount)
    let now = losses[(losses.count - stepCount)...].reduce(0, +) / Double(stepCount)
    return now > start + excess ? (start, now) : nil
  }
}
