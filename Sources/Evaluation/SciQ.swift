/// Science questions with a supporting paragraph; the right answer is always the last choice.
///
/// Source: Welbl et al. 2017 (arXiv:1707.06209); lm-evaluation-harness, lm_eval/tasks/sciq.py.
package struct SciQ: BenchmarkTask {
  package let harness: HarnessProtocol

  package init(_ harness: HarnessProtocol = .master2023) { self.harness = harness }

  package var name: String { "sciq" }
  package var publishedDocumentCount: Int { 1000 }
  package var layout: FileLayout { .jsonArray }

  package func document(from record: Record) throws(TaskError) -> Document {
    let choices = [
      try record["distractor1"].text, try record["distractor2"].text, try record["distractor3"].text,
      try record["correct_answer"].text,
    ]
    let support = try record["support"].text
    let question = "\n" + Prompt.question(try record["question"].text)
    // Without support the one begins with "Question:", the other with a line feed, and so they have other scores.
    let context =
      switch harness {
      case .master2023: (support + question).pythonStripped()
      case .version04: support.pythonLeftStripped() + question
      }
    return Document(
      index: record.index,
      requests: Prompt.requests(context: context, choices: choices),
      judgement: .normalizedChoice(gold: 3, choices: choices))
  }
}
