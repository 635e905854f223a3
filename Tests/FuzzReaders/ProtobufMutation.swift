/// A message of Protocol Buffers as far as its bytes tell: what reads as a message is taken for one.
struct ProtobufMessage {
  enum Content {
    case varint(UInt64)
    case fixed([UInt8])
    case bytes([UInt8])
    case message(ProtobufMessage)
  }

  struct Field {
    var number: UInt64
    var wireType: UInt64
    var content: Content
  }

  var fields: [Field] = []

  init?(_ bytes: ArraySlice<UInt8>, depth: Int = 2) {
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = Self.readVarint(&rest), tag >> 3 > 0 else { return nil }
      let content: Content
      switch tag & 7 {
      case 0:
        guard let value = Self.readVarint(&rest) else { return nil }
        content = .varint(value)
      case 1, 5:
        let width = tag & 7 == 1 ? 8 : 4
        guard rest.count >= width else { return nil }
        content = .fixed(Array(rest.prefix(width)))
        rest = rest.dropFirst(width)
      case 2:
        guard let length = Self.readVarint(&rest), length <= UInt64(rest.count) else { return nil }
        let part = rest.prefix(Int(length))
        rest = rest.dropFirst(Int(length))
        let inner = depth > 0 && !part.isEmpty ? ProtobufMessage(part, depth: depth - 1) : nil
        content = inner.map(Content.message) ?? .bytes(Array(part))
      default: return nil
      }
      fields.append(Field(number: tag >> 3, wireType: tag & 7, content: content))
    }
  }

  private static func readVarint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  var bytes: [UInt8] {
    fields.flatMap { field in
      let tag = Self.varint(field.number << 3 | field.wireType)
      switch field.content {
      case .varint(let value): return tag + Self.varint(value)
      case .fixed(let bytes): return tag + bytes
      case .bytes(let bytes): return tag + Self.varint(UInt64(bytes.count)) + bytes
      case .message(let message):
        let bytes = message.bytes
        return tag + Self.varint(UInt64(bytes.count)) + bytes
      }
    }
  }
}

extension Mutator {
  /// Changes fields and leaves the lengths around them right.
  mutating func changedMessage(_ bytes: [UInt8], _ donor: [UInt8]) -> [UInt8] {
    guard var message = ProtobufMessage(bytes[...]) else { return changedBytes(bytes, donor, isText: false) }
    repeat { change(&message) } while chance(1, of: 2)
    return message.bytes
  }

  private mutating func change(_ message: inout ProtobufMessage) {
    guard !message.fields.isEmpty else { return }
    let count = message.fields.count
    // The last fields are those of which there is one only.
    let place = chance(1, of: 2) ? below(count) : count - 1 - below(min(count, 4))
    if case .message(var inner) = message.fields[place].content, chance(3, of: 4) {
      change(&inner)
      message.fields[place].content = .message(inner)
      return
    }
    switch below(8) {
    case 0: message.fields.remove(at: place)
    case 1: message.fields.insert(message.fields[below(count)], at: place)
    case 2: message.fields.swapAt(place, below(count))
    case 3: message.fields[place].number = UInt64(pick([1, 2, 3, 4, 5, 24, 35, 40, 41, 42, 43, 44, 1 << 29]))
    case 4: message.fields[place].wireType = UInt64(below(8))
    default:
      switch message.fields[place].content {
      case .varint(let value):
        let number = chance(1, of: 2) ? below(8) : boundary(near: Int(truncatingIfNeeded: value))
        message.fields[place].content = .varint(UInt64(bitPattern: Int64(number)))
      case .fixed(let bytes):
        message.fields[place].content = .fixed(changedScore(bytes))
      case .bytes(let bytes):
        message.fields[place].content = .bytes(changedBytes(bytes, bytes, isText: true))
      case .message(let inner):
        message.fields[place].content = .bytes(changedBytes(inner.bytes, inner.bytes, isText: false))
      }
    }
  }

  private mutating func changedScore(_ bytes: [UInt8]) -> [UInt8] {
    let number = pick([0, -0.0, 1, -1, .infinity, .nan, .greatestFiniteMagnitude, .leastNonzeroMagnitude] as [Float])
    return bytes.count == 4 ? withUnsafeBytes(of: number.bitPattern.littleEndian, Array.init) : bytes.map { ~$0 }
  }
}
