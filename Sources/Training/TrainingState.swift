import Tensors

/// All that a training has come to: from it the training goes on to the same bits as one that was never interrupted.
package struct TrainingState: Sendable, Equatable {
  /// A loss on sequences that are not trained on.
  package struct Validation: Sendable, Equatable {
    /// Steps taken before.
    package let step: Int
    /// The mean over real tokens, in nats.
    package let loss: Double

    package init(step: Int, loss: Double) {
      self.step = step
      self.loss = loss
    }
  }

  /// The parameters with the least validation loss so far.
  package struct Best: Sendable, Equatable {
    package let step: Int
    package let parameters: ParameterSet

    package init(step: Int, parameters: ParameterSet) {
      self.step = step
      self.parameters = parameters
    }
  }

  package internal(set) var parameters: ParameterSet
  package internal(set) var optimizer: AdamW<Float>
  /// Of each step's batch, before its update, in nats a token.
  package internal(set) var losses: [Double] = []
  package internal(set) var validations: [Validation] = []
  /// nil where nothing was validated after a step.
  package internal(set) var best: Best?

  /// Before the first step.
  package init(_ parameters: ParameterSet, options: AdamWOptions) {
    self.parameters = parameters
    optimizer = AdamW(elementCounts: parameters.values.map(\.count), options: options)
  }

  /// Steps taken.
  package var step: Int { losses.count }

  /// Takes the step for which `result` was computed.
  ///
  /// - Throws: `.diverged` with what is no longer finite, `.lossRose`. Where the loss or a gradient is not finite, the
  ///   state stays as it was.
  mutating func take(_ result: BatchGradient, by recipe: TrainingRecipe) throws(TrainingError) {
    let number = step + 1
    func diverged(_ place: String) -> TrainingError { .diverged(step: number, loss: result.loss, place: place) }
    guard result.loss.isFinite else { throw diverged("loss") }
    if let name = parameters.firstName(notFiniteIn: result.gradients) { throw diverged("gradient of \(name)") }
    optimizer.step(
      parameters: &parameters.values, gradients: result.gradients,
      learningRate: recipe.learningRate * recipe.schedule.factor(update: step))
    if let name = parameters.firstName(notFiniteIn: parameters.values) { throw diverged(name) }
    losses.append(result.loss)
    if let rule = recipe.divergence, let means = rule.broken(by: losses) {
      throw .lossRose(step: step, start: means.start, now: means.now, rule: rule)
    }
  }

  /// Notes a validation loss after the steps so far. The initial parameters are never the best.
  mutating func note(validationLoss loss: Double) {
    if step > 0 {
      let least = validations.filter { $0.step > 0 }.map(\.loss).min()
      if least.map({ loss < $0 }) ?? true { best = Best(step: step, parameters: parameters) }
    }
    validations.append(Validation(step: step, loss: loss))
  }
}
