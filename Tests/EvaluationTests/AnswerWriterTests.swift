import Evaluation
import Models
import Tensors
import TestModels
import Testing

@Suite struct AnswerWriterTests {
  private let tokenizer: Tokenizer
  private let model: Llama

  init() throws {
    tokenizer = try handMadeTokenizer()
    model = try Llama.random()
  }

  private func document(_ index: Int, _ context: String, stops: [String]) -> Document {
    Document(
      index: index, generation: GenerationRequest(context: context, stops: stops, maximumTokens: 20), answers: ["x"],
      comparison: .master2023)
  }

  private func answers(_ documents: [Document], _ harness: HarnessProtocol) throws -> [GeneratedAnswer] {
    let decoder = GreedyDecoder(model: model, maximumLength: 64, workers: Workers(threadCount: 2))
    return try AnswerWriter(decoder: decoder, tokenizer: tokenizer, harness: harness).answers(to: documents)
  }

  /// Twenty tokens, whatever they are.
  private func tokens(after context: String) throws -> [Int] {
    let decoder = GreedyDecoder(model: model, maximumLength: 64, workers: Workers(threadCount: 1))
    return try decoder.outputs(after: [tokenizer.encode(context)], maximumTokens: 20, stopToken: nil)[0].tokens
  }

  @Test(arguments: HarnessProtocol.allCases)
  func `ending early does not change the answer`(harness: HarnessProtocol) throws {
    let contexts = ["a cab", "fog:", "head over", "q?", "m"]
    // Among them some that do occur.
    let stops = try contexts.map { context in
      // "</s>" ends the text in another way.
      let written = try tokens(after: context).filter { $0 > 3 }
      return [tokenizer.decode([try #require(written.last)], skippingSpecials: true), "zz"]
    }
    let documents = zip(contexts, stops).enumerated().map { document($0.offset, $0.element.0, stops: $0.element.1) }
    for (found, (document, context)) in zip(try answers(documents, harness), zip(documents, contexts)) {
      let generation = try #require(document.generation)
      var all = try tokens(after: context)
      // No stop is one token, with the blank that this tokenizer puts before it: both end with the text.
      if let end = all.firstIndex(of: 2) { all = Array(all[...end]) }
      let whole = tokenizer.decode(all, skippingSpecials: harness == .version04)
      // Of a text with a special token in it, Llama's tokenizer decodes the beginning with a blank in front.
      #expect(generation.cut(found.text).pythonStripped() == generation.cut(whole).pythonStripped())
      #expect(!found.hasNaN)
    }
  }

  @Test func `documents with other stops have their own`() throws {
    // After this context the model writes some letters.
    let whole = try answers([document(0, "fog:", stops: ["zz"])], .version04)[0].text
    let letters = whole.filter { $0 != " " }
    try #require(letters.count > 1)
    let stop = String(letters.prefix(1))
    let found = try answers(
      ["zz", stop, "zz"].enumerated().map { document($0.offset, "fog:", stops: [$0.element]) }, .version04)
    #expect([found[0].text, found[2].text] == [whole, whole])
    #expect(found[1].text.utf8.count < whole.utf8.count)
  }

  @Test func `the harness of 2023 leaves the end of text in the answer`() throws {
    // One after which the model ends the text before its twenty tokens are over.
    let context = try #require(["a cab", "fog:", "head over", "q?", "m"].first { try tokens(after: $0).contains(2) })
    let documents = [document(0, context, stops: ["zz"])]
    let present = try answers(documents, .version04)[0].text.pythonStripped()
    #expect(try answers(documents, .master2023)[0].text.pythonStripped() == present + "</s>")
  }
}
