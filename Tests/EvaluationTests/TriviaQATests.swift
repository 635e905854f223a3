import Evaluation
import Testing

@Suite struct TriviaQATests {
  let street = #"{"Answer":{"Aliases":["Foo Street","Foo St."," foo"],"Value":"Foo"},"Question":"Which street?"}"#
  let sign = #"{"Answer":{"Aliases":["Scorpio","Skorpio","Scorpio (sign)"],"Value":"x"},"Question":"Which sign?"}"#

  var expected: [Document] {
    let street = "Question: Which street?\nAnswer:"
    let sign = "Question: Which sign?\nAnswer:"
    return [
      Document(
        index: 0,
        requests: [
          Request(context: street, continuation: "  foo"), Request(context: street, continuation: " Foo St."),
          Request(context: street, continuation: " Foo Street"),
        ],
        judgement: .greedyMatch),
      Document(
        index: 1,
        requests: [Request(context: sign, continuation: " Scorpio"), Request(context: sign, continuation: " Skorpio")],
        judgement: .greedyMatch),
    ]
  }

  @Test func `the published file is one object`() throws {
    #expect(
      try TriviaQA().documents(fromText: #"{"Data":[\#(street),\#(sign)],"Domain":"Web","Version":1.0}"#) == expected)
    #expect(try TriviaQA().documents(fromText: "{\n \"Data\": [\n\(street),\n\(sign)\n]}\n") == expected)
  }

  @Test func `the repacked file has a record a line`() throws {
    #expect(try TriviaQA().documents(fromText: "\(street)\n\(sign)\n") == expected)
  }

  @Test(arguments: [#"[{"Question":"?"}]"#, "{\n\"Data\": 3}", "3"])
  func `another layout is an error`(content: String) throws {
    let file = try TemporaryFile(content)
    let error = #expect(throws: TaskError.self) {
      try TriviaQA().documents(from: TaskFiles(documents: file.path))
    }
    guard case .unexpectedLayout(file.path, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a question without aliases is an error`() throws {
    #expect(
      try TriviaQA().error(ofRecord: #"{"Answer":{"Aliases":[]},"Question":"?"}"#)
        == .invalidMember(place: firstLine, member: "Answer.Aliases", expected: "one alias at least", found: "none"))
  }

  @Test func `from version 2 on the model writes an answer`() throws {
    let file = street + "\n"
    func document(_ form: TriviaQA.Form) throws -> Document { try TriviaQA(form).documents(fromText: file)[0] }
    let stops = ["\n", ".", ","]
    let once = GenerationRequest(context: "Question: Which street?\nAnswer:", stops: stops, maximumTokens: 256)
    let twice = GenerationRequest(context: "Question: Which street??\nAnswer:", stops: stops, maximumTokens: 256)
    let aliases = ["Foo Street", "Foo St.", " foo"]
    // None begins with another: only their order changes.
    let reduced = [" foo", "Foo St.", "Foo Street"]
    #expect(
      try document(.exactMatch2023(reducesAliases: true))
        == Document(index: 0, generation: once, answers: reduced, comparison: .master2023))
    #expect(
      try document(.exactMatch2023(reducesAliases: false))
        == Document(index: 0, generation: once, answers: aliases, comparison: .master2023))
    #expect(
      try document(.exactMatch04) == Document(index: 0, generation: twice, answers: aliases, comparison: .version04))
  }

  @Test func `the names of the Hugging Face data set are understood`() throws {
    let row = #"{"question":"Which street?","answer":{"aliases":["Foo Street","Foo St."," foo"],"value":"Foo"}}"#
    #expect(try TriviaQA().documents(fromText: row) == [expected[0]])
  }
}
