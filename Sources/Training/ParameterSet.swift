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
  /// Joins the sequences of a batch: losses and gradients are added in the order of the sequences.
  ///
  /// - Parameter gradients: what to take of a sequence, in the parameters' order, weighted for the mean already.
  package init(_ sequences: [SequenceGradient], targetCount: Int, gradients: (SequenceGradient) -> [Matrix]) {
    loss = sequences.reduce(0) { $0 + $1.loss } / Double(targetCount)
    var sums = gradients(sequences[0])
    for sequence in sequences.dropFirst() {
      for (index, part) in gradients(sequence).enumerated() { sums[index].add(part) }
    }
    self.gradients = sums
  }
}
