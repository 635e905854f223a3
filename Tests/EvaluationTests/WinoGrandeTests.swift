import Evaluation
import Testing

@Suite struct WinoGrandeTests {
  func record(_ sentence: String, answer: String = "\"2\"") -> String {
    #"{"qID":"MADEUP-1","sentence":"\#(sentence)","option1":"Ann","option2":"Bea","answer":\#(answer)}"#
  }

  @Test func `both names are followed by the same rest`() throws {
    let documents = try WinoGrande().documents(fromText: record("Ann thanked Bea because _ had  helped. "))
    #expect(
      documents == [
        Document(
          index: 0,
          requests: [
            Request(context: "Ann thanked Bea because Ann", continuation: " had  helped."),
            Request(context: "Ann thanked Bea because Bea", continuation: " had  helped."),
          ],
          judgement: .multipleChoice(gold: 1, choiceLengths: nil))
      ])
  }

  @Test func `the first of two gaps is filled`() throws {
    let document = try WinoGrande().documents(fromText: record("a _ b _ c", answer: "\"1\""))[0]
    #expect(document.requests[0] == Request(context: "a Ann", continuation: " b _ c"))
    #expect(document.judgement == .multipleChoice(gold: 0, choiceLengths: nil))
  }

  @Test func `a gap at the end leaves a blank to score`() throws {
    let document = try WinoGrande().documents(fromText: record("it was _"))[0]
    #expect(document.requests[1] == Request(context: "it was Bea", continuation: " "))
  }

  @Test(arguments: [
    (#"One.\n\nTwo _ x"#, "One.\n\nOne.\n\nTwo Ann"), (#"A\n\n\nB _ x"#, "A\n\nA\n\n\nB Ann"),
    (#"A\n\nB\n\nC _ x"#, "A\n\nB\n\nA\n\nB\n\nC Ann"), (#"A _ x\n\ny"#, "A Ann"),
  ])
  func `what stands before an empty line is taken for an example`(sentence: String, context: String) throws {
    let document = try WinoGrande().documents(fromText: record(sentence))[0]
    #expect(document.requests[0].context == context)
  }

  @Test func `from 0.4 on an empty line is text like any other`() throws {
    let document = try WinoGrande(.version04).documents(fromText: record(#"One.\n\nTwo _ x"#))[0]
    #expect(document.requests[0].context == "One.\n\nTwo Ann")
  }

  @Test func `a sentence without a gap is an error`() throws {
    #expect(
      try WinoGrande().error(ofRecord: record("Nothing missing."))
        == .invalidMember(
          place: firstLine, member: "sentence", expected: "a sentence with “_”", found: "a text without it"))
  }

  @Test(arguments: ["3", "0", "", "1 "])
  func `an answer other than 1 and 2 is an error`(answer: String) throws {
    #expect(
      try WinoGrande().error(ofRecord: record("a _ b", answer: "\"\(answer)\""))
        == .answerMatchesNoChoice(place: firstLine, answer: answer, choiceCount: 2))
  }

  @Test func `an answer that is a number is an error`() throws {
    #expect(
      try WinoGrande().error(ofRecord: record("a _ b", answer: "1"))
        == .invalidMember(place: firstLine, member: "answer", expected: "a text", found: "an integer"))
  }
}
