import Foundation
import Models
import Testing

@Suite struct TrainTokenizerTests {
  private func train(_ form: String, _ vocabulary: Int, _ corpus: String, to folder: String) throws -> Command.Outcome {
    try Command.run([
      "train-tokenizer", "--form", form, "--corpus", corpus, "--vocabulary", "\(vocabulary)", "-o", folder,
    ])
  }

  @Test(arguments: [("sentencepiece", "tokenizer.model", 290), ("byte-level", "vocab.json", 275)])
  func `a tokenizer learns from a text, the same bytes each time, and gives the text back`(
    form: String, file: String, vocabulary: Int
  ) throws {
    let suite = try SmallSuite()
    let corpus = suite.folder + "/data/corpus.jsonl"
    for name in ["one", "two"] {
      let outcome = try train(form, vocabulary, corpus, to: "\(suite.folder)/\(name)")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("\(vocabulary) entries, learnt from 24 documents"))
    }
    func bytes(_ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: "\(suite.folder)/\(name)/\(file)"))
    }
    #expect(try bytes("one") == bytes("two"))
    let tokenizer = try Tokenizer(folder: suite.folder + "/one")
    #expect(tokenizer.vocabularySize == vocabulary)
    let ids = tokenizer.encode("the red fox sang")
    // Fewer than its sixteen characters, since these words are most of the text.
    #expect(ids.count < 16 && tokenizer.decode(ids, skippingSpecials: true).hasSuffix("the red fox sang"))
  }

  @Test func `more entries than a text has, and texts that are not there, are refused by name`() throws {
    let suite = try SmallSuite()
    let many = try train("byte-level", 60_000, suite.folder + "/data/corpus.jsonl", to: suite.folder + "/many")
    #expect(many.status != 0 && many.errors.contains("60000") || many.errors.contains("60,000"), "\(many.errors)")
    let absent = try train("byte-level", 300, suite.folder + "/none.jsonl", to: suite.folder + "/none")
    #expect(absent.status != 0 && absent.errors.contains("none.jsonl"), "\(absent.errors)")
  }
}
