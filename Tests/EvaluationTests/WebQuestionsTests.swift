import Evaluation
import Testing

@Suite struct WebQuestionsTests {
  @Test func `every answer that is no continuation of another is asked for`() throws {
    let documents = try WebQuestions().documents(
      fromText: #"""
        [{"url":"http://x","utterance":"what does jamaica speak?","targetValue":
          "(list (description \"Jamaican English\") (description jam) (description Jamaican))"}]
        """#)
    let context = "Question: what does jamaica speak?\nAnswer:"
    #expect(
      documents == [
        Document(
          index: 0,
          requests: [
            Request(context: context, continuation: " Jamaican"), Request(context: context, continuation: " jam"),
          ],
          judgement: .greedyMatch)
      ])
  }

  // Expected answers computed with Python's re module.
  @Test(arguments: [
    (#"(list (description Jazz))"#, ["Jazz"]),
    (#"(list (description "A (b)") (description C))"#, ["A (b)", "C"]),
    (#"(list (description "a ("b"): c") (description D))"#, [#""a ("b""#, "D"]),
    (#"(list (description ""))"#, [#""""#]),
    (#"(list (description "x" y))"#, [#""x" y"#]),
    (#"(list (description (description A)))"#, ["(description A"]),
  ])
  func `answers are read with and without quotes`(targetValue: String, answers: [String]) {
    #expect(WebQuestions.answers(in: targetValue) == answers)
  }

  @Test(arguments: ["(list)", "(list )", "(list (description ))", "Jazz", "", "(description Jazz)"])
  func `a value without answers is an error`(targetValue: String) throws {
    #expect(
      try WebQuestions().error(ofRecord: #"{"targetValue":"\#(targetValue)","utterance":"?"}"#)
        == .invalidMember(
          place: firstLine, member: "targetValue", expected: "(list (description …) …)", found: targetValue))
  }
}
