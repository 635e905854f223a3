/// The elements of one array in a JSON text, parsed one at a time, so that a text of gigabytes takes the memory of its
/// largest element.
///
/// The array is the whole text, or the value of a member of the object that is the whole text. Everything else in the
/// text is checked as well, by the time the last element was handed out.
package struct JSONElements {
  /// An element, and the line it begins in, from one on.
  package struct Element {
    package let value: JSONValue
    package let line: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private let member: String?
  private var position = 0
  /// Of the byte at `position`: its line from one on, and where that line begins.
  private var line = 1
  private var lineStart = 0
  private var count = 0
  private var isFinished = false
  private var names: Set<[UInt8]> = []

  /// The elements of the array that `bytes`, or its member of that name, is; nil where there is no such array.
  ///
  /// - Parameter bytes: must stay where they are as long as elements are read.
  package init?(of bytes: UnsafeRawBufferPointer, member: String?) throws(JSONError) {
    self.bytes = bytes
    self.member = member
    skipSpace()
    if let member {
      guard byte == UInt8(ascii: "{") else { return nil }
      advance(to: position + 1)
      skipSpace()
      if byte == UInt8(ascii: "}") { return nil }
      while try readName() != member {
        _ = try readValue()
        guard try readSeparator(closing: UInt8(ascii: "}"), in: "an object") else { return nil }
      }
      skipSpace()
    }
    guard byte == UInt8(ascii: "[") else { return nil }
    advance(to: position + 1)
  }

  /// The next element; nil after the last one.
  package mutating func next() throws(JSONError) -> Element? {
    guard !isFinished else { return nil }
    if count == 0 {
      skipSpace()
      if byte == UInt8(ascii: "]") {
        advance(to: position + 1)
        try finish()
        return nil
      }
    } else if try !readSeparator(closing: UInt8(ascii: "]"), in: "an array") {
      try finish()
      return nil
    }
    skipSpace()
    count += 1
    let line = line
    return Element(value: try readValue(), line: line)
  }

  /// Reads what stands behind the array.
  private mutating func finish() throws(JSONError) {
    isFinished = true
    if member != nil {
      while try readSeparator(closing: UInt8(ascii: "}"), in: "an object") {
        _ = try readName()
        _ = try readValue()
      }
    }
    skipSpace()
    guard position == bytes.count else { throw error("text after the end of the value") }
  }

  // MARK: Parts

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func error(_ reason: String) -> JSONError {
    JSONError(line: line, column: position - lineStart + 1, reason: reason)
  }

  private mutating func advance(to end: Int) {
    for index in position..<end where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    position = end
  }

  private mutating func skipSpace() {
    var end = position
    while end < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[end]) { end += 1 }
    advance(to: end)
  }

  /// Whether a comma follows; if not, the bracket does.
  private mutating func readSeparator(closing bracket: UInt8, in container: String) throws(JSONError) -> Bool {
    skipSpace()
    guard let byte, byte == UInt8(ascii: ",") || byte == bracket else {
      throw error("expected “,” or “\(Character(Unicode.Scalar(bracket)))” in \(container)")
    }
    advance(to: position + 1)
    return byte == UInt8(ascii: ",")
  }

  private mutating func readName() throws(JSONError) -> String {
    skipSpace()
    guard byte == UInt8(ascii: "\"") else { throw error("expected a member's name in an object") }
    let place = error("")
    guard case .string(let name) = try readValue() else { throw error("expected a member's name in an object") }
    guard names.insert(Array(name.utf8)).inserted else {
      throw JSONError(line: place.line, column: place.column, reason: "the member “\(name)” occurs twice")
    }
    skipSpace()
    guard byte == UInt8(ascii: ":") else { throw error("expected “:” after a member's name") }
    advance(to: position + 1)
    return name
  }

  private mutating func readValue() throws(JSONError) -> JSONValue {
    skipSpace()
    let end = endOfValue()
    let value: JSONValue
    do {
      value = try JSONValue(parsing: UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
    } catch {
      // The parser counts from the value's beginning.
      let column = error.line == 1 ? position - lineStart + error.column : error.column
      throw JSONError(line: line + error.line - 1, column: column, reason: error.reason)
    }
    advance(to: end)
    return value
  }

  /// Where the value that begins here ends: it is taken apart only by the parser, which also says what is wrong with it.
  private func endOfValue() -> Int {
    var depth = 0
    var end = position
    while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: "\""):
        end = endOfString(at: end)
        if depth == 0 { return end }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        end += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // Nothing was opened: it closes what the value stands in.
        if depth == 0 { return end }
        depth -= 1
        end += 1
        if depth == 0 { return end }
      case UInt8(ascii: ",") where depth == 0: return end
      default: end += 1
      }
    }
    return end
  }

  private func endOfString(at start: Int) -> Int {
    var end = start + 1
    while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: "\\"): end += 2
      case UInt8(ascii: "\""): return end + 1
      default: end += 1
      }
    }
    return bytes.count
  }
}
