/// Which of two names fills the gap "_" of a sentence.
///
/// Both requests score the same rest of the sentence, each after the beginning with one name in the gap ("partial
/// evaluation", Trinh and Le 2018, arXiv:1806.02847); so there is no choice whose length could normalize.
///
/// Source: Sakaguchi et al. 2019 (arXiv:1907.10641); lm-evaluation-harness, lm_eval/tasks/winogrande.py.
package struct WinoGrande: BenchmarkTask {
  package let harness: HarnessProtocol

  package init(_ harness: HarnessProtocol = .master2023) { self.harness = harness }

  package var name: String { "winogrande" }
  package var publishedDocumentCount: Int { 1267 }
  package var layout: FileLayout { .jsonLines }

  package func document(from record: Record) throws(TaskError) -> Document {
    let field = try record["sentence"]
    let sentence = try field.text.utf8
    guard let gap = sentence.firstIndex(of: UInt8(ascii: "_")) else {
      throw field.expected("a sentence with “_”", found: "a text without it")
    }
    let beginning = String(decoding: sentence[..<gap], as: UTF8.self)
    let rest = String(decoding: sentence[sentence.index(after: gap)...], as: UTF8.self)
    let beginnings = [beginning + (try record["option1"].text), beginning + (try record["option2"].text)]
    let gold = try gold(of: record)
    let examples =
      switch harness {
      case .master2023: Self.upToLastParagraph(beginnings[gold])
      case .version04: ""
      }
    return Document(
      index: record.index,
      requests: beginnings.map { Request(context: examples + $0, continuation: " " + rest.pythonStripped()) },
      judgement: .multipleChoice(gold: gold, choiceLengths: nil))
  }

  private func gold(of record: Record) throws(TaskError) -> Int {
    let answer = try record["answer"].text
    switch answer {
    case "1": return 0
    case "2": return 1
    default: throw record.answerMatchesNoChoice(answer, choiceCount: 2)
    }
  }

  /// The text up to the end of its last "\n\n"; empty where there is none, as in all published sentences.
  ///
  /// The harness of 2023 swaps the names in the context with its examples, and finds the end of the examples by this: a
  /// sentence that holds an empty line has its own beginning taken for an example.
  private static func upToLastParagraph(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var end = 0
    var position = 0
    while position + 1 < bytes.count {
      if bytes[position] == UInt8(ascii: "\n"), bytes[position + 1] == UInt8(ascii: "\n") {
        position += 2
        end = position
      } else {
        position += 1
      }
    }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }
}
