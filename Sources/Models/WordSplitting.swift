/// Cuts a text into the words within which byte-level BPE merges.
///
/// The pattern of GPT-2, first alternative first, written out by hand:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
///
/// Source: openai/gpt-2, `src/encoder.py`.
package enum WordSplitting {
  private enum Class: UInt8 {
    case space
    case letter
    case number
    case other
  }

  /// The places of the words in the text's UTF-8, in order; together they cover it.
  package static func words(in text: some StringProtocol) -> [Range<Int>] {
    var classes: [Class] = []
    var starts: [Int] = []
    var scalars: [UInt32] = []
    var offset = 0
    for scalar in text.unicodeScalars {
      classes.append(classify(scalar))
      scalars.append(scalar.value)
      starts.append(offset)
      offset += UTF8.width(scalar)
    }
    starts.append(offset)

    var words: [Range<Int>] = []
    var first = 0
    while first < classes.count {
      let end = endOfWord(from: first, classes, scalars)
      words.append(starts[first]..<starts[end])
      first = end
    }
    return words
  }

  private static func endOfWord(from first: Int, _ classes: [Class], _ scalars: [UInt32]) -> Int {
    let count = classes.count
    if scalars[first] == apostrophe, let length = contraction(after: first, scalars) { return first + 1 + length }

    // One space, U+0020 and no other, belongs to the word that it precedes.
    let body = scalars[first] == space && first + 1 < count && classes[first + 1] != .space ? first + 1 : first
    let kind = classes[body]
    var end = body + 1
    while end < count, classes[end] == kind { end += 1 }
    guard kind == .space else { return end }
    // A run of white space leaves its last character to the next word, unless it is the only one or ends the text.
    return end < count && end - first > 1 ? end - 1 : end
  }

  /// The number of letters of a contraction after the apostrophe at `place`.
  private static func contraction(after place: Int, _ scalars: [UInt32]) -> Int? {
    func letter(_ offset: Int) -> Unicode.Scalar? {
      place + offset < scalars.count ? Unicode.Scalar(scalars[place + offset]) : nil
    }
    switch (letter(1), letter(2)) {
    case ("s", _), ("t", _), ("m", _), ("d", _): return 1
    case ("r", "e"), ("v", "e"), ("l", "l"): return 2
    default: return nil
    }
  }

  private static let apostrophe: UInt32 = 0x27
  private static let space: UInt32 = 0x20

  private static func classify(_ scalar: Unicode.Scalar) -> Class {
    if scalar.isASCII {
      switch scalar {
      case "a"..."z", "A"..."Z": return .letter
      case "0"..."9": return .number
      case " ", "\t"..."\r": return .space
      default: return .other
      }
    }
    if scalar.properties.isWhitespace { return .space }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }
}
