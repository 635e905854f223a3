/// Reads the wire format of Protocol Buffers, field by field, from bytes that nobody vouches for.
///
/// Every error is a `CheckpointError.tokenizer` that names the file and the byte, counted from zero, where the fault
/// begins. Groups, which proto2 gave up, are refused.
///
/// Source: protobuf.dev, "Encoding".
struct ProtobufReader {
  enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  struct Field {
    let number: UInt64
    let wireType: WireType
    /// The place of the field's tag.
    let offset: Int
  }

  let bytes: [UInt8]
  let file: String
  private var position: Int
  private let end: Int

  init(bytes: [UInt8], range: Range<Int>, file: String) {
    self.bytes = bytes
    self.file = file
    position = range.lowerBound
    end = range.upperBound
  }

  func error(at offset: Int, _ reason: String) -> CheckpointError {
    .tokenizer(file: file, place: "byte \(offset)", reason: reason)
  }

  /// The next field's tag; nil at the end of the message.
  mutating func nextField() throws(CheckpointError) -> Field? {
    guard position < end else { return nil }
    let offset = position
    let tag = try readRawVarint()
    guard let wireType = WireType(rawValue: tag & 7) else { throw error(at: offset, "unknown wire type \(tag & 7)") }
    guard (1..<1 << 29).contains(tag >> 3) else { throw error(at: offset, "impossible field number \(tag >> 3)") }
    return Field(number: tag >> 3, wireType: wireType, offset: offset)
  }

  mutating func skip(_ field: Field) throws(CheckpointError) {
    switch field.wireType {
    case .varint: _ = try readRawVarint()
    case .fixed64: try advance(8)
    case .lengthDelimited: _ = try readRange(field)
    case .fixed32: try advance(4)
    }
  }

  mutating func readVarint(_ field: Field) throws(CheckpointError) -> UInt64 {
    try expect(.varint, field)
    return try readRawVarint()
  }

  /// An `int32`; a negative one is written as 64 bits.
  mutating func readInt32(_ field: Field) throws(CheckpointError) -> Int {
    let value = Int64(bitPattern: try readVarint(field))
    guard let narrow = Int32(exactly: value) else { throw error(at: field.offset, "\(value) does not fit 32 bits") }
    return Int(narrow)
  }

  mutating func readBool(_ field: Field) throws(CheckpointError) -> Bool { try readVarint(field) != 0 }

  mutating func readFloat(_ field: Field) throws(CheckpointError) -> Float {
    try expect(.fixed32, field)
    let start = position
    try advance(4)
    return Float(bitPattern: bytes[start..<position].reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// The place of a text, a byte string or a message within it.
  mutating func readRange(_ field: Field) throws(CheckpointError) -> Range<Int> {
    try expect(.lengthDelimited, field)
    let offset = position
    let length = try readRawVarint()
    guard length <= UInt64(end - position) else {
      throw error(at: offset, "a length of \(length) bytes, where \(end - position) are left")
    }
    defer { position += Int(length) }
    return position..<position + Int(length)
  }

  mutating func readMessage(_ field: Field) throws(CheckpointError) -> ProtobufReader {
    ProtobufReader(bytes: bytes, range: try readRange(field), file: file)
  }

  /// The bytes of a text that is valid UTF-8.
  mutating func readText(_ field: Field) throws(CheckpointError) -> [UInt8] {
    let range = try readRange(field)
    let text = Array(bytes[range])
    guard String(validating: text, as: UTF8.self) != nil else { throw error(at: range.lowerBound, "invalid UTF-8") }
    return text
  }

  private func expect(_ wireType: WireType, _ field: Field) throws(CheckpointError) {
    guard field.wireType == wireType else {
      throw error(at: field.offset, "field \(field.number) is a \(field.wireType), expected a \(wireType)")
    }
  }

  private mutating func advance(_ count: Int) throws(CheckpointError) {
    guard count <= end - position else { throw error(at: position, "the message ends within a field") }
    position += count
  }

  private mutating func readRawVarint() throws(CheckpointError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard position < end else { throw error(at: start, "the message ends within a number") }
      let byte = bytes[position]
      position += 1
      // The tenth byte holds one bit.
      guard shift < 63 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw error(at: start, "a number longer than 64 bits")
  }
}
