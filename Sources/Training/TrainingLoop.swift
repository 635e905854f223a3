/// What is the same in every step of a training.
package struct TrainingLoop {
  package let recipe: TrainingRecipe
  /// The sequences of a step, counted from 0.
  package let batch: (Int) -> [[Int]]
  /// The loss and the gradients of the parameters on the sequences of a step.
  package let gradient: (_ parameters: ParameterSet, _ batch: [[Int]], _ step: Int) throws -> BatchGradient
  package var validation: ValidationSchedule?
  /// Names the layer whose output is the first that is not finite, for the message.
  package var placeOfFailure: (_ parameters: ParameterSet, _ batch: [[Int]]) throws -> String? = { _, _ in nil }

  package init(
    recipe: TrainingRecipe, batch: @escaping (Int) -> [[Int]],
    gradient: @escaping (_ parameters: ParameterSet, _ batch: [[Int]], _ step: Int) throws -> BatchGradient
  ) {
    self.recipe = recipe
    self.batch = batch
    self.gradient = gradient
  }

  /// Takes the steps that are left.
  ///
  /// - Parameter afterStep: is given the state after each step, its validation included; what it throws ends the
  ///   training with that state.
  /// - Throws: `TrainingError` where the training diverges.
  package func run(_ state: inout TrainingState, afterStep: (TrainingState) throws -> Void = { _ in }) throws {
    try validate(&state)
    while state.step < recipe.stepCount {
      let batch = batch(state.step)
      let result = try gradient(state.parameters, batch, state.step)
      if !result.loss.isFinite, let place = try placeOfFailure(state.parameters, batch) {
        throw TrainingError.diverged(step: state.step + 1, loss: result.loss, place: place)
      }
      try state.take(result, by: recipe)
      try validate(&state)
      try afterStep(state)
    }
  }

  /// Before the first step, after every so many, and after the last; once each.
  private func validate(_ state: inout TrainingState) throws {
    guard let validation, state.validations.last?.step != state.step,
      state.step % validation.stepInterval == 0 || state.step == recipe.stepCount
    else { return }
    let loss = try validation.loss(state.parameters)
    guard loss.isFinite else {
      throw TrainingError.diverged(step: state.step, loss: loss, place: "validation loss")
    }
    state.note(validationLoss: loss)
  }
}

/// How often a training looks at sequences that it does not learn from.
package struct ValidationSchedule {
  package let stepInterval: Int
  /// The mean loss over real tokens, in nats.
  package let loss: (ParameterSet) throws -> Double

  package init(stepInterval: Int, loss: @escaping (ParameterSet) throws -> Double) {
    precondition(stepInterval > 0, "validation every \(stepInterval) steps")
    self.stepInterval = stepInterval
    self.loss = loss
  }
}

extension ParameterSet {
  /// Trains the parameters from the first step to the last; returns the loss of each step's batch, before its update, in
  /// nats a token.
  ///
  /// - Parameter progress: is told after each step how many are done, and its loss.
  /// - Throws: `TrainingError` with the step, and what is no longer finite.
  package mutating func train(
    by recipe: TrainingRecipe, batch: (Int) -> [[Int]], gradient: (ParameterSet, [[Int]]) throws -> BatchGradient,
    progress: (Int, Double) throws -> Void = { _, _ in }
  ) throws -> [Double] {
    var state = TrainingState(self, options: recipe.options)
    defer { self = state.parameters }
    try withoutActuallyEscaping(batch) { batch in
      try withoutActuallyEscaping(gradient) { gradient in
        try TrainingLoop(
          recipe: recipe, batch: batch, gradient: { parameters, batch, _ in try gradient(parameters, batch) }
        )
        .run(&state) { try progress($0.step, $0.losses[$0.step - 1]) }
      }
    }
    return state.losses
  }
}
