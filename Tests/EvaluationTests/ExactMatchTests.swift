import Evaluation
import Testing

@Suite struct ExactMatchTests {
  @Test(arguments: [ExactMatch.master2023, .version04])
  func `letter case and punctuation are of no account`(comparison: ExactMatch) {
    #expect(comparison.holds(" foo st", among: ["Bar", "Foo St."]))
    #expect(comparison.holds("ΟΔΟΣ", among: ["οδος"]))
    #expect(comparison.holds(##"!"#$%&'()*+,-./:;<=>?@[\]^_{|}~`x"##, among: ["X"]))
    #expect(!comparison.holds("the foo", among: ["foo"]))
    #expect(!comparison.holds("fo o", among: ["foo"]))
    #expect(!comparison.holds("“foo”", among: ["foo"]))
    // Texts that look alike are two to Python.
    #expect(!comparison.holds("e\u{301}", among: ["\u{E9}"]))
    #expect(!comparison.holds("foo", among: []))
  }

  @Test func `white space behind the answer counts from 0.4 on`() {
    #expect(ExactMatch.master2023.holds(" \n foo ", among: ["foo"]))
    #expect(ExactMatch.version04.holds(" \n foo", among: ["foo"]))
    #expect(!ExactMatch.version04.holds("foo ", among: ["foo"]))
    #expect(ExactMatch.version04.holds("foo ", among: ["foo "]))
  }

  @Test func `white space is stripped before punctuation goes, and not again`() {
    #expect(!ExactMatch.master2023.holds("- foo", among: ["foo"]))
    #expect(ExactMatch.master2023.holds("- foo", among: [" foo"]))
  }

  @Test func `an answer ends at the first stop, whichever it is`() {
    let generation = GenerationRequest(context: "", stops: ["\n", ".", ","], maximumTokens: 1)
    #expect(generation.cut(" Foo St. x\ny") == " Foo St")
    #expect(generation.cut("a\nb.") == "a")
    #expect(generation.cut(",a") == "")
    #expect(generation.cut("a") == "a")
    // A carriage return and a line feed are one character to Swift.
    #expect(generation.cut("a\r\nb").utf8.elementsEqual("a\r".utf8))
  }
}
