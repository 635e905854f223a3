/// What can stop a training.
package enum TrainingError: Error, Equatable {
  /// The loss or a gradient is NaN or infinite: a smaller learning rate is the usual cure.
  case diverged(step: Int, loss: Double, place: String)
  /// The corpus has fewer tokens than one sequence.
  case corpusTooShort(tokens: Int, needed: Int)
}
