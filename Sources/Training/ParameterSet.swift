import Tensors

/// Trainable tensors by name, in a fixed order.
package struct ParameterSet: Sendable, Equatable {
  package private(set) var names: [String]
  package var values: [Matrix]

  package init(_ parameters: [(name: String, value: Matrix)]) {
    names = parameters.map(\.name)
    values = parameters.map(\.value)
  }

  /// The number of trained numbers.
  package var count: Int { values.reduce(0) { $0 + $1.count } }

  /// Other values under the same names.
  func with(_ values: [Matrix]) -> ParameterSet { ParameterSet(Array(zip(names, values))) }

  /// The first name whose matrix among `matrices` is not finite.
  func firstName(notFiniteIn matrices: [Matrix]) -> String? {
    zip(names, matrices).first { !$1.withElements { $0.allSatisfy(\.isFinite) } }?.0
  }
}

/// What one batch says: its mean loss, and the gradient of that mean for each parameter, in the parameters' order.
package struct BatchGradient: Sendable {
  /// In nats a token.
  package let loss: Double
  package let gradients: [Matrix]

  package init(loss: Double, gradients: [Matrix]) {
    self.loss = loss
    self.gradients = gradients
  }
}

extension BatchGradient {
  /// Runs the sequences of a batch, and joins them: losses and gradients are added in the order of the sequences, so that
  /// the sums do not depend on how many run at once.
  ///
  /// No more sequences run at once, and no more of their gradients are held beside the sums, than there are workers.
  ///
  /// - Parameters:
  ///   - targetCount: of all sequences; the mean is over them.
  ///   - sequence: runs a sequence, by its number.
  ///   - gradients: what to take of a sequence, in the parameters' order, weighted for the mean already.
  package init(
    sequenceCount: Int, targetCount: Int, workers: Workers, sequence: @Sendable (Int) throws -> SequenceGradient,
    gradients: @Sendable (SequenceGradient) -> [Matrix]
  ) throws {
    try self.init(sequenceCount: sequenceCount, targetCount: targetCount, workers: workers) { index in
      let found = try sequence(index)
      return (loss: found.loss, gradients: gradients(found))
    }
  }

  /// The same from what each sequence gives: its loss, and what is to be taken of it.
  package init(
    sequenceCount: Int, targetCount: Int, workers: Workers,
    sequence: @Sendable (Int) throws -> (loss: Double, gradients: [Matrix])
  ) throws {
    precondition(sequenceCount > 0, "a batch without sequences")
    var loss = 0.0
    var sums: [Matrix] = []
    for start in stride(from: 0, to: sequenceCount, by: workers.threadCount) {
      let parts = try workers.map(min(workers.threadCount, sequenceCount - start)) { try sequence(start + $0) }
      for part in parts {
        loss += part.loss
        if sums.isEmpty {
          sums = part.gradients
        } else {
          for (index, gradient) in part.gradients.enumerated() { sums[index].add(gradient) }
        }
      }
    }
    self.loss = loss / Double(targetCount)
    self.gradients = sums
  }
}
