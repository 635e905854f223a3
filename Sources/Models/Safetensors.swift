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

/// A tensor as it lies in a mapped file.
package struct StoredTensor: Sendable {
  package let name: String
  package let type: ElementType
  package let shape: [Int]
  let file: MappedFile
  let byteRange: Range<Int>

  package var path: String { file.path }
  package var count: Int { shape.reduce(1, *) }
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: file.bytes[byteRange]) }

  /// The tensor as floats; half precision is widened exactly, doubles are rounded.
  ///
  /// Two axes give (rows, columns), one gives a single row, none a single element; more are folded into the rows.
  ///
  /// - Throws: `.unsupportedType` for integers, `.notFinite` with the first index of a NaN or an infinity.
  package func matrix() throws(CheckpointError) -> Matrix {
    let columns = shape.last ?? 1
    let rows = shape.dropLast().reduce(1, *)
    var result = Matrix(uninitializedRows: rows, columns: columns)
    let source = bytes
    let converted = result.withMutableElements { elements -> Bool in
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
    guard converted else { throw .unsupportedType(tensor: name, file: path, found: type.rawValue) }
    if let index = result.withElements({ elements in elements.firstIndex { !$0.isFinite } }) {
      throw .notFinite(tensor: name, file: path, index: index)
    }
    return result
  }

  /// The tensor as integers, in C order.
  package func integers() throws(CheckpointError) -> [Int] {
    func read<T: FixedWidthInteger>(_: T.Type) -> [Int] {
      (0..<count).map {
        Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
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

/// One safetensors file, mapped; its header is checked by every rule of the format before any tensor is handed out.
///
/// Layout: eight bytes little-endian header length N, N bytes of JSON, then the tensors without holes or overlaps.
/// Source: huggingface/safetensors v0.7.0, safetensors/src/tensor.rs; `architectures.md` section 4.
package struct SafetensorsFile: Sendable {
  package let path: String
  /// In the order of their bytes in the file.
  package let tensors: [StoredTensor]
  package let metadata: [String: String]

  /// The longest header that the reference reader accepts, in bytes.
  static let longestHeader = 100_000_000

  /// - Throws: `.invalidHeader` saying which rule the file breaks.
  package init(path: String) throws(CheckpointError) {
    self.path = path
    let file = try MappedFile(path: path)
    func invalid(_ reason: String) -> CheckpointError { .invalidHeader(file: path, reason: reason) }

    guard file.bytes.count >= 8 else {
      throw invalid("\(file.bytes.count) bytes, shorter than the header's length field")
    }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard length <= Self.longestHeader else {
      throw invalid("a header of \(length) bytes is announced, more than the \(Self.longestHeader) allowed")
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= file.bytes.count else {
      throw invalid("a header of \(length) bytes is announced in a file of \(file.bytes.count)")
    }
    let header: JSONValue
    do {
      header = try JSONValue(parsing: file.bytes[8..<dataStart])
    } catch {
      throw .malformedJSON(file: path, line: error.line, column: error.column, reason: error.reason)
    }
    guard let members = header.object else { throw invalid("the header is no JSON object") }

    var metadata: [String: String] = [:]
    var found: [StoredTensor] = []
    for member in members {
      if member.name == "__metadata__" {
        guard let entries = member.value.object else { throw invalid("__metadata__ is no object") }
        for entry in entries {
          guard let value = entry.value.string else { throw invalid("__metadata__.\(entry.name) is no string") }
          metadata[entry.name] = value
        }
        continue
      }
      found.append(try Self.tensor(named: member.name, member.value, in: file, dataStart: dataStart))
    }

    found.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound) < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    var end = dataStart
    for tensor in found {
      guard tensor.byteRange.lowerBound == end else {
        throw invalid(
          "“\(tensor.name)” begins at byte \(tensor.byteRange.lowerBound - dataStart), not at \(end - dataStart) where the tensor before it ends"
        )
      }
      end = tensor.byteRange.upperBound
    }
    guard end == file.bytes.count else {
      throw invalid("the tensors end at byte \(end) of a file of \(file.bytes.count)")
    }
    tensors = found
    self.metadata = metadata
  }

  private static func tensor(named name: String, _ value: JSONValue, in file: MappedFile, dataStart: Int)
    throws(CheckpointError) -> StoredTensor
  {
    func invalid(_ reason: String) -> CheckpointError {
      .invalidHeader(file: file.path, reason: "“\(name)”: \(reason)")
    }
    func naturals(_ member: String) -> [Int]? {
      guard let array = value[member]?.array else { return nil }
      let numbers = array.compactMap(\.integer).filter { $0 >= 0 }
      return numbers.count == array.count ? numbers : nil
    }
    guard let typeName = value["dtype"]?.string else { throw invalid("no dtype") }
    guard let type = ElementType(rawValue: typeName) else {
      throw .unsupportedType(tensor: name, file: file.path, found: typeName)
    }
    guard let shape = naturals("shape") else { throw invalid("no shape of non-negative integers") }
    guard let offsets = naturals("data_offsets"), offsets.count == 2, offsets[0] <= offsets[1] else {
      throw invalid("no pair of data_offsets in ascending order")
    }
    guard offsets[1] <= file.bytes.count - dataStart else {
      throw invalid("ends at byte \(offsets[1]) of \(file.bytes.count - dataStart) bytes of data")
    }
    var size = type.byteCount
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw invalid("the shape \(shape) overflows") }
      size = product
    }
    guard size == offsets[1] - offsets[0] else {
      throw invalid("shape \(shape) of \(typeName) takes \(size) bytes, data_offsets give \(offsets[1] - offsets[0])")
    }
    return StoredTensor(
      name: name, type: type, shape: shape, file: file, byteRange: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  /// The tensor of that name.
  package func tensor(named name: String) throws(CheckpointError) -> StoredTensor {
    guard let tensor = tensors.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
      throw .missingTensor(name: name, file: path)
    }
    return tensor
  }
}
