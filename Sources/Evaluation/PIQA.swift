/// Physical common sense: which of two solutions reaches a goal. The answers stand in a label list.
///
/// Source: Bisk et al. 2020 (arXiv:1911.11641); lm-evaluation-harness, lm_eval/tasks/piqa.py.
package struct PIQA: BenchmarkTask {
  package let harness: HarnessProtocol

  package init(_ harness: HarnessProtocol = .master2023) { self.harness = harness }

  package var name: String { "piqa" }
  package var publishedDocumentCount: Int { 1838 }
  package var layout: FileLayout { .jsonLines }
  package var needsLabelFile: Bool { true }

  package func document(from record: Record) throws(TaskError) -> Document {
    let choices = [try record["sol1"].text, try record["sol2"].text]
    return Document(
      index: record.index,
      requests: Prompt.requests(context: Prompt.question(try record["goal"].text), choices: choices),
      judgement: .normalizedChoice(gold: try record.label(choiceCount: choices.count), choices: choices))
  }
}
