import Evaluation
import Testing

@Suite struct EncodedRequestTests {
  /// A token for each code point, except that a blank joins the letter after it: token 1000 + letter.
  func tokens(_ text: String) -> [Int] {
    var tokens: [Int] = []
    for scalar in text.unicodeScalars {
      if tokens.last == 32, scalar != " " {
        tokens[tokens.count - 1] = 1000 + Int(scalar.value)
      } else {
        tokens.append(Int(scalar.value))
      }
    }
    return tokens
  }

  func encoded(_ context: String, _ continuation: String) -> EncodedRequest {
    encode(Request(context: context, continuation: continuation), endOfText: 2, tokenize: tokens)
  }

  @Test func `the continuation is what the whole has beyond the context`() {
    // a = 97, b = 98, c = 99
    #expect(encoded("a", " bc") == EncodedRequest(context: [97], continuation: [1098, 99]))
    #expect(encoded("a", "") == EncodedRequest(context: [97], continuation: []))
  }

  @Test func `white space at the end of the context goes to the continuation`() {
    #expect(encoded("a ", "b") == EncodedRequest(context: [97], continuation: [1098]))
    #expect(encoded("a \n", "b") == EncodedRequest(context: [97], continuation: [1010, 98]))
    #expect(encoded("a\u{1F}", "b") == EncodedRequest(context: [97], continuation: [31, 98]))
    #expect(encoded(" a", "b") == EncodedRequest(context: [1097], continuation: [98]))
  }

  @Test func `tokens that join context and continuation leave nothing, or less`() {
    let joining: (String) -> [Int] = { text in text.isEmpty ? [] : text == "a" ? [1, 2] : [7] }
    #expect(
      encode(Request(context: "a", continuation: "b"), endOfText: 2, tokenize: joining)
        == EncodedRequest(context: [1, 2], continuation: []))
  }

  @Test func `an empty context is the end-of-text token, and a blank one is nothing`() {
    #expect(encoded("", "b") == EncodedRequest(context: [2], continuation: [98]))
    #expect(encoded("  ", "b") == EncodedRequest(context: [], continuation: [32, 1098]))
  }

  @Test func `the input leaves the last token out`() throws {
    let input = try EncodedRequest(context: [1, 2, 3], continuation: [4, 5]).inputTokens(maximumLength: 10)
    #expect(input.tokens == [1, 2, 3, 4])
    // Position 2 (token 3) predicts token 4, and position 3 predicts token 5.
    #expect(input.scoredPositions == 2..<4)
  }

  @Test func `a context that is too long loses its beginning`() throws {
    let request = EncodedRequest(context: [1, 2, 3], continuation: [4, 5])
    #expect(try request.inputTokens(maximumLength: 4).tokens == [1, 2, 3, 4])
    #expect(try request.inputTokens(maximumLength: 3).tokens == [2, 3, 4])
    #expect(try request.inputTokens(maximumLength: 3).scoredPositions == 1..<3)
    // The continuation may fill the whole length: one token of context stays.
    #expect(try request.inputTokens(maximumLength: 2).tokens == [3, 4])
    #expect(try request.inputTokens(maximumLength: 2).scoredPositions == 0..<2)
  }

  @Test func `what cannot be scored is an error`() {
    #expect(throws: RequestError.continuationTooLong(tokens: 2, maximumLength: 1)) {
      try EncodedRequest(context: [1, 2, 3], continuation: [4, 5]).inputTokens(maximumLength: 1)
    }
    #expect(throws: RequestError.emptyContinuation) {
      try EncodedRequest(context: [1], continuation: []).inputTokens(maximumLength: 8)
    }
    #expect(throws: RequestError.emptyContext) {
      try EncodedRequest(context: [], continuation: [1]).inputTokens(maximumLength: 8)
    }
  }
}
