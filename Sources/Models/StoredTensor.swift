import Tensors

/// How a tensor's elements are stored in a file.
package enum ElementType: String, Sendable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case boolean = "BOOL"

  package var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .boolean: 1
    }
  }
}

/// A tensor as a checkpoint stores it: little-endian, in C order, in a mapped file wherever the file allows.
package struct StoredTensor: @unchecked Sendable {
  // Unchecked: the bytes are only read, and live as long as their owner.
  package let name: String
  package let type: ElementType
  package let shape: [Int]
  /// The file that it comes from.
  package let path: String
  private let owner: any Sendable & AnyObject
  private let storedBytes: UnsafeRawBufferPointer

  /// `bytes` must be those that shape and type take, and `owner` must keep them in place.
  init(
    name: String, type: ElementType, shape: [Int], path: String, bytes: UnsafeRawBufferPointer,
    owner: any Sendable & AnyObject
  ) {
    precondition(bytes.count == shape.reduce(type.byteCount, *), "\(bytes.count) bytes for \(type) \(shape)")
    self.name = name
    self.type = type
    self.shape = shape
    self.path = path
    self.owner = owner
    storedBytes = bytes
  }

  package var count: Int { shape.reduce(1, *) }

  /// The bytes, for reading.
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body(storedBytes)
  }

  /// The tensor as floats; half precision is widened exactly, doubles are rounded.
  ///
  /// Two axes give (rows, columns), one gives a single row, none a single element; more are folded into the rows.
  ///
  /// - Throws: `.unsupportedType` for integers, `.notFinite` with the first index of a NaN or an infinity.
  package func matrix() throws(CheckpointError) -> Matrix {
    let columns = shape.last ?? 1
    let rows = shape.dropLast().reduce(1, *)
    var result = Matrix(uninitializedRows: rows, columns: columns)
    let converted = withBytes { source in
      result.withMutableElements { elements in widen(source, to: elements) }
    }
    guard converted else { throw .unsupportedType(tensor: name, file: path, found: type.rawValue) }
    if let index = result.withElements({ elements in elements.firstIndex { !$0.isFinite } }) {
      throw .notFinite(tensor: name, file: path, index: index)
    }
    return result
  }

  /// False where the elements are no floating-point numbers.
  private func widen(_ source: UnsafeRawBufferPointer, to elements: UnsafeMutableBufferPointer<Float>) -> Bool {
    switch type {
    case .float32:
      UnsafeMutableRawBufferPointer(elements).copyMemory(from: source)
    case .float16:
      for index in elements.indices {
        let bits = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        elements[index] = Float(Float16(bitPattern: bits))
      }
    case .bfloat16:
      for index in elements.indices {
        let bits = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        elements[index] = Float(bitPattern: UInt32(bits) << 16)
      }
    case .float64:
      for index in elements.indices {
        elements[index] = Float(source.loadUnaligned(fromByteOffset: index * 8, as: Double.self))
      }
    default:
      return false
    }
    return true
  }

  /// The tensor as integers, in C order.
  package func integers() throws(CheckpointError) -> [Int] {
    func read<T: FixedWidthInteger>(_: T.Type) -> [Int] {
      withBytes { bytes in
        (0..<count).map {
          Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
        }
      }
    }
    switch type {
    case .int64: return read(Int64.self)
    case .int32: return read(Int32.self)
    case .int16: return read(Int16.self)
    case .int8: return read(Int8.self)
    case .uint64: return read(UInt64.self)
    case .uint32: return read(UInt32.self)
    case .uint16: return read(UInt16.self)
    case .uint8, .boolean: return read(UInt8.self)
    case .float64, .float32, .float16, .bfloat16:
      throw .unsupportedType(tensor: name, file: path, found: type.rawValue)
    }
  }
}
