/// One character at a time out of UTF-8, for tokenizers: they may neither take canonically equivalent texts for equal
/// nor see grapheme clusters, as `String` and `Character` do.
enum UTF8Characters {
  /// The number of bytes of the character that `lead` begins, in text known to be valid.
  static func length(lead: UInt8) -> Int {
    switch lead {
    case ..<0x80: 1
    case ..<0xE0: 2
    case ..<0xF0: 3
    default: 4
    }
  }

  /// The scalar that begins at `start` of text known to be valid, and its end.
  @inline(__always)
  static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (value: UInt32, end: Int) {
    let lead = bytes[start]
    if lead < 0x80 { return (UInt32(lead), start + 1) }
    let length = length(lead: lead)
    var value = UInt32(lead) & (0x7F >> UInt32(length))
    for place in start + 1..<start + length { value = value << 6 | UInt32(bytes[place] & 0x3F) }
    return (value, start + length)
  }

  /// The bytes that encode `scalar`, the first one lowest.
  static func bytes(of scalar: UInt32) -> [UInt8] {
    switch scalar {
    case ..<0x80: [UInt8(scalar)]
    case ..<0x800: [0xC0 | UInt8(scalar >> 6), continuation(scalar)]
    case ..<0x10000: [0xE0 | UInt8(scalar >> 12), continuation(scalar >> 6), continuation(scalar)]
    default:
      [0xF0 | UInt8(scalar >> 18), continuation(scalar >> 12), continuation(scalar >> 6), continuation(scalar)]
    }
  }

  private static func continuation(_ bits: UInt32) -> UInt8 { 0x80 | UInt8(bits & 0x3F) }

  /// The number of bytes of the well-formed character at `start`; nil where there is none (Unicode 15, table 3-7).
  static func validLength(_ bytes: [UInt8], at start: Int) -> Int? {
    let lead = bytes[start]
    let second: ClosedRange<UInt8>
    switch lead {
    case 0..<0x80: return 1
    case 0xC2...0xDF: second = 0x80...0xBF
    case 0xE0: second = 0xA0...0xBF
    case 0xED: second = 0x80...0x9F
    case 0xE1...0xEF: second = 0x80...0xBF
    case 0xF0: second = 0x90...0xBF
    case 0xF1...0xF3: second = 0x80...0xBF
    case 0xF4: second = 0x80...0x8F
    default: return nil
    }
    let count = length(lead: lead)
    guard start + count <= bytes.count, second.contains(bytes[start + 1]) else { return nil }
    for index in start + 2..<max(start + 2, start + count) where bytes[index] & 0xC0 != 0x80 { return nil }
    return count
  }

  /// The starts of the characters of valid UTF-8.
  static func starts(_ bytes: [UInt8]) -> [Int] {
    bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 }
  }
}
