import Evaluation
import Testing

@Suite struct AnswerAliasesTests {
  @Test func `an alias that begins with the last one kept goes`() {
    #expect(reducedAliases(["Jamaican English", "Jamaican", "jam"]) == ["Jamaican", "jam"])
    #expect(reducedAliases(["b", "ab", "a", "aa"]) == ["a", "b"])
    #expect(reducedAliases(["x", "x"]) == ["x"])
    #expect(reducedAliases(["x", "", "y"]) == [""])
    #expect(reducedAliases([]).isEmpty)
  }

  @Test func `aliases are sorted by code points`() {
    // Swift would sort the decomposed letter as U+00E9, after "f"; and UTF-16 has U+1F600 before U+FF21.
    #expect(reducedAliases(["f", "e\u{301}", "Z", "\u{E9}"]) == ["Z", "e\u{301}", "f", "\u{E9}"])
    #expect(reducedAliases(["\u{1F600}", "\u{FF21}"]) == ["\u{FF21}", "\u{1F600}"])
  }

  @Test func `a prefix is one of code points`() {
    // "e" begins "e" with a combining accent, but not the precomposed letter.
    #expect(reducedAliases(["e\u{301}", "e"]) == ["e"])
    #expect(reducedAliases(["\u{E9}", "e\u{301}"]).map { $0.unicodeScalars.count } == [2, 1])
  }
}
