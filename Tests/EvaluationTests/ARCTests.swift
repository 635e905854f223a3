import Evaluation
import Testing

@Suite struct ARCTests {
  let hottest = #"""
    {"id":"Made_Up_1","question":{"stem":"Which is hottest?","choices":[{"text":"ice","label":"A"},\#
    {"text":"fire","label":"B"},{"text":"schön","label":"C"}]},"answerKey":"B"}
    """#

  @Test func `each choice follows the question`() throws {
    let documents = try ARC(.easy).documents(fromText: hottest + "\n")
    #expect(
      documents == [
        Document(
          index: 0,
          requests: [
            Request(context: "Question: Which is hottest?\nAnswer:", continuation: " ice"),
            Request(context: "Question: Which is hottest?\nAnswer:", continuation: " fire"),
            Request(context: "Question: Which is hottest?\nAnswer:", continuation: " schön"),
          ],
          judgement: .multipleChoice(gold: 1, choiceLengths: [3, 4, 5]))
      ])
  }

  @Test(arguments: [("A", 0), ("C", 2), ("1", 0), ("3", 2)])
  func `letters and digits name a choice by its position, whatever the labels are`(key: String, gold: Int) throws {
    let record = hottest.replacing("\"answerKey\":\"B\"", with: "\"answerKey\":\"\(key)\"")
      .replacing("\"label\":\"A\"", with: "\"label\":\"C\"")
    let documents = try ARC(.challenge).documents(fromText: record)
    #expect(documents[0].judgement == .multipleChoice(gold: gold, choiceLengths: [3, 4, 5]))
  }

  @Test(arguments: ["D", "E", "4", "F", "0", "6", "b", "AB", "", "Á"])
  func `a key beyond the choices is an error`(key: String) throws {
    let record = hottest.replacing("\"answerKey\":\"B\"", with: "\"answerKey\":\"\(key)\"")
    #expect(
      try ARC(.easy).error(ofRecord: record)
        == .answerMatchesNoChoice(place: firstLine, answer: key, choiceCount: 3))
  }

  @Test func `a choice without text is an error that names it`() throws {
    let record = #"{"question":{"stem":"?","choices":[{"text":"a"},{"label":"B"}]},"answerKey":"A"}"#
    #expect(
      try ARC(.easy).error(ofRecord: record)
        == .invalidMember(
          place: firstLine, member: "question.choices[1].text", expected: "a value", found: "nothing"))
  }

  @Test func `a question that is a text is an error`() throws {
    #expect(
      try ARC(.easy).error(ofRecord: #"{"question":"Which?","answerKey":"A"}"#)
        == .invalidMember(place: firstLine, member: "question", expected: "an object", found: "a text"))
  }

  @Test func `the levels are two benchmarks`() {
    #expect(ARC.Level.allCases.map { ARC($0).name } == ["arc_easy", "arc_challenge"])
    #expect(ARC.Level.allCases.map { ARC($0).publishedDocumentCount } == [2376, 1172])
  }
}
