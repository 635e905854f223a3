import Evaluation
import Testing

@Suite struct RequestEncodingTests {
  /// Puts a blank before every text, as Llama's tokenizer does, and takes each blank together with the letter behind it:
  /// token 1000 + letter.
  func tokens(_ text: String) -> [Int] {
    var tokens: [Int] = []
    for scalar in (" " + text).unicodeScalars {
      if tokens.last == 32, scalar != " " {
        tokens[tokens.count - 1] = 1000 + Int(scalar.value)
      } else {
        tokens.append(Int(scalar.value))
      }
    }
    return tokens
  }

  func encoded(_ context: String, _ continuation: String, _ encoding: RequestEncoding) -> EncodedRequest {
    encoding.encoded(Request(context: context, continuation: continuation), prefixToken: 2, tokenize: tokens)
  }

  @Test func `encoded apart, a continuation has the blank that its tokenizer adds`() {
    // a = 97, b = 98, c = 99
    #expect(
      encoded("a", " bc", RequestEncoding(boundary: .pair))
        == EncodedRequest(context: [1097], continuation: [1098, 99])
    )
    #expect(
      encoded("a", " bc", RequestEncoding(boundary: .apart))
        == EncodedRequest(context: [1097], continuation: [32, 1098, 99]))
  }

  @Test func `encoded apart, white space stays with the context`() {
    #expect(encoded("a ", "b", RequestEncoding(boundary: .pair)).continuation == [1098])
    #expect(
      encoded("a ", "b", RequestEncoding(boundary: .apart))
        == EncodedRequest(context: [1097, 32], continuation: [1098])
    )
  }

  @Test(arguments: [RequestEncoding.Boundary.pair, .apart])
  func `an empty context is the prefix token`(boundary: RequestEncoding.Boundary) {
    #expect(
      encoded("", "b", RequestEncoding(boundary: boundary)) == EncodedRequest(context: [2], continuation: [1098]))
  }

  @Test func `an encoding that is not the harness's is part of the version`() {
    let encodings = [RequestEncoding.Boundary.pair, .apart].flatMap { boundary in
      [RequestEncoding.Prefix.endOfText, .beginningElseEndOfText].map {
        RequestEncoding(boundary: boundary, prefix: $0)
      }
    }
    for harness in HarnessProtocol.allCases {
      let task = SciQ(harness)
      #expect(task.version(encodedBy: harness.encoding) == task.version)
      #expect(Set(encodings.map(task.version(encodedBy:))).count == 4)
    }
    #expect(
      SciQ().version(encodedBy: RequestEncoding(boundary: .apart)) == """
        lm-evaluation-harness 0bf683b4 (master, December 2023); context and continuation encoded apart, as before June \
        2023
        """)
  }
}
