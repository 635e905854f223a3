import Tensors

/// A tensor to be written.
package struct NamedTensor: Sendable {
  /// How a matrix of floats is stored.
  package enum FloatFormat: Sendable, CaseIterable {
    case float32
    case float16
    case bfloat16
  }

  package enum Content: Sendable {
    /// Rounded to the nearest number of the format, of two equally near ones to the one whose last bit is zero.
    case floats(Matrix, storedAs: FloatFormat)
    /// The bytes of another file's tensor, as they are.
    case stored(StoredTensor)
    /// Little-endian, in C order.
    case bytes([UInt8], ElementType)
  }

  package let name: String
  package let shape: [Int]
  package let content: Content

  /// With the matrix's own two axes.
  package init(_ name: String, _ values: Matrix, storedAs format: FloatFormat = .float32) {
    self.init(name, shape: [values.rowCount, values.columnCount], values, storedAs: format)
  }

  package init(_ name: String, shape: [Int], _ values: Matrix, storedAs format: FloatFormat = .float32) {
    precondition(shape.reduce(1, *) == values.count, "shape \(shape) of \(values.count) elements")
    self.name = name
    self.shape = shape
    content = .floats(values, storedAs: format)
  }

  /// A stored tensor under its own name or another one.
  package init(_ tensor: StoredTensor, as name: String? = nil) {
    self.name = name ?? tensor.name
    shape = tensor.shape
    content = .stored(tensor)
  }

  /// Numbers written out by the caller: little-endian, in C order.
  package init(_ name: String, shape: [Int], bytes: [UInt8], type: ElementType) {
    precondition(shape.reduce(type.byteCount, *) == bytes.count, "\(bytes.count) bytes for \(type) \(shape)")
    self.name = name
    self.shape = shape
    content = .bytes(bytes, type)
  }

  package var type: ElementType {
    switch content {
    case .floats(_, let format): format.elementType
    case .stored(let tensor): tensor.type
    case .bytes(_, let type): type
    }
  }
}

extension NamedTensor.FloatFormat {
  package var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }

  /// The format of that name; nil for numbers that are not floats of four or two bytes.
  package init?(_ type: ElementType) {
    switch type {
    case .float32: self = .float32
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    default: return nil
    }
  }

  /// Whether the number is finite when it is stored so.
  func reaches(_ value: Float) -> Bool {
    switch self {
    case .float32: value.isFinite
    case .float16: Self.halfBits(value) & 0x7FFF < 0x7C00
    case .bfloat16: Self.brainBits(value) & 0x7FFF < 0x7F80
    }
  }

  /// The nearest half as its bits; what is no number or infinite stays so.
  static func halfBits(_ value: Float) -> UInt16 { Float16(value).bitPattern }

  /// The upper half of the float's bits after rounding.
  static func brainBits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    // Without its lower half a NaN might read as an infinity; the quiet bit keeps it one.
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
  }
}
