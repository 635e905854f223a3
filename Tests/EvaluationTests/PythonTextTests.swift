import Evaluation
import Testing

@Suite struct PythonTextTests {
  // Expected texts computed with CPython 3.11.
  @Test(arguments: [
    ("", ""), ("he Then at McDonald's", "He then at mcdonald's"), ("ßx", "Ssx"), ("\u{1C6}ABC", "\u{1C5}abc"),
    ("ŉB", "\u{2BC}Nb"), ("\u{FB01}X", "Fix"), ("İSTİ", "İsti\u{307}"), ("1ABC", "1abc"),
    ("Σ", "Σ"), ("ΑΣ", "Ας"), ("ΑΣ.", "Ας."), ("ΑΣΑ", "Ασα"), ("ΑΣ'Α", "Ασ'α"), ("a'Σ", "A'ς"),
    ("xΣ\u{301} b", "Xς\u{301} b"), ("xΣ\u{301}B", "Xσ\u{301}b"),
  ])
  func `capitalizing puts the first code point in title case and the rest in lower case`(
    text: String, capitalized: String
  ) {
    #expect(Array(text.pythonCapitalized().unicodeScalars) == Array(capitalized.unicodeScalars))
  }

  @Test func `lower case is the full one, with the final sigma`() {
    #expect(Array("İΑΣ ΣA".pythonLowercased().unicodeScalars) == Array("i\u{307}ας σa".unicodeScalars))
  }

  @Test func `stripping takes Python's white space from both ends`() {
    let space =
      "\t\n\u{B}\u{C}\r\u{1C}\u{1D}\u{1E}\u{1F} \u{85}\u{A0}\u{1680}\u{2000}\u{200A}"
      + "\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}"
    #expect((space + "a b" + space).pythonStripped() == "a b")
    #expect(space.pythonStripped() == "")
    #expect((space + "a" + space).pythonLeftStripped() == "a" + space)
    for kept in ["\u{200B}a\u{FEFF}", "\u{180E}", "\u{8}"] { #expect(kept.pythonStripped() == kept) }
  }

  @Test func `a carriage return and a line feed are two code points`() {
    let (text, space) = "a\r\n".splitAtTrailingPythonSpace()
    #expect(text == "a")
    #expect(space.unicodeScalars.count == 2)
  }

  @Test func `a blank under a combining mark is no trailing blank, and one before it stays`() {
    #expect("a \u{301}".splitAtTrailingPythonSpace() == ("a \u{301}", ""))
    #expect(" \u{301}a".pythonStripped().unicodeScalars.count == 2)
  }

  @Test func `replacing goes from left to right without overlap`() {
    #expect("aaaaa".pythonReplacing("aa", with: "a") == "aaa")
    #expect("a\u{301}b".pythonReplacing("a", with: "").unicodeScalars.count == 2)
    #expect("aab".pythonReplacing("ab", with: "x") == "ax")
    #expect("".pythonReplacing("a", with: "x") == "")
    #expect("é".pythonReplacing("e", with: "x") == "é")
  }
}
