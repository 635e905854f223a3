import Evaluation
import Testing

@Suite struct LAMBADATests {
  @Test(arguments: [
    (#"She looked.\n\n\"Come in,\" said the man"#, "She looked.\n\n\"Come in,\" said the", " man"),
    (#"he said the\nman"#, "he said", " the\nman"),
    (#"a no-break\u00A0space"#, "a", " no-break\u{A0}space"),
    (#"a  b"#, "a ", " b"),
    (#"a b "#, "a b", " "),
    // A blank and a combining mark make one character in Swift's eyes.
    (#"a \u0301b"#, "a", " \u{301}b"),
  ])
  func `the last word is what follows the last blank`(json: String, context: String, continuation: String) throws {
    let documents = try LAMBADA().documents(fromText: "{\"text\": \"\(json)\"}\n")
    #expect(
      documents == [
        Document(
          index: 0, requests: [Request(context: context, continuation: continuation)], judgement: .lastWord)
      ])
  }

  @Test func `a text of one word is an error`() throws {
    #expect(
      try LAMBADA().error(ofRecord: #"{"text":"word\nword"}"#)
        == .invalidMember(
          place: firstLine, member: "text", expected: "a text with a space", found: "a text without one"))
  }
}
