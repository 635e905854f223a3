import Models

/// The text as it was before Wikitext's tokenizer put blanks around punctuation, by the rules of the harness in their
/// order; each rule goes over the whole text.
///
/// Source: `wikitext_detokenizer` in lm-evaluation-harness 0bf683b4, lm_eval/tasks/wikitext.py; `tasks.md` section 4.
package func wikitextDetokenized(_ text: String) -> String {
  var text = text.pythonReplacing("s '", with: "s'").replacingDigitBetweenSlashes()
  for (old, new) in [
    (" @-@ ", "-"), (" @,@ ", ","), (" @.@ ", "."), (" : ", ": "), (" ; ", "; "), (" . ", ". "), (" ! ", "! "),
    (" ? ", "? "), (" , ", ", "),
  ] {
    text = text.pythonReplacing(old, with: new)
  }
  for (opening, closing) in [("(", ")"), ("[", "]"), ("{", "}"), ("\"", "\""), ("'", "'")] as [(Character, Character)] {
    text = text.strippingWithin(opening, closing)
  }
  for (old, new) in [
    ("= = = =", "===="), ("= = =", "==="), ("= =", "=="), (" ° ", "°"), (" \n", "\n"), ("\n ", "\n"), (" N ", " 1 "),
    (" 's", "'s"),
  ] {
    text = text.pythonReplacing(old, with: new)
  }
  return text
}

/// The words that `re.split(r"\s+", text)` gives: white space at either end adds an empty one.
package func pythonWordCount(_ text: String) -> Int {
  var count = 1
  var isInSpace = false
  for scalar in text.unicodeScalars {
    if scalar.isPythonSpace, !isInSpace { count += 1 }
    isInSpace = scalar.isPythonSpace
  }
  return count
}

extension String {
  /// `re.sub(r"/' [0-9]/", r"/'[0-9]/", text)`: the slashes are meant as a pattern's ends and are part of it, and the
  /// replacement's brackets are no pattern. So "/' 7/" becomes "/'[0-9]/", and the years it is meant for stay.
  fileprivate func replacingDigitBetweenSlashes() -> String {
    var text = self
    for digit in 0...9 { text = text.pythonReplacing("/' \(digit)/", with: "/'[0-9]/") }
    return text
  }

  /// `re.sub(r"\(\s*([^\)]*?)\s*\)", r"(\1)", text)`, for these marks: no white space behind an opening mark or before
  /// the next closing one. An opening mark between the two is text like any other.
  fileprivate func strippingWithin(_ opening: Character, _ closing: Character) -> String {
    guard let opening = opening.asciiValue, let closing = closing.asciiValue else {
      preconditionFailure("the marks are ASCII")
    }
    let text = Array(utf8)
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var rest = text[...]
    while let start = rest.firstIndex(of: opening),
      let end = rest[(start + 1)...].firstIndex(of: closing)
    {
      result += rest[...start]
      result += String(decoding: rest[(start + 1)..<end], as: UTF8.self).pythonStripped().utf8
      result.append(closing)
      rest = rest[(end + 1)...]
    }
    result += rest
    return String(decoding: result, as: UTF8.self)
  }
}
