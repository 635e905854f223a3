/// A parsed JSON text.
///
/// Foundation's readers hand objects out as Swift dictionaries, whose keys are equal when they are canonically
/// equivalent: a vocabulary that holds both "Å" (U+00C5) and "Å" (U+212B) would lose one of the two, and a header that
/// names a tensor twice would be taken. Here members stay in file order, names are compared byte by byte, and an
/// error names its line and column.
package enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// A number without fraction and exponent that fits 64 bits.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  package struct Member: Equatable, Sendable {
    package let name: String
    package let value: JSONValue

    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }
}

/// Where and why a text is no JSON. Lines and columns (in bytes) count from one.
package struct JSONError: Error, Equatable {
  package let line: Int
  package let column: Int
  package let reason: String
}

extension JSONValue {
  /// The value of the member of that name, byte for byte; nil for another name and for anything but an object.
  ///
  /// - Complexity: O(members)
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  package var string: String? {
    if case .string(let string) = self { return string }
    return nil
  }

  package var integer: Int? {
    if case .integer(let integer) = self { return integer }
    return nil
  }

  /// The number as a double, whichever way it was written.
  package var double: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  package var boolean: Bool? {
    if case .boolean(let boolean) = self { return boolean }
    return nil
  }

  package var array: [JSONValue]? {
    if case .array(let array) = self { return array }
    return nil
  }

  package var object: [Member]? {
    if case .object(let members) = self { return members }
    return nil
  }

  package var isNull: Bool { self == .null }
}

extension JSONValue {
  /// Reads one JSON value (RFC 8259) and nothing after it but white space.
  ///
  /// A name that occurs twice in one object, invalid UTF-8, an unpaired surrogate and nesting deeper than 128 are
  /// errors.
  package init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
    let bytes = Array(bytes)
    var parser = JSONParser(bytes: bytes)
    self = try parser.parseText()
  }

  package init(parsing text: String) throws(JSONError) {
    try self.init(parsing: text.utf8)
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  static let deepest = 128

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func parseText() throws(JSONError) -> JSONValue {
    let value = try parseValue(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("text after the end of the value") }
    return value
  }

  func error(_ reason: String, at place: Int? = nil) -> JSONError {
    let place = min(place ?? position, bytes.count)
    var line = 1
    var lineStart = 0
    for index in 0..<place where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    return JSONError(line: line, column: place - lineStart + 1, reason: reason)
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < Self.deepest else { throw error("nested deeper than \(Self.deepest)") }
    skipSpace()
    guard position < bytes.count else { throw error("the text ends where a value should stand") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try parseObject(depth: depth)
    case UInt8(ascii: "["): return try parseArray(depth: depth)
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .boolean(true))
    case UInt8(ascii: "f"): return try parseWord("false", .boolean(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw error("no JSON value begins here")
    }
  }

  mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let length = word.utf8CodeUnitCount
    let matches = word.withUTF8Buffer { word in
      position + length <= bytes.count && bytes[position..<position + length].elementsEqual(word)
    }
    guard matches else { throw error("no JSON value begins here") }
    position += length
    return value
  }

  mutating func parseArray(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try parseValue(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "]")) { return .array(elements) }
      throw error("expected “,” or “]” in an array")
    }
  }

  mutating func parseObject(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    var names = TextIndex()
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      let start = position
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw error("expected a member's name in an object")
      }
      let name = try parseString()
      guard names.insert(Array(name.utf8), id: 0) else {
        throw error("the member “\(name)” occurs twice", at: start)
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error("expected “:” after a member's name") }
      members.append(JSONValue.Member(name: name, value: try parseValue(depth: depth + 1)))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "}")) { return .object(members) }
      throw error("expected “,” or “}” in an object")
    }
  }

  mutating func parseNumber() throws(JSONError) -> JSONValue {
    let start = position
    var isInteger = true
    func digits(_ position: inout Int) -> Int {
      let first = position
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
      return position - first
    }
    _ = take(UInt8(ascii: "-"))
    let firstDigit = position
    let integerDigits = digits(&position)
    guard integerDigits > 0, integerDigits == 1 || bytes[firstDigit] != UInt8(ascii: "0") else {
      throw error("malformed number", at: start)
    }
    if take(UInt8(ascii: ".")) {
      isInteger = false
      guard digits(&position) > 0 else { throw error("malformed number", at: start) }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits(&position) > 0 else { throw error("malformed number", at: start) }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw error("number out of range", at: start) }
    return .number(number)
  }

  mutating func parseString() throws(JSONError) -> String {
    let start = position
    position += 1
    let first = position
    // Most strings have no escapes: find the end, and copy once.
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let string = try decode(bytes[first..<position], at: first)
        position += 1
        return string
      }
      if byte == UInt8(ascii: "\\") { break }
      guard byte >= 0x20 else { throw error("unescaped control character in a string") }
      position += 1
    }
    var content = Array(bytes[first..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        let string = try decode(content[...], at: start)
        position += 1
        return string
      case UInt8(ascii: "\\"):
        try appendEscape(to: &content)
      case 0..<0x20:
        throw error("unescaped control character in a string")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw error("a string without an end", at: start)
  }

  func decode(_ content: ArraySlice<UInt8>, at place: Int) throws(JSONError) -> String {
    guard let string = content.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) }) else {
      throw error("invalid UTF-8", at: place)
    }
    return string
  }

  mutating func appendEscape(to content: inout [UInt8]) throws(JSONError) {
    let start = position
    position += 1
    guard position < bytes.count else { throw error("a string without an end", at: start) }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var code = try parseHex(start)
      if (0xD800..<0xDC00).contains(code) {
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw error("unpaired surrogate", at: start) }
        let low = try parseHex(start)
        guard (0xDC00..<0xE000).contains(low) else { throw error("unpaired surrogate", at: start) }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("unpaired surrogate", at: start) }
      content.append(contentsOf: UTF8.encode(scalar)!)
    default: throw error("unknown escape in a string", at: start)
    }
  }

  mutating func parseHex(_ start: Int) throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw error("a string without an end", at: start) }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: throw error("malformed \\u escape", at: start)
      }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }
}
