import Evaluation
import Models
import Testing

@Suite struct EncodedTaskTests {
  private let tokenizer: Tokenizer

  init() throws { tokenizer = try handMadeTokenizer() }

  private func documents(_ continuations: [String], context: String = "ab") -> [Document] {
    continuations.enumerated().map {
      Document(
        index: $0.offset + 5, requests: [Request(context: context, continuation: $0.element)], judgement: .greedyMatch)
    }
  }

  private func error(_ documents: [Document], maximumLength: Int = 9) -> ScoringError? {
    do {
      _ = try EncodedTask(SciQ(), documents: documents, tokenizer: tokenizer, maximumLength: maximumLength)
      return nil
    } catch {
      return error
    }
  }

  @Test func `requests stand in the order of their documents`() throws {
    // "▁" is 3, "a" 4, "b" 5, "c" 6.
    let task = try EncodedTask(
      SciQ(), documents: documents([" c", " a"]), tokenizer: tokenizer, maximumLength: 9)
    #expect(
      task.requests == [
        EncodedRequest(context: [3, 4, 5], continuation: [3, 6]),
        EncodedRequest(context: [3, 4, 5], continuation: [3, 4]),
      ])
    #expect(task.name == "sciq")
    #expect(task.version == SciQ().version)
  }

  @Test func `the encoding is the harness's unless another is asked for, and the version tells`() throws {
    func task(_ harness: HarnessProtocol, _ encoding: RequestEncoding? = nil) throws -> EncodedTask {
      try EncodedTask(
        SciQ(harness), documents: documents([" c"], context: ""), encoding: encoding, tokenizer: tokenizer,
        maximumLength: 9)
    }
    #expect(try task(.master2023).requests[0].context == [2])
    #expect(try task(.version04).requests[0].context == [1])
    let asked = try task(.version04, RequestEncoding(prefix: .endOfText))
    #expect(asked.requests[0].context == [2])
    #expect(asked.version != SciQ(.version04).version)
  }

  @Test func `a request without a score is an error with its task and document`() {
    let long = " " + String(repeating: "c", count: 9)
    #expect(
      error(documents([" c", long]))
        == .unscorable(task: "sciq", document: 6, .continuationTooLong(tokens: 10, maximumLength: 9)))
    #expect(error(documents([" c"], context: " ")) == .unscorable(task: "sciq", document: 5, .emptyContext))
    #expect(error(documents([" c", " c", ""])) == .unscorable(task: "sciq", document: 7, .emptyContinuation))
    #expect(error(documents([" c"])) == nil)
  }

  @Test func `prompts that leave no room are an error`() {
    #expect(error(documents([" c"]), maximumLength: 0) == .noRoom(needed: 1, available: 0))
  }
}
