import Foundation
import Models
import Testing

@Suite struct ByteLevelTokenizerTests {
  @Test func `the merge of the lowest rank goes first, within words only`() throws {
    let tokenizer = try byteLevel(merges: [("b", "c"), ("a", "b"), ("Ġ", "a"), ("c", "Ġ")])
    let byte = { (character: Character) in 1 + Int(character.asciiValue ?? 0) }
    #expect(tokenizer.encode("abc") == [byte("a"), 257])
    #expect(tokenizer.encode("ab") == [258])
    // The space belongs to the word after it, so "c " never joins, and " a" takes the letter from "ab".
    #expect(tokenizer.encode("c ab") == [byte("c"), byte(" "), 258])
    #expect(tokenizer.encode("c a") == [byte("c"), 259])
  }

  @Test func `every byte comes back`() throws {
    let tokenizer = try byteLevel(merges: [])
    let text = String((0...0x2FF).compactMap(Unicode.Scalar.init).map(Character.init)) + "\u{10FFFF}"
    let ids = tokenizer.encode(text)
    #expect(ids == text.utf8.map { 1 + Int($0) })
    #expect(Array(tokenizer.decode(ids, skippingSpecials: false).utf8) == Array(text.utf8))
  }

  @Test func `ill-formed bytes decode as Python's replacement does`() throws {
    let tokenizer = try byteLevel(merges: [])
    func decode(_ bytes: [Int]) -> String { tokenizer.decode(bytes.map { 1 + $0 }, skippingSpecials: false) }
    // One U+FFFD for each longest beginning of a character.
    #expect(decode([0xF0, 0x9F, 0x98, 0x41]) == "\u{FFFD}A")
    #expect(decode([0xED, 0xA0, 0x80]) == "\u{FFFD}\u{FFFD}\u{FFFD}")
    #expect(decode([0xC0, 0x80]) == "\u{FFFD}\u{FFFD}")
    #expect(decode([0xE2, 0x28, 0xA1]) == "\u{FFFD}(\u{FFFD}")
  }

  @Test func `the beginning is added and special tokens are cut out`() throws {
    let tokenizer = try byteLevel(merges: [])
    #expect(tokenizer.encodeWithBeginning("</s>") == [0, 0])
    #expect(tokenizer.encodePlain("</s>") == "</s>".utf8.map { 1 + Int($0) })
    #expect(tokenizer.decode([0, 1 + 0x61, 0], skippingSpecials: false) == "</s>a</s>")
    #expect(tokenizer.decode([0, 1 + 0x61, 0], skippingSpecials: true) == "a")
  }

  @Test(arguments: [
    ("Hello world", ["Hello", " world"]),
    ("it's we'll I'VE", ["it", "'s", " we", "'ll", " I", "'", "VE"]),
    ("a  b", ["a", " ", " b"]),
    ("a\n\nb", ["a", "\n", "\n", "b"]),
    ("a \n", ["a", " \n"]),
    (" \u{A0}x", [" ", "\u{A0}", "x"]),
    ("x1²½_?", ["x", "1²½", "_?"]),
    ("e\u{301}a", ["e", "\u{301}", "a"]),
    (" 's", [" '", "s"]),
    ("", []),
  ])
  func `words are those of GPT-2's pattern`(text: String, words: [String]) {
    var text = text
    let found = text.withUTF8 { bytes in WordSplitting(of: bytes).map { Array(bytes[$0]) } }
    #expect(found == words.map { Array($0.utf8) })
  }

  @Test func `spaces before punctuation can be removed`() {
    #expect(Tokenizer.removingSpacesBeforePunctuation("it 's fine , is n't it ?") == "it's fine, isn't it?")
    // The combining accent does not hide the full stop.
    #expect(Tokenizer.removingSpacesBeforePunctuation("a .\u{301}").utf8.elementsEqual("a.\u{301}".utf8))
  }
}
