/// Which of four endings continues a description of an activity.
///
/// Source: Zellers et al. 2019 (arXiv:1905.07830); lm-evaluation-harness, lm_eval/tasks/hellaswag.py.
package struct HellaSwag: BenchmarkTask {
  package let harness: HarnessProtocol

  package init(_ harness: HarnessProtocol = .master2023) { self.harness = harness }

  package var name: String { "hellaswag" }
  package var publishedDocumentCount: Int { 10042 }
  package var layout: FileLayout { .jsonLines }

  package func document(from record: Record) throws(TaskError) -> Document {
    let endings = try record["endings"]
    let choices = try endings.texts.map(Self.cleaned)
    guard choices.count == 4 else { throw endings.expected("four endings", found: "\(choices.count)") }
    let gold = try record["label"].integer
    guard choices.indices.contains(gold) else {
      throw record.answerMatchesNoChoice("\(gold)", choiceCount: choices.count)
    }
    let beginning = try record["ctx_a"].text + " " + record["ctx_b"].text.pythonCapitalized()
    let context = Self.cleaned(try record["activity_label"].text + ": " + beginning)
    return Document(
      index: record.index,
      requests: Prompt.requests(context: context, choices: choices),
      judgement: .normalizedChoice(gold: gold, choices: choices))
  }

  /// The text without the marks of WikiHow's layout, such as "[header]" and "[step]".
  ///
  /// White space at the ends goes first, so that a mark at an end leaves its blank behind. Three blanks become two.
  package static func cleaned(_ text: String) -> String {
    text.pythonStripped()
      .pythonReplacing(" [title]", with: ". ")
      .removingBracketed()
      .pythonReplacing("  ", with: " ")
  }
}

extension String {
  /// `re.sub(r"\[.*?\]", "", text)`: each "[" goes, with all up to the next "]" of the same line.
  fileprivate func removingBracketed() -> String {
    let text = Array(utf8)
    var result: [UInt8] = []
    var position = 0
    while position < text.count {
      if text[position] == UInt8(ascii: "["),
        let end = text[position...].firstIndex(where: { $0 == UInt8(ascii: "]") || $0 == UInt8(ascii: "\n") }),
        text[end] == UInt8(ascii: "]")
      {
        position = end + 1
      } else {
        result.append(text[position])
        position += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
