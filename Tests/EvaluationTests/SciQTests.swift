import Evaluation
import Testing

@Suite struct SciQTests {
  func file(support: String) -> String {
    """
    [{"question":"What melts ice?","distractor3":"cold","distractor1":"wind","distractor2":"dark",
      "correct_answer":"heat","support":"\(support)"}]
    """
  }

  @Test func `the right answer is the last of four choices`() throws {
    let documents = try SciQ().documents(fromText: file(support: "Heat melts ice."))
    let context = "Heat melts ice.\nQuestion: What melts ice?\nAnswer:"
    #expect(
      documents == [
        Document(
          index: 0,
          requests: [
            Request(context: context, continuation: " wind"), Request(context: context, continuation: " dark"),
            Request(context: context, continuation: " cold"), Request(context: context, continuation: " heat"),
          ],
          judgement: .multipleChoice(gold: 3, choiceLengths: .ascii(4, 4, 4, 4)))
      ])
  }

  @Test(arguments: ["", " ", #"\u001F\u3000"#])
  func `without support the context begins with the question`(support: String) throws {
    let documents = try SciQ().documents(fromText: file(support: support))
    #expect(documents[0].requests[0].context == "Question: What melts ice?\nAnswer:")
  }

  @Test func `white space before the support goes, and that behind it stays`() throws {
    let documents = try SciQ().documents(fromText: file(support: #"\n Heat. "#))
    #expect(documents[0].requests[0].context == "Heat. \nQuestion: What melts ice?\nAnswer:")
  }

  @Test(arguments: [("", ""), (#"\u001F\u3000"#, ""), (#"\n Heat. "#, "Heat. ")])
  func `from 0.4 on the support alone is stripped, and a line feed always follows`(support: String, kept: String) throws
  {
    let document = try SciQ(.version04).documents(fromText: file(support: support))[0]
    #expect(document.requests[0].context == kept + "\nQuestion: What melts ice?\nAnswer:")
  }

  @Test func `a missing support is an error`() throws {
    let record = #"{"question":"?","distractor3":"a","distractor1":"b","distractor2":"c","correct_answer":"d"}"#
    #expect(
      try SciQ().error(ofRecord: record)
        == .invalidMember(place: firstLine, member: "support", expected: "a value", found: "nothing"))
  }
}
