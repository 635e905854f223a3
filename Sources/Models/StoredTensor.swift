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

  /// The bytes that a tensor of that shape takes; nil where they, or those of its first axes alone, overflow.
  func byteCount(ofShape shape: [Int]) -> Int? {
    var size = byteCount
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      size = product
    }
    return size
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

  /// Numbers in memory, little-endian, which nothing but the tensor holds.
  init(_ name: String, _ type: ElementType, _ shape: [Int], _ numbers: [some BitwiseCopyable]) {
    let owned = numbers.withUnsafeBytes { bytes in
      guard let owned = OwnedBytes(count: bytes.count) else {
        preconditionFailure("no memory for \(bytes.count) bytes")
      }
      owned.buffer.copyMemory(from: bytes)
      return owned
    }
    self.init(name: name, type: type, shape: shape, path: "memory", bytes: owned.bytes, owner: owned)
  }

  package var count: Int { shape.reduce(1, *) }

  package var byteCount: Int { storedBytes.count }

  /// Whether the bytes are those of the file itself, which the system reads when they are used.
  var isMapped: Bool { owner is MappedFile }

  /// Gives the memory back that the bytes of a mapped file take; they are read again when they are used again.
  func releasePages() { (owner as? MappedFile)?.releasePages(of: storedBytes) }

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

  /// Aligned floats with two axes as a matrix over the mapped bytes themselves; nil for others.
  ///
  /// They are not looked at: NaNs and infinities are not refused.
  func borrowedMatrix() -> Matrix? {
    guard type == .float32, shape.count == 2 else { return nil }
    return withBytes { bytes in
      let floats = bytes.assumingMemoryBound(to: Float.self)
      guard UInt(bitPattern: floats.baseAddress) % UInt(MemoryLayout<Float>.alignment) == 0 else { return nil }
      return Matrix(rows: shape[0], columns: shape[1], borrowing: floats, owner: owner)
    }
  }

  /// The first place of a NaN or an infinity; nil where there is none, and for integers.
  func firstNonFinite() -> Int? {
    withBytes { bytes in
      switch type {
      case .float64: bytes.first(UInt64.self, withFull: 0x7FF0_0000_0000_0000)
      case .float32: bytes.first(UInt32.self, withFull: 0x7F80_0000)
      case .float16: bytes.first(UInt16.self, withFull: 0x7C00)
      case .bfloat16: bytes.first(UInt16.self, withFull: 0x7F80)
      case .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8, .boolean: nil
      }
    }
  }

  /// Writes as many elements as `floats` has, from the one at `first` on, in C order: floating-point numbers, of which
  /// half precision is widened exactly and doubles are rounded.
  func widen(from first: Int, to floats: UnsafeMutableBufferPointer<Float>) {
    withBytes { bytes in
      let start = first * type.byteCount
      let part = bytes[start..<start + floats.count * type.byteCount]
      precondition(widen(UnsafeRawBufferPointer(rebasing: part), to: floats), "\(type) is no floating-point type")
    }
  }

  /// False where the elements are no floating-point numbers.
  private func widen(_ source: UnsafeRawBufferPointer, to elements: UnsafeMutableBufferPointer<Float>) -> Bool {
    switch type {
    case .float32:
      UnsafeMutableRawBufferPointer(elements).copyMemory(from: source)
    case .float16: widenHalves(source, to: elements)
    case .bfloat16: widenBrainFloats(source, to: elements)
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

extension UnsafeRawBufferPointer {
  /// The index of the first element, as many bytes wide as `Bits`, in which all bits of `exponent` are set.
  fileprivate func first<Bits: FixedWidthInteger>(_: Bits.Type, withFull exponent: Bits) -> Int? {
    let width = MemoryLayout<Bits>.size
    let count = count / width
    // Whole stretches are folded into one flag, which the compiler does many elements at a time.
    let stretch = 4096
    for start in stride(from: 0, to: count, by: stretch) {
      let range = start..<Swift.min(start + stretch, count)
      var found: Bits = 0
      for index in range {
        let bits = loadUnaligned(fromByteOffset: index * width, as: Bits.self)
        found |= bits & exponent == exponent ? 1 : 0
      }
      if found != 0 {
        return range.first { loadUnaligned(fromByteOffset: $0 * width, as: Bits.self) & exponent == exponent }
      }
    }
    return nil
  }
}
