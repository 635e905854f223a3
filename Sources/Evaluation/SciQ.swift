/// Science questions with a supporting paragraph; the right answer is always the last choice.
///
/// Source: Welbl et al. 2017 (arXiv:1707.06209); lm-evaluation-harness, lm_eval/tasks/sciq.py.
package struct SciQ: BenchmarkTask {
  package init() {}

  package var name: String { "sciq" }
  package var version: String { Prompt.version }
  package var publishedDocumentCount: Int { 1000 }
  package var layout: FileLayout { .jsonArray }

  package func document(from record: Record) throws(TaskError) -> Document {
    let choices = [
      try record["distractor1"].text, try record["distractor2"].text, try record["distractor3"].text,
      try record["correct_answer"].text,
    ]
    // The whole context is stripped: without support it begins with "Question:". Version 0.4 of the harness strips the
    // support alone, so that such a context begins with a line feed, and has other scores.
    let context = try record["support"].text + "\n" + Prompt.question(record["question"].text)
    return Document(
      index: record.index,
      requests: Prompt.requests(context: context.pythonStripped(), choices: choices),
      judgement: .normalizedChoice(gold: 3, choices: choices))
  }
}
