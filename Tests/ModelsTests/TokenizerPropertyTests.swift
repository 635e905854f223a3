import Foundation
import Models
import Testing

@Suite struct TokenizerPropertyTests {
  @Test func `decoding an encoded text gives the text`() throws {
    var writer = ModelWriter(["▁": -9, "a": -9, "b": -9, "ab": -1, "▁a": -2, "é": -5, "▁▁": -3, "ba": -1])
    writer.addBytes()
    let tokenizers = [try writer.tokenizer(), try byteLevel(merges: [("a", "b"), ("Ġ", "a"), ("Ã", "©")])]
    let alphabet: [Unicode.Scalar] = [
      "a", "b", " ", "é", "e", "\u{301}", "\n", "'", "s", "1", "\u{212B}", "😀", "\u{0}",
    ]
    // A linear congruential generator, Knuth's MMIX constants: the texts are the same in every run.
    var state: UInt64 = 1
    for tokenizer in tokenizers {
      for length in 0..<200 {
        var text = String.UnicodeScalarView()
        for _ in 0..<length {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          text.append(alphabet[Int(state >> 33) % alphabet.count])
        }
        let decoded = tokenizer.decode(tokenizer.encode(String(text)), skippingSpecials: false)
        #expect(decoded.utf8.elementsEqual(String(text).utf8))
      }
    }
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: checkpoints), "no folder ../shared/checkpoints"),
    arguments: [
      ("llama2-tokenizer-32000", Tokenizer.Form.sentencePiece), ("stories260K", .sentencePiece),
      ("opt-tokenizer-50265", .vocabularyAndMerges),
    ])
  func `tokenizer.json gives the ids of the other form`(name: String, form: Tokenizer.Form) throws {
    let folder = checkpoints + "/" + name
    let json = try Tokenizer(folder: folder, form: .json)
    let other = try Tokenizer(folder: folder, form: form)
    #expect(json.vocabularySize == other.vocabularySize)
    #expect(json.beginning == other.beginning && json.end == other.end)
    #expect(json.unknown == other.unknown && json.padding == other.padding)
    let texts = [
      "", " ", "Hello world", "  two  spaces  ", "a</s>b <s> <unk>c", "naïve café – “quoted” 😀👩‍👩‍👧", "x\ty\r\n\nz",
      "1234567890 3.14", "Å\u{212B}A\u{30A}", "日本語のテキスト", "don't we'll I'VE", String(repeating: "ab ", count: 500),
      "\u{0}\u{1F}\u{85}\u{A0}\u{2003}\u{E000}\u{10FFFF}", "for (int i = 0; i < n; ++i) {\n    sum += a[i];\n}\n",
    ]
    for text in texts {
      #expect(json.encode(text) == other.encode(text), "\(text.debugDescription)")
      #expect(json.encodeWithBeginning(text) == other.encodeWithBeginning(text), "\(text.debugDescription)")
      let ids = other.encode(text)
      #expect(json.decode(ids, skippingSpecials: true) == other.decode(ids, skippingSpecials: true))
    }
  }
}
