import Tensors

/// A matrix of weights, held as it is stored: floats in memory or in a mapped file, or half-precision numbers in a mapped
/// file, which are widened (exactly) a few rows at a time when they are used.
///
/// Nothing is read before it is used, so a checkpoint of any size is there at once. Whether all numbers are finite is
/// what `CheckpointFolder.checkFinite` looks at.
package struct Weight: Sendable {
  private enum Form {
    case floats(Matrix)
    case half(HalfPrecisionMatrix)
  }

  private let form: Form

  package init(_ matrix: Matrix) { form = .floats(matrix) }

  /// Of a tensor with two axes. Floats that the file does not align, and doubles, are copied.
  ///
  /// - Throws: `.unsupportedType` for integers.
  package init(_ tensor: StoredTensor) throws(CheckpointError) {
    precondition(tensor.shape.count == 2, "a weight of shape \(tensor.shape)")
    if tensor.type == .float16 || tensor.type == .bfloat16 {
      form = .half(HalfPrecisionMatrix(tensor))
    } else if let matrix = tensor.borrowedMatrix() {
      form = .floats(matrix)
    } else {
      form = .floats(try tensor.matrix())
    }
  }

  package var rowCount: Int {
    switch form {
    case .floats(let matrix): matrix.rowCount
    case .half(let matrix): matrix.rowCount
    }
  }

  package var columnCount: Int {
    switch form {
    case .floats(let matrix): matrix.columnCount
    case .half(let matrix): matrix.columnCount
    }
  }

  package var count: Int { rowCount * columnCount }

  package var storedType: ElementType {
    switch form {
    case .floats: .float32
    case .half(let matrix): matrix.tensor.type
    }
  }

  /// The most floats that a product widens at once; zero for what is floats already.
  package var largestPanelCount: Int {
    switch form {
    case .floats: 0
    case .half(let matrix): (matrix.panels.map(\.count).max() ?? 0) * matrix.columnCount
    }
  }

  /// Whether a weight made of this tensor computes from the tensor's own bytes, not from a copy.
  static func isInPlace(_ tensor: StoredTensor) -> Bool {
    switch tensor.type {
    case .float16, .bfloat16: true
    default: tensor.borrowedMatrix() != nil
    }
  }

  /// All of it as floats: a copy where it is stored otherwise.
  package var matrix: Matrix {
    switch form {
    case .floats(let matrix): matrix
    case .half(let matrix): matrix.rows(0..<matrix.rowCount)
    }
  }

  /// Under a checkpoint's name, stored as it is held.
  func checkpointTensor(_ name: String) -> NamedTensor {
    switch form {
    case .floats(let matrix): NamedTensor(name, matrix)
    case .half(let matrix): NamedTensor(matrix.tensor, as: name)
    }
  }

  /// The rows of the indices given, in their order, as floats.
  package func gatheringRows(_ indices: [Int]) -> Matrix {
    switch form {
    case .floats(let matrix): matrix.gatheringRows(indices)
    case .half(let matrix): matrix.gatheringRows(indices)
    }
  }

  /// y ← x Wᵀ, or y + x Wᵀ when `adding`; W (out, in) is the weight, x (T, in), y (T, out).
  package func multiply(_ x: Matrix, into y: inout Matrix, adding: Bool = false) {
    switch form {
    case .floats(let matrix): y.setProduct(x.slice(), matrix.slice(), rightTransposed: true, adding: adding)
    case .half(let matrix):
      for rows in matrix.panels {
        y.setProduct(x.slice(), matrix.rows(rows).slice(), rightTransposed: true, adding: adding, columns: rows)
      }
    }
  }

  /// x Wᵀ: (T, in) → (T, out).
  package func multiplied(_ x: Matrix) -> Matrix {
    var y = Matrix(uninitializedRows: x.rowCount, columns: rowCount)
    multiply(x, into: &y)
    return y
  }

  /// y W: (T, out) → (T, in), the way back of `multiplied`.
  package func multipliedBack(_ y: Matrix) -> Matrix {
    switch form {
    case .floats(let matrix): return y.times(matrix)
    case .half(let matrix):
      var x = Matrix(rows: y.rowCount, columns: columnCount)
      for rows in matrix.panels {
        x.setProduct(y.slice(columns: rows), matrix.rows(rows).slice(), adding: true)
      }
      return x
    }
  }
}

extension Weight: Equatable {
  /// Same shape and same numbers, to the bit, however they are stored.
  package static func == (left: Weight, right: Weight) -> Bool { left.matrix == right.matrix }
}

/// A matrix of F16 or BF16 numbers in a mapped file.
private struct HalfPrecisionMatrix: Sendable {
  let tensor: StoredTensor

  var rowCount: Int { tensor.shape[0] }
  var columnCount: Int { tensor.shape[1] }

  init(_ tensor: StoredTensor) { self.tensor = tensor }

  /// Elements of a panel: a megabyte as floats, which stays in a core's cache until the product has read it.
  private static let panelSize = 1 << 18

  /// The ranges of rows that are widened at once. A function of the shape alone, since the bits of a product depend on
  /// how it is cut; whole tiles of OpenBLAS's kernels, with the rest in the last.
  var panels: [Range<Int>] {
    let height = max(64, Self.panelSize / max(columnCount, 1) / 64 * 64)
    let panelCount = max(1, rowCount / height)
    return (0..<panelCount).map { $0 * height..<($0 == panelCount - 1 ? rowCount : ($0 + 1) * height) }
  }

  func rows(_ range: Range<Int>) -> Matrix {
    var result = Matrix(uninitializedRows: range.count, columns: columnCount)
    result.withMutableElements { widen(range.lowerBound, to: $0) }
    return result
  }

  func gatheringRows(_ indices: [Int]) -> Matrix {
    var result = Matrix(uninitializedRows: indices.count, columns: columnCount)
    result.withMutableElements { elements in
      for (place, index) in indices.enumerated() {
        precondition(index >= 0 && index < rowCount, "row \(index) of \(rowCount)")
        widen(
          index, to: UnsafeMutableBufferPointer(rebasing: elements[place * columnCount..<(place + 1) * columnCount]))
      }
    }
    return result
  }

  /// Widens as many elements as `floats` has, from the beginning of row `row` on.
  private func widen(_ row: Int, to floats: UnsafeMutableBufferPointer<Float>) {
    tensor.withBytes { bytes in
      let first = row * columnCount * tensor.type.byteCount
      let source = UnsafeRawBufferPointer(
        rebasing: bytes[first..<first + floats.count * tensor.type.byteCount])
      switch tensor.type {
      case .float16: widenHalves(source, to: floats)
      case .bfloat16: widenBrainFloats(source, to: floats)
      default: preconditionFailure("\(tensor.type) is no half precision")
      }
    }
  }
}
