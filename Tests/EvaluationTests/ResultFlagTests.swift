import Evaluation
import Testing

@Suite struct ResultFlagTests {
  func choices(_ index: Int, _ texts: [String], context: String = "c") -> Document {
    Document(
      index: index, requests: texts.map { Request(context: context, continuation: " " + $0) },
      judgement: .multipleChoice(gold: 0, choiceLengths: nil))
  }

  func score(_ documents: [Document], _ logLikelihoods: [Double]) -> TaskScore {
    TaskScore(documents: documents, results: logLikelihoods.map { RequestScore(logLikelihood: $0, isGreedy: false) })
  }

  @Test func `exactly what guessing gives is flagged`() {
    // Guessing gives (1/2 + 1/4 + 1/4) / 3.
    let documents = [
      choices(0, ["a", "b"]), choices(1, ["a", "b", "d", "e"]), choices(2, ["a", "b", "d", "f"]),
    ]
    let one = score(documents, [-1, -2] + [-2, -1, -3, -3] + [-2, -1, -3, -3])
    #expect(one.flags(asked: documents, vocabularySize: 9) == [.exactlyChance(accuracy: 1.0 / 3)])
    let two = score(documents, [-1, -2] + [-1, -2, -3, -3] + [-2, -1, -3, -3])
    #expect(two.flags(asked: documents, vocabularySize: 9).isEmpty)
  }

  @Test func `a score of zero is flagged`() {
    let documents = [choices(0, ["a", "b", "d"])]
    #expect(score(documents, [-2, -1, -3]).flags(asked: documents, vocabularySize: 9) == [.nothingRight])
    let greedy = [Document(index: 0, requests: [Request(context: "c", continuation: " x")], judgement: .greedyMatch)]
    #expect(score(greedy, [-1]).flags(asked: greedy, vocabularySize: 9) == [.nothingRight])
  }

  @Test func `scores that are no numbers are flagged with the first document`() {
    let documents = [choices(3, ["a", "b", "d"]), choices(5, ["a", "b", "e"]), choices(6, ["a", "b", "f"])]
    let found = score(documents, [-1, -2, -3, -2, .nan, -1, -2, -3, .nan])
    #expect(found.flags(asked: documents, vocabularySize: 9).contains(.notANumber(document: 5, count: 2)))
  }

  @Test func `a perplexity above the vocabulary is flagged`() throws {
    let documents = [Document(index: 0, requests: [Request(context: "c", continuation: " x")], judgement: .lastWord)]
    let found = TaskScore(documents: documents, results: [RequestScore(logLikelihood: -3, isGreedy: true)])
    let perplexity = try #require(found.perplexity)  // e³, 20.1
    #expect(
      found.flags(asked: documents, vocabularySize: 20)
        == [.perplexityAboveVocabulary(perplexity: perplexity, vocabularySize: 20)])
    #expect(found.flags(asked: documents, vocabularySize: 21).isEmpty)
  }

  @Test func `another number of documents than the published is flagged`() {
    #expect(
      ARC(.easy).flags(of: [choices(0, ["a", "b"])]) == [.otherDocumentCount(found: 1, published: 2376)])
  }

  @Test func `documents that ask the same are flagged, whatever their answer`() {
    let documents = [
      choices(0, ["a", "b"]), choices(1, ["a", "d"]), choices(2, ["a", "b"]), choices(3, ["a", "b"]),
      choices(4, ["a", "b"], context: "d"),
    ]
    #expect(WinoGrande().flags(of: documents).contains(.repeatedDocuments(count: 2, first: 2, repeats: 0)))
    #expect(WinoGrande().flags(of: Array(documents[..<2])).count == 1)
  }

  @Test(arguments: ["", " ", "\u{3000}\n"])
  func `a choice without text is flagged`(choice: String) {
    let documents = [choices(0, ["a", "b"]), choices(1, ["a", choice]), choices(2, [choice, "d"])]
    #expect(WinoGrande().flags(of: documents).contains(.blankChoices(document: 1, count: 2)))
  }

  @Test func `each flag says what it found`() {
    #expect(
      ResultFlag.otherDocumentCount(found: 40, published: 2376).text
        == "the file has 40 documents, the published one 2376")
    #expect(
      ResultFlag.repeatedDocuments(count: 2, first: 7, repeats: 3).text
        == "2 documents repeat an earlier one; the first, 7, repeats document 3")
  }
}
