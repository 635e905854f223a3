/// How many weights become zero, and among which they are chosen.
package enum SparsityPattern: Sendable, Equatable {
  /// This share of all, from 0 and below 1.
  case unstructured(Double)
  /// Of each row's `of` columns in a row, `zeros`: 2:4 and 4:8 keep half.
  case ofEach(zeros: Int, of: Int)

  /// How the reference's programs count a share: the IEEE product, cut off.
  static func count(_ share: Double, of total: Int) -> Int { Int(Double(total) * share) }

  func expectPossible() {
    switch self {
    case .unstructured(let share): precondition(share >= 0 && share < 1, "a share of \(share) of the weights")
    case .ofEach(let zeros, let width):
      precondition(zeros > 0 && zeros <= width && width <= 256, "\(zeros) zeros among \(width) columns")
    }
  }
}
