import Tensors

/// How long, on how much at once, and how an adapter is trained.
package struct TrainingRecipe: Sendable, Equatable {
  package let stepCount: Int
  /// Sequences a step.
  package let batchSize: Int
  package let learningRate: Double
  package let schedule: LearningRateSchedule
  package let options: AdamWOptions

  package init(
    stepCount: Int, batchSize: Int, learningRate: Double, schedule: LearningRateSchedule, options: AdamWOptions
  ) {
    precondition(stepCount > 0 && batchSize > 0, "\(stepCount) steps of \(batchSize) sequences")
    self.stepCount = stepCount
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.schedule = schedule
    self.options = options
  }
}

extension ParameterSet {
  /// Trains the parameters; returns the loss of each step's batch, before its update, in nats a token.
  ///
  /// - Parameters:
  ///   - batch: the sequences of a step, counted from 0.
  ///   - gradient: the loss and gradients of the parameters on these sequences.
  ///   - progress: is told after each step how many are done, and its loss.
  /// - Throws: `.diverged` with the step, and what is no longer finite.
  package mutating func train(
    by recipe: TrainingRecipe, batch: (Int) -> [[Int]], gradient: (ParameterSet, [[Int]]) throws -> BatchGradient,
    progress: (Int, Double) throws -> Void = { _, _ in }
  ) throws -> [Double] {
    var optimizer = AdamW<Float>(elementCounts: values.map(\.count), options: recipe.options)
    var losses: [Double] = []
    for step in 0..<recipe.stepCount {
      let result = try gradient(self, batch(step))
      guard result.loss.isFinite else {
        throw TrainingError.diverged(step: step + 1, loss: result.loss, place: "loss")
      }
      optimizer.step(
        parameters: &values, gradients: result.gradients,
        learningRate: recipe.learningRate * recipe.schedule.factor(update: step))
      for (name, value) in zip(names, values) where !value.withElements({ $0.allSatisfy(\.isFinite) }) {
        throw TrainingError.diverged(step: step + 1, loss: result.loss, place: name)
      }
      losses.append(result.loss)
      try progress(step + 1, result.loss)
    }
    return losses
  }
}
