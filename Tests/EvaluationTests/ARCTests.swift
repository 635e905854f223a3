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
          judgement: .multipleChoice(gold: 1, choiceLengths: ChoiceLengths(of: ["ice", "fire", "schön"])))
      ])
  }

  @Test(arguments: [("A", 0), ("C", 2), ("1", 0), ("3", 2)])
  func `letters and digits name a choice by its position, whatever the labels are`(key: String, gold: Int) throws {
    let record = hottest.replacing("\"answerKey\":\"B\"", with: "\"answerKey\":\"\(key)\"")
      .replacing("\"label\":\"A\"", with: "\"label\":\"C\"")
    let documents = try ARC(.challenge).documents(fromText: record)
    #expect(
      documents[0].judgement == .multipleChoice(gold: gold, choiceLengths: ChoiceLengths(of: ["ice", "fire", "schön"])))
  }

  @Test(arguments: ["D", "E", "4", "F", "0", "6", "b", "AB", "", "Á"])
  func `a key beyond the choices is an error`(key: String) throws {
    let record = hottest.replacing("\"answerKey\":\"B\"", with: "\"answerKey\":\"\(key)\"")
    #expect(
      try ARC(.easy).error(ofRecord: record)
        == .answerMatchesNoChoice(place: firstLine, answer: key, choiceCount: 3))
  }

  @Test func `from 0.4 on the key is a label`() throws {
    let record = hottest.replacing("\"answerKey\":\"B\"", with: "\"answerKey\":\"C\"")
      .replacing("\"label\":\"A\"", with: "\"label\":\"C\"")
    // The first of two choices so labelled; the older harness takes the third.
    #expect(
      try ARC(.easy, .version04).documents(fromText: record)[0].judgement
        == .multipleChoice(gold: 0, choiceLengths: ChoiceLengths(of: ["ice", "fire", "schön"])))
    let digit = hottest.replacing("\"answerKey\":\"B\"", with: "\"answerKey\":\"2\"")
    #expect(
      try ARC(.easy, .version04).error(ofRecord: digit)
        == .answerMatchesNoChoice(place: firstLine, answer: "2", choiceCount: 3))
  }

  @Test func `lengths are those of the choices in characters and in bytes`() {
    let lengths = ChoiceLengths(of: ["ice", "schön"])
    #expect(lengths.characters == [3, 5])
    #expect(lengths.bytes == [3, 6])
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
