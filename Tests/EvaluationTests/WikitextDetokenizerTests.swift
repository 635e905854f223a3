import Evaluation
import Testing

@Suite struct WikitextDetokenizerTests {
  // Expected texts computed with Python's str.replace and re.sub.
  @Test(arguments: [
    ("in 1 @,@ 000 @-@ 2 @.@ 5 ; ( a ) , [ b ] : { c } ! \" d \" ?", "in 1,000-2.5; (a), [b]: {c}! \"d\" ?"),
    ("the boys ' bikes", "the boys' bikes"), ("He 's N times 's", "He's 1 times's"),
    ("= = = = Deep = = = =", "==== Deep ===="), ("= = Part = =\n", "== Part ==\n"), (" \n = A = \n", "\n= A =\n"),
    ("20 ° C and 30 ° ", "20°C and 30°"), ("( a ( b ) c )", "(a ( b) c )"), ("x ( \n y \n ) z", "x (y) z"),
    ("( \u{1F}\u{3000} ) (", "() ("), ("a/' 7/b /' 77/", "a/'[0-9]/b /' 77/"),
    ("don 't ' go ' x '", "don 't' go 'x'"), ("\" a \" b \" c", "\"a\" b \" c"), ("a  ,  b", "a ,  b"),
    (" , , ", ", , "), ("", ""), ("( e\u{301} )", "(e\u{301})"),
  ])
  func `blanks around punctuation go, rule by rule`(text: String, detokenized: String) {
    #expect(wikitextDetokenized(text).utf8.elementsEqual(detokenized.utf8), "\(wikitextDetokenized(text))")
  }

  @Test(arguments: [
    ("", 1), ("a", 1), (" a b ", 4), ("a \n\t b", 2), ("a\u{1C}b\u{3000}\u{85}c", 3), ("a\u{200B}b", 1),
  ])
  func `white space at the ends adds a word each`(text: String, count: Int) {
    #expect(pythonWordCount(text) == count)
  }

  @Test func `words and bytes are those of the original`() {
    let documents = PerplexityDocument.documents(["a , é ", "b"], limit: 1)
    #expect(documents.map(\.text) == ["a, é "])
    #expect(documents.map(\.wordCount) == [4])
    #expect(documents.map(\.byteCount) == [7])
    #expect(PerplexityDocument.documents(["a", "b"]).map(\.index) == [0, 1])
  }
}
