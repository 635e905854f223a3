import Tensors

/// Which documents of a benchmark are scored, and in which order.
package struct DocumentSelection: Sendable, Equatable {
  package enum Order: String, Sendable, Codable {
    /// As the file has them, as in version 0.4 of the harness.
    case file
    /// Shuffled before the limit applies, as in the harness of 2023.
    case shuffled
  }

  package let order: Order
  /// At most so many; nil for all.
  package let limit: Int?

  package init(order: Order, limit: Int?) {
    precondition(limit.map { $0 > 0 } ?? true, "a limit of \(limit ?? 0) documents leaves nothing to score")
    self.order = order
    self.limit = limit
  }

  /// Indices of documents in the order in which they are scored.
  package func selected(from count: Int) -> [Int] {
    var indices = Array(0..<count)
    if order == .shuffled {
      var generator = MersenneTwister(seed: 42)  // lm_eval/evaluator.py of 2023
      generator.shuffle(&indices)
    }
    return Array(indices.prefix(limit ?? count))
  }
}
