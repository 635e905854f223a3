import Tensors

/// A matrix of F16 or BF16 numbers in a mapped file.
struct HalfPrecisionMatrix: Sendable {
  let tensor: StoredTensor

  var rowCount: Int { tensor.shape[0] }
  var columnCount: Int { tensor.shape[1] }

  init(_ tensor: StoredTensor) { self.tensor = tensor }

  /// Widened exactly.
  func rows(_ range: Range<Int>) -> Matrix {
    var result = Matrix(uninitializedRows: range.count, columns: columnCount)
    result.withMutableElements { tensor.widen(from: range.lowerBound * columnCount, to: $0) }
    return result
  }

  func gatheringRows(_ indices: [Int]) -> Matrix {
    var result = Matrix(uninitializedRows: indices.count, columns: columnCount)
    result.withMutableElements { elements in
      for (place, index) in indices.enumerated() {
        precondition(index >= 0 && index < rowCount, "row \(index) of \(rowCount)")
        tensor.widen(
          from: index * columnCount,
          to: UnsafeMutableBufferPointer(rebasing: elements[place * columnCount..<(place + 1) * columnCount]))
      }
    }
    return result
  }
}
