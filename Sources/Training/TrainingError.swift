import Models

/// What can stop a training.
package enum TrainingError: Error, Equatable {
  /// The loss, a gradient, a parameter or a layer's output is NaN or infinite: a smaller learning rate is the usual cure.
  case diverged(step: Int, loss: Double, place: String)
  /// All numbers are finite, and the loss is far above that of the beginning.
  case lossRose(step: Int, start: Double, now: Double, rule: DivergenceRule)
  /// The corpus has fewer tokens than one sequence, beside those that are held out.
  case corpusTooShort(tokens: Int, needed: Int)
  /// The file has the state of another training: of another model or text, or by another recipe.
  case otherTraining(file: String)
  /// The file has no state of a training, or a damaged one; without a reason its numbers are not those that were written.
  case damagedState(file: String, reason: CheckpointError?)
}

/// The training was asked to stop; its state is kept where there is a place for it.
package struct TrainingStopped: Error, Equatable {
  package init() {}
}
