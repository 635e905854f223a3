/// Cuts a text into the words within which sentencepiece's trainer learns pieces.
///
/// A space begins a word and is part of it. Letters and other characters stand in different words, a digit is a word by
/// itself, and so is a line feed. Departing from sentencepiece, which never sees a line feed and tells all scripts of
/// letters apart (`split_by_unicode_script`), letters are letters whatever their script.
///
/// Source: google/sentencepiece, `SplitIntoWords` in `src/model_interface.cc` and `IsValidSentencePiece` in
/// `src/trainer_interface.cc`, with `split_digits`.
package struct SentencePieceWords: Sequence, IteratorProtocol {
  private enum Class {
    case space
    case lineFeed
    case digit
    case letter
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
    var (kind, end) = character(at: first)
    if kind == .space, end < text.count {
      let following = character(at: end)
      if following.kind == .letter || following.kind == .other { (kind, end) = following }
    }
    guard kind == .letter || kind == .other else { return end }
    while end < text.count {
      let following = character(at: end)
      if following.kind != kind { break }
      end = following.end
    }
    return end
  }

  private func character(at position: Int) -> (kind: Class, end: Int) {
    let (scalar, end) = UTF8Characters.scalar(text, at: position)
    return (Self.classify(scalar), end)
  }

  private static func classify(_ value: UInt32) -> Class {
    switch value {
    case 0x61...0x7A, 0x41...0x5A: .letter
    case 0x30...0x39: .digit
    case 0x0A: .lineFeed
    // "▁" stands for a space wherever it is.
    case 0x20, 0x2581: .space
    case ..<0x80: .other
    default: Unicode.Scalar(value).map(classify) ?? .other
    }
  }

  private static func classify(_ scalar: Unicode.Scalar) -> Class {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark:
      .letter
    case .decimalNumber: .digit
    default: .other
    }
  }
}
