import Foundation
import Models
import Testing

@Suite struct SentencePieceTokenizerTests {
  @Test func `the pair of the highest score joins first`() throws {
    // abc: "bc" (-1) goes before "ab" (-2), so "abc" is a + bc.
    let tokenizer = try ModelWriter(["▁": -9, "a": -9, "b": -9, "c": -9, "ab": -2, "bc": -1]).tokenizer()
    #expect(tokenizer.encode("abc") == [3, 4, 8])
  }

  @Test func `among equal scores the leftmost pair joins first`() throws {
    let tokenizer = try ModelWriter(["▁": -9, "a": -9, "b": -9, "c": -9, "bc": -1, "ab": -1]).tokenizer()
    #expect(tokenizer.encode("abc") == [3, 8, 6])
    let repeated = try ModelWriter(["▁": -9, "a": -9, "aa": -1]).tokenizer()
    #expect(repeated.encode("aaa") == [3, 5, 4])
  }

  @Test func `merges run across words where a piece does`() throws {
    let tokenizer = try ModelWriter(["▁": -9, "a": -9, "b": -9, "a▁": -2, "a▁b": -1]).tokenizer()
    #expect(tokenizer.encode("a b") == [3, 7])
  }

  @Test func `characters that are no pieces may still join into one`() throws {
    // "a" and "b" alone are unknown; "ab" is a piece.
    var writer = ModelWriter(["▁": -9, "ab": -1])
    #expect(try writer.tokenizer().encode("abba") == [3, 4, 0])
    writer.addBytes()
    #expect(try writer.tokenizer().encode("aba") == [3, 4, 5 + 0x61])
  }

  @Test func `unknown characters become their bytes`() throws {
    var writer = ModelWriter(["▁": -2, "a": -1])
    writer.addBytes()
    let tokenizer = try writer.tokenizer()
    // "é" is C3 A9; bytes start at id 5.
    #expect(tokenizer.encode("aé") == [3, 4, 5 + 0xC3, 5 + 0xA9])
    #expect(tokenizer.decode([3, 4, 5 + 0xC3, 5 + 0xA9], skippingSpecials: false) == "aé")
    // A lone lead byte, and then the surrogate D800 as three bytes: one U+FFFD for each.
    let broken = [0xC3, 0xED, 0xA0, 0x80].map { 5 + $0 }
    #expect(tokenizer.decode([4] + broken, skippingSpecials: false) == "a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
  }

  @Test func `a run of unknown characters is one unknown token without byte fallback`() throws {
    let tokenizer = try ModelWriter(["▁": -2, "a": -1]).tokenizer()
    #expect(tokenizer.encode("xyaz") == [3, 0, 4, 0])
    #expect(tokenizer.decodePlain([3, 4, 0]) == "a \u{2047} ")
  }

  @Test func `the empty text has no tokens, and every other one a space in front`() throws {
    let tokenizer = try ModelWriter(["▁": -2, "a": -1, "▁▁": -3]).tokenizer()
    #expect(tokenizer.encode("") == [])
    #expect(tokenizer.encodeWithBeginning("") == [1])
    #expect(tokenizer.encode("a") == [3, 4])
    #expect(tokenizer.encode(" a") == [5, 4])
    #expect(tokenizer.decode([5, 4], skippingSpecials: false) == " a")
    #expect(tokenizer.decode([], skippingSpecials: false) == "")
  }

  @Test func `extra spaces are removed where the model says so`() throws {
    var writer = ModelWriter(["▁": -2, "a": -1])
    writer.removesExtraSpaces = true
    #expect(try writer.tokenizer().encode("  a   a ") == [3, 4, 3, 4])
    #expect(try writer.tokenizer().encode("   ") == [])
    writer.addsDummyPrefix = false
    #expect(try writer.tokenizer().encode(" a a") == [4, 3, 4])
  }

  @Test func `special tokens inside a text become their ids, and each part gets its own prefix`() throws {
    var writer = ModelWriter(["▁": -2, "a": -1])
    writer.addBytes()
    let tokenizer = try writer.tokenizer()
    #expect(tokenizer.encode("a</s>a") == [3, 4, 2, 3, 4])
    #expect(tokenizer.encodeWithBeginning("<s>a") == [1, 1, 3, 4])
    #expect(tokenizer.encodePlain("</s>") == [3] + "</s>".utf8.map { 5 + Int($0) })
    #expect(tokenizer.decode([3, 4, 2, 3, 4], skippingSpecials: false) == " a</s>a")
    #expect(tokenizer.decode([3, 4, 2, 3, 4], skippingSpecials: true) == "a a")
  }

  @Test func `canonically equivalent characters are different tokens`() throws {
    // U+00C5, U+212B and A with U+030A are the same to String.
    let tokenizer = try ModelWriter(["▁": -9, "\u{C5}": -1, "\u{212B}": -2, "A": -3, "\u{30A}": -4]).tokenizer()
    #expect(tokenizer.encode("\u{C5}") == [3, 4])
    #expect(tokenizer.encode("\u{212B}") == [3, 5])
    #expect(tokenizer.encode("A\u{30A}") == [3, 6, 7])
  }

  @Test func `user-defined pieces are cut out before all merging`() throws {
    var writer = ModelWriter(["▁": -9, "a": -9, "b": -9, "ab": -1])
    writer.pieces.append(("bb", 0, 4))
    #expect(try writer.tokenizer().encode("abba") == [3, 4, 7, 4])
  }

  @Test func `unused pieces are taken apart again`() throws {
    var writer = ModelWriter(["▁": -9, "a": -9, "b": -9, "c": -9, "abc": -2])
    writer.pieces.append(("ab", -1, 5))
    let tokenizer = try writer.tokenizer()
    #expect(tokenizer.encode("abc") == [3, 7])
    #expect(tokenizer.encode("ab") == [3, 4, 5])
  }

  @Test func `roles come from the files beside the model`() throws {
    let files = [
      "tokenizer.model": ModelWriter(["▁": -2, "a": -1]).bytes,
      "tokenizer_config.json": Array(#"{"bos_token": null, "pad_token": "</s>", "add_bos_token": true}"#.utf8),
      "special_tokens_map.json": Array(#"{"unk_token": {"content": "<unk>", "lstrip": false}}"#.utf8),
      "added_tokens.json": Array(#"{"[PAD]": 5}"#.utf8),
    ]
    try withFolder(files) { folder in
      let tokenizer = try Tokenizer(folder: folder)
      #expect(tokenizer.beginning == nil)
      #expect(tokenizer.end == 2)
      #expect(tokenizer.padding == 2)
      #expect(tokenizer.unknown == 0)
      #expect(tokenizer.vocabularySize == 6)
      #expect(tokenizer.encodeWithBeginning("a[PAD]a") == [3, 4, 5, 3, 4])
      #expect(tokenizer.decode([3, 4, 5, 3, 4], skippingSpecials: true) == "a [PAD] a")
    }
  }
}
