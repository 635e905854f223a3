/// Cuts a text into the words within which byte-level BPE merges.
///
/// The pattern of GPT-2, first alternative first, written out by hand:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
///
/// Source: openai/gpt-2, `src/encoder.py`.
package struct WordSplitting: Sequence, IteratorProtocol {
  private enum Class: UInt8 {
    case space
    case letter
    case number
    case other
  }

  private let text: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// The places of the words of `text`, valid UTF-8 that outlives this value, in order; together they cover it.
  package init(of text: UnsafeBufferPointer<UInt8>) { self.text = text }

  package mutating func next() -> Range<Int>? {
    guard position < text.count else { return nil }
    let first = position
    position = endOfWord(from: first)
    return first..<position
  }

  private func endOfWord(from first: Int) -> Int {
    if text[first] == UInt8(ascii: "'"), let length = contraction(after: first) { return first + 1 + length }
    var (kind, end) = character(at: first)
    if text[first] == UInt8(ascii: " "), end < text.count {
      // One space, U+0020 and no other, belongs to the word that it precedes.
      let following = character(at: end)
      if following.kind != .space { (kind, end) = following }
    }
    var last = first
    while end < text.count {
      let following = character(at: end)
      if following.kind != kind { break }
      last = end
      end = following.end
    }
    // A run of white space leaves its last character to the next word, unless it is the only one or ends the text.
    return kind == .space && end < text.count && last > first ? last : end
  }

  /// The number of letters of a contraction after the apostrophe at `place`.
  private func contraction(after place: Int) -> Int? {
    func letter(_ offset: Int) -> Unicode.Scalar? {
      place + offset < text.count ? Unicode.Scalar(text[place + offset]) : nil
    }
    switch (letter(1), letter(2)) {
    case ("s", _), ("t", _), ("m", _), ("d", _): return 1
    case ("r", "e"), ("v", "e"), ("l", "l"): return 2
    default: return nil
    }
  }

  /// The class and the end of the character that begins at `position`.
  @inline(__always)
  private func character(at position: Int) -> (kind: Class, end: Int) {
    let lead = text[position]
    if lead < 0x80 { return (Self.classify(ascii: lead), position + 1) }
    let (scalar, end) = UTF8Characters.scalar(text, at: position)
    return (Self.classify(scalar), end)
  }

  @inline(__always)
  private static func classify(ascii byte: UInt8) -> Class {
    switch byte {
    case 0x61...0x7A, 0x41...0x5A: .letter
    case 0x30...0x39: .number
    case 0x20, 0x09...0x0D: .space
    default: .other
    }
  }

  private static func classify(_ value: UInt32) -> Class {
    if value < basicPlane.count { return basicPlane[Int(value)] }
    return Unicode.Scalar(value).map(classify) ?? .other
  }

  /// The classes of U+0000–U+FFFF: asking for a property takes longer than all else that is done with a character.
  private static let basicPlane: [Class] = (0...0xFFFF).map { Unicode.Scalar($0).map(classify) ?? .other }

  private static func classify(_ scalar: Unicode.Scalar) -> Class {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
    case .decimalNumber, .letterNumber, .otherNumber: .number
    default: scalar.properties.isWhitespace ? .space : .other
    }
  }
}
