import Tensors

/// A matrix of weights, held as it is stored: floats in memory or in a mapped file, or half-precision numbers or packed
/// codes, which are turned into floats a few rows at a time when they are used.
///
/// Nothing is read before it is used, so a checkpoint of any size is there at once. Whether all numbers are finite is
/// what `CheckpointFolder.checkFinite` looks at.
package struct Weight: Sendable {
  private enum Form {
    case floats(Matrix)
    case half(HalfPrecisionMatrix)
    case packed(PackedMatrix)
  }

  private let form: Form

  package init(_ matrix: Matrix) { form = .floats(matrix) }

  package init(_ matrix: PackedMatrix) { form = .packed(matrix) }

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

  /// The numbers rounded to a format, and held in it: what they are once they have been written to a file and read.
  ///
  /// - Throws: `.overflow` for a number that the format does not reach.
  package init(
    _ matrix: Matrix, storedAs format: NamedTensor.FloatFormat, name: String
  ) throws(CheckpointError) {
    if let place = matrix.withElements({ elements in elements.firstIndex { !format.reaches($0) } }) {
      throw .overflow(tensor: name, file: "memory", index: place, type: format.elementType.rawValue)
    }
    func halves(_ bits: (Float) -> UInt16) -> Form {
      let numbers = matrix.withElements { $0.map { bits($0).littleEndian } }
      return .half(
        HalfPrecisionMatrix(
          StoredTensor(name, format.elementType, [matrix.rowCount, matrix.columnCount], numbers)))
    }
    form =
      switch format {
      case .float32: .floats(matrix)
      case .float16: halves(NamedTensor.FloatFormat.halfBits)
      case .bfloat16: halves(NamedTensor.FloatFormat.brainBits)
      }
  }

  package var rowCount: Int {
    switch form {
    case .floats(let matrix): matrix.rowCount
    case .half(let matrix): matrix.rowCount
    case .packed(let matrix): matrix.rowCount
    }
  }

  package var columnCount: Int {
    switch form {
    case .floats(let matrix): matrix.columnCount
    case .half(let matrix): matrix.columnCount
    case .packed(let matrix): matrix.columnCount
    }
  }

  package var count: Int { rowCount * columnCount }

  /// The type of the stored numbers; nil for packed codes.
  package var storedType: ElementType? {
    switch form {
    case .floats: .float32
    case .half(let matrix): matrix.tensor.type
    case .packed: nil
    }
  }

  /// What it is packed as; nil for what is not.
  package var packedFormat: PackedFormat? {
    switch form {
    case .floats, .half: nil
    case .packed(let matrix): matrix.format
    }
  }

  /// Elements of a panel: a megabyte as floats, which stays in a core's cache until the product has read it.
  private static let panelSize = 1 << 18

  /// The ranges of rows that are widened at once. A function of the shape alone, since the bits of a product depend on
  /// how it is cut; whole tiles of OpenBLAS's kernels, with the rest in the last.
  private static func panels(_ rowCount: Int, _ columnCount: Int) -> [Range<Int>] {
    let height = max(64, panelSize / max(columnCount, 1) / 64 * 64)
    let panelCount = max(1, rowCount / height)
    return (0..<panelCount).map { $0 * height..<($0 == panelCount - 1 ? rowCount : ($0 + 1) * height) }
  }

  private var panels: [Range<Int>] { Self.panels(rowCount, columnCount) }

  /// The most floats that a product with a matrix of that shape widens at once, where it is not floats already.
  static func largestPanelCount(_ rowCount: Int, _ columnCount: Int) -> Int {
    (panels(rowCount, columnCount).map(\.count).max() ?? 0) * columnCount
  }

  /// These rows, as floats.
  private func rows(_ range: Range<Int>) -> Matrix {
    switch form {
    case .floats(let matrix): matrix.rows(range)
    case .half(let matrix): matrix.rows(range)
    case .packed(let matrix): matrix.rows(range)
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
    case .half, .packed: rows(0..<rowCount)
    }
  }

  /// Under a checkpoint's names, stored as it is held: one tensor, or the several of packed codes.
  ///
  /// - Parameter layer: what the names begin with: "lm_head" for "lm_head.weight".
  package func checkpointTensors(_ layer: String) -> [NamedTensor] {
    switch form {
    case .floats(let matrix): [NamedTensor(layer + ".weight", matrix)]
    case .half(let matrix): [NamedTensor(matrix.tensor, as: layer + ".weight")]
    case .packed(let matrix): matrix.checkpointTensors(layer)
    }
  }

  /// The rows of the indices given, in their order, as floats.
  package func gatheringRows(_ indices: [Int]) -> Matrix {
    switch form {
    case .floats(let matrix): matrix.gatheringRows(indices)
    case .half(let matrix): matrix.gatheringRows(indices)
    case .packed(let matrix): matrix.gatheringRows(indices)
    }
  }

  /// Shows the rows of each panel, as floats, in their order.
  package func forEachPanel(_ body: (_ rows: Range<Int>, MatrixSlice) -> Void) {
    for range in panels {
      switch form {
      case .floats(let matrix): body(range, matrix.slice(rows: range))
      case .half, .packed: body(range, rows(range).slice())
      }
    }
  }

  /// y ← x Wᵀ, or y + x Wᵀ when `adding`; W (out, in) is the weight, x (T, in), y (T, out).
  ///
  /// Where the rows of x are whole dozens, each row of y has bits that depend on nothing but its row of x and the half of a
  /// dozen that this stands in.
  package func multiply(_ x: Matrix, into y: inout Matrix, adding: Bool = false) {
    switch form {
    case .floats(let matrix): y.setLinearProduct(x, matrix.slice(), adding: adding)
    case .half, .packed:
      for range in panels { y.setLinearProduct(x, rows(range).slice(), adding: adding, columns: range) }
    }
  }

  /// x Wᵀ: (T, in) → (T, out).
  package func multiplied(_ x: Matrix) -> Matrix {
    var y = Matrix(uninitializedRows: x.rowCount, columns: rowCount)
    multiply(x, into: &y)
    return y
  }

  /// x ← y W, or x + y W when `adding`: (T, out) → (T, in), the way back of `multiply`.
  package func multiplyBack(_ y: Matrix, into x: inout Matrix, adding: Bool = false) {
    switch form {
    case .floats(let matrix): x.setProduct(y.slice(), matrix.slice(), adding: adding)
    case .half, .packed:
      for (index, range) in panels.enumerated() {
        x.setProduct(y.slice(columns: range), rows(range).slice(), adding: adding || index > 0)
      }
    }
  }

  /// y W: (T, out) → (T, in), the way back of `multiplied`.
  package func multipliedBack(_ y: Matrix) -> Matrix {
    var x = Matrix(uninitializedRows: y.rowCount, columns: columnCount)
    multiplyBack(y, into: &x)
    return x
  }
}

extension Matrix {
  /// x × weightᵀ, row by row where the rows of x are whole dozens.
  mutating func setLinearProduct(
    _ x: Matrix, _ weight: MatrixSlice, scale: Float = 1, adding: Bool = false, columns: Range<Int>? = nil
  ) {
    if x.rowCount % DozenRows.dozen == 0 {
      setRowwiseProduct(x, weight, scale: scale, adding: adding, columns: columns)
    } else {
      setProduct(x.slice(), weight, rightTransposed: true, scale: scale, adding: adding, columns: columns)
    }
  }
}

extension Weight: Equatable {
  /// Same shape and same numbers, to the bit, however they are stored.
  package static func == (left: Weight, right: Weight) -> Bool { left.matrix == right.matrix }
}
