import Evaluation
import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct RollingPerplexityTests {
  // MARK: Windows

  @Test func `windows follow one another, and the last one goes back as far as it can`() {
    // The example of the harness.
    #expect(
      rollingWindows(of: Array(0..<10), maximumLength: 4, prefixToken: 99) == [
        EncodedRequest(context: [99], continuation: [0, 1, 2, 3]),
        EncodedRequest(context: [3], continuation: [4, 5, 6, 7]),
        EncodedRequest(context: [5, 6, 7], continuation: [8, 9]),
      ])
  }

  @Test func `a text that fits is one window, and none has none`() {
    #expect(
      rollingWindows(of: [5, 6], maximumLength: 4, prefixToken: 99)
        == [EncodedRequest(context: [99], continuation: [5, 6])])
    #expect(
      rollingWindows(of: Array(0..<4), maximumLength: 4, prefixToken: 99)
        == [EncodedRequest(context: [99], continuation: [0, 1, 2, 3])])
    #expect(rollingWindows(of: [], maximumLength: 4, prefixToken: 99).isEmpty)
  }

  @Test func `with more context a window predicts less`() {
    #expect(
      rollingWindows(of: Array(0..<8), maximumLength: 4, prefixToken: 99, contextLength: 3) == [
        EncodedRequest(context: [99], continuation: [0, 1, 2, 3]),
        EncodedRequest(context: [1, 2, 3], continuation: [4, 5]),
        EncodedRequest(context: [3, 4, 5], continuation: [6, 7]),
      ])
  }

  @Test(arguments: 1..<40)
  func `every token is predicted once, from what stands before it`(count: Int) {
    for maximumLength in 1...9 {
      for contextLength in 1...maximumLength {
        let windows = rollingWindows(
          of: Array(0..<count), maximumLength: maximumLength, prefixToken: -1, contextLength: contextLength)
        #expect(windows.flatMap(\.continuation) == Array(0..<count))
        for window in windows {
          let whole = window.context + window.continuation
          #expect(whole == Array(whole[0]..<whole[0] + whole.count))
          // The last token is no input.
          #expect(whole.count - 1 <= maximumLength)
        }
      }
    }
  }

  // MARK: Documents

  @Test func `pages of Wikitext and lines of C4 are documents`() throws {
    let wiki = try TemporaryFile(" \n = A = \n \n x , y \n = B = \n z \n")
    let pages = try PerplexityCorpus.wikitext.documents(path: wiki.path)
    #expect(pages.map(\.text) == [" = A =\n\nx, y ", " = B =\nz\n"])
    #expect(pages.map(\.wordCount) == [8, 6])
    #expect(try PerplexityCorpus.wikitext.documents(path: wiki.path, limit: 1) == Array(pages[..<1]))
    let c4 = try TemporaryFile("{\"text\":\"a , b\"}\n{\"text\":\"\"}\n")
    #expect(try PerplexityCorpus.c4.documents(path: c4.path).map(\.text) == ["a, b", ""])
    #expect(try PerplexityCorpus.c4.documents(path: c4.path, limit: 1).count == 1)
  }

  @Test func `what stands before a document is part of the version`() {
    let versions = PerplexityCorpus.allCases.flatMap { corpus in
      [RequestEncoding.Prefix.endOfText, .beginningElseEndOfText].map(corpus.version(prefix:))
    }
    #expect(Set(versions).count == 4)
    #expect(
      PerplexityCorpus.wikitext.version(prefix: .endOfText)
        == "lm-evaluation-harness 0bf683b4 (master, December 2023) (wikitext, rolling windows)")
  }

  // MARK: Perplexity

  private let documents = PerplexityDocument.documents(["a b c", "", " d , e f g h i j k l "])

  private func tokens(_ text: String) -> [Int] { text.utf8.map { Int($0) % 32 } }

  private func perplexity<Model: LanguageModel>(
    _ model: Model, prompts: PromptBank? = nil, maximumLength: Int = 6, threadCount: Int = 1
  ) throws -> RollingPerplexity {
    try RollingPerplexity(
      of: documents,
      scorer: LogLikelihoodScorer(
        model: model, prompts: prompts, maximumLength: maximumLength, workers: Workers(threadCount: threadCount)),
      prefixToken: 2, tokenize: tokens)
  }

  @Test func `a model that knows nothing has the size of the vocabulary for each token`() throws {
    var model = try Llama.random()
    model.separateHead = Weight(Matrix(rows: 32, columns: 16))
    let found = try perplexity(model)
    // "a b c", nothing, and " d, e f g h i j k l ".
    #expect(found.documents.map(\.tokenCount) == [5, 0, 20])
    #expect(found.documents.map(\.wordCount) == [3, 1, 12])
    #expect(found.documents.map(\.byteCount) == [5, 0, 21])
    #expect(found.documents.map(\.windowLogLikelihoods.count) == [1, 0, 4])
    #expect(found.documents[1].logLikelihood == 0)
    // 25 tokens of five bits each; a few roundings in double precision.
    #expect(abs(found.tokenPerplexity / 32 - 1) < 1e-13)
    #expect(abs(found.wordPerplexity / pow(32, 25.0 / 16) - 1) < 1e-13)
    #expect(abs(found.bytePerplexity / pow(32, 25.0 / 26) - 1) < 1e-13)
    #expect(abs(found.bitsPerByte - 5 * 25.0 / 26) < 1e-13)
  }

  @Test func `a document's log-likelihood is that of its windows, each alone`() throws {
    let model = try Llama.random()
    let found = try perplexity(model)
    let windows = rollingWindows(of: tokens(documents[2].text), maximumLength: 6, prefixToken: 2)
    for (window, logLikelihood) in zip(windows, found.documents[2].windowLogLikelihoods) {
      let whole = window.context + window.continuation
      let logits = model.logits(of: whole.dropLast())
      let plain = (window.context.count..<whole.count).reduce(0) {
        $0 + plainLogProbability(of: whole[$1], in: logits.row($1 - 1))
      }
      // Logits of a few units, through products of other shapes: some 1e-6 for each of at most six tokens.
      #expect(abs(logLikelihood - plain) < 2e-5)
    }
    #expect(found.maximumLength == 6)
    #expect(found.prefixToken == 2)
    #expect(try perplexity(model, threadCount: 3) == found)
  }

  @Test func `behind a prompt a model with a table of positions has shorter windows, and says so`() throws {
    let model = try OPT.random()
    let prompts = PromptBank([model.embedded((0..<315).map { $0 % 32 })], of: model)
    let found = try perplexity(model, prompts: prompts, maximumLength: 320)
    #expect(found.maximumLength == 5)
    #expect(found.documents.map(\.windowLogLikelihoods.count) == [1, 0, 4])
    let full = PromptBank([model.embedded((0..<320).map { $0 % 32 })], of: model)
    #expect(throws: ScoringError.noRoom(needed: 1, available: 0)) {
      try perplexity(model, prompts: full, maximumLength: 320)
    }
  }

  @Test func `what is worse than knowing nothing is flagged, and so is what is no number`() throws {
    var model = try Llama.random()
    #expect(try perplexity(model).flags(vocabularySize: 1_000_000).isEmpty)
    let found = try perplexity(model)
    #expect(
      found.flags(vocabularySize: 2)
        == [.perplexityAboveVocabulary(perplexity: found.tokenPerplexity, vocabularySize: 2)])
    model.separateHead = Weight(Matrix(rows: 32, columns: 16, repeating: .nan))
    #expect(try perplexity(model).flags(vocabularySize: 32) == [.notANumber(document: 0, count: 2)])
  }
}
