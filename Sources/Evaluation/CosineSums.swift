import Tensors

/// The sums that the cosine of two vectors is made of, which parts of them are added to one after the other.
package struct CosineSums: Sendable, Equatable {
  private var product = 0.0
  private var leftSquare = 0.0
  private var rightSquare = 0.0

  package init() {}

  package mutating func add(_ left: Float, _ right: Float) {
    product += Double(left) * Double(right)
    leftSquare += Double(left) * Double(left)
    rightSquare += Double(right) * Double(right)
  }

  package static func += (sums: inout CosineSums, part: CosineSums) {
    sums.product += part.product
    sums.leftSquare += part.leftSquare
    sums.rightSquare += part.rightSquare
  }

  /// Exactly 1 for a vector and itself, since √(x²) is x in binary floating point. Nothing is like nothing (1), and unlike
  /// all else (0).
  package var cosine: Double {
    if leftSquare == 0 || rightSquare == 0 { return leftSquare == rightSquare ? 1 : 0 }
    let cosine = product / (leftSquare * rightSquare).squareRoot()
    return cosine.isNaN ? cosine : max(-1, min(1, cosine))
  }
}

/// The mean over rows of their cosines, and the cosine of all rows as one vector.
struct RowCosines: Sendable {
  private(set) var sum = 0.0
  private(set) var count = 0
  private(set) var whole = CosineSums()

  /// Adds the rows that are named of either matrix, pair by pair.
  mutating func add(_ left: Matrix, rows leftRows: [Int], _ right: Matrix, rows rightRows: [Int]) {
    precondition(
      left.columnCount == right.columnCount && leftRows.count == rightRows.count, "cosines of different shapes")
    let width = left.columnCount
    left.withElements { left in
      right.withElements { right in
        for (leftRow, rightRow) in zip(leftRows, rightRows) {
          var sums = CosineSums()
          for column in 0..<width { sums.add(left[leftRow * width + column], right[rightRow * width + column]) }
          sum += sums.cosine
          whole += sums
        }
      }
    }
    count += leftRows.count
  }
}
