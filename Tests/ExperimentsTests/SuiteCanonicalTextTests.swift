import Experiments
import Testing

/// The canonical text, of which the digest of a suite is taken.
@Suite struct SuiteCanonicalTextTests {
  @Test func `the canonical text depends on the meaning alone`() throws {
    let text = try Suite.sound().canonicalText()
    #expect(try Suite.sound(replacing: "folder: models/tiny", with: "folder: elsewhere").canonicalText() == text)
    #expect(try Suite.sound(replacing: "data: ../data", with: "data: /mnt").canonicalText() == text)
    #expect(try Suite.sound(replacing: "corpus: c4.jsonl", with: "corpus: moved.jsonl").canonicalText() == text)
    #expect(try Suite.sound(replacing: "bits: 3}", with: "bits: 3, blockSize: 128}").canonicalText() == text)
    #expect(try Suite.sound(replacing: "{name: none}", with: "{method: none, name: none}").canonicalText() == text)
    for (old, new) in [
      ("bits: 3}", "bits: 3, blockSize: 64}"), ("seed: 7", "seed: 8"), ("scale: 0.5", "scale: 0.25"),
      ("tokens: 24", "tokens: 25"), ("documents: 100", "documents: all"), ("rank: 4", "rank: 5"),
      ("blockSize: 64", "blockSize: 32"), ("samples: 4", "samples: 5"), ("batch: 8", "batch: 4"),
    ] {
      #expect(try Suite.sound(replacing: old, with: new).canonicalText() != text, "\(new)")
    }
  }

  @Test func `the canonical text is sorted and without white space`() throws {
    let text = try Suite.sound().compressions[1].canonical.text
    #expect(
      text
        == #"{"method":{"bits":3,"blockSize":128,"dampeningFraction":0.01,"groupSize":null,"method":"gptq"},"#
        + #""name":"gptq-3bit"}"#)
  }
}
