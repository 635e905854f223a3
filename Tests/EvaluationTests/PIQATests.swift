import Evaluation
import Testing

@Suite struct PIQATests {
  let jar = #"{"id":"0000-made-up","goal":"open a jar","sol1":"twist the lid","sol2":"eat the lid"}"#

  @Test func `the label list tells which solution is right`() throws {
    let documents = try PIQA().documents(fromText: "\(jar)\n\(jar)\n", labels: "0\n1\n")
    let requests = [
      Request(context: "Question: open a jar\nAnswer:", continuation: " twist the lid"),
      Request(context: "Question: open a jar\nAnswer:", continuation: " eat the lid"),
    ]
    #expect(
      documents == [
        Document(index: 0, requests: requests, judgement: .multipleChoice(gold: 0, choiceLengths: .ascii(13, 11))),
        Document(index: 1, requests: requests, judgement: .multipleChoice(gold: 1, choiceLengths: .ascii(13, 11))),
      ])
  }

  @Test func `without a label list there are no documents`() {
    #expect(throws: TaskError.labelFileMissing(task: "piqa")) { try PIQA().documents(fromText: jar) }
  }
}
