/// Writes the wire format of Protocol Buffers, field by field.
///
/// Source: protobuf.dev, "Encoding".
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// An `int32` or an enumeration; a negative number is written as 64 bits.
  mutating func write(_ number: UInt64, _ value: Int) {
    writeTag(number, .varint)
    writeVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func write(_ number: UInt64, _ flag: Bool) { write(number, flag ? 1 : 0) }

  mutating func write(_ number: UInt64, _ value: Float) {
    writeTag(number, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  /// A text, or a message's own bytes.
  mutating func write(_ number: UInt64, _ content: some Collection<UInt8>) {
    writeTag(number, .lengthDelimited)
    writeVarint(UInt64(content.count))
    bytes += content
  }

  private mutating func writeTag(_ number: UInt64, _ wireType: ProtobufReader.WireType) {
    writeVarint(number << 3 | wireType.rawValue)
  }

  private mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
