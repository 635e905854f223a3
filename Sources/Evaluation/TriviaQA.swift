/// Questions of trivia enthusiasts, of the unfiltered web edition, development split; right when greedy decoding gives
/// any of the answer's aliases.
///
/// This is the harness's log-likelihood form (versions 0 and 1). From May 2023 on the harness generates an answer and
/// compares it as a text, on other questions; those scores are not comparable.
///
/// Source: Joshi et al. 2017 (arXiv:1705.03551); lm-evaluation-harness 0.3.0, lm_eval/tasks/triviaqa.py.
package struct TriviaQA: BenchmarkTask {
  package init() {}

  package var name: String { "triviaqa" }
  package var version: String { "lm-evaluation-harness 0.3.0 (log-likelihood of the aliases)" }
  package var publishedDocumentCount: Int { 11313 }
  package var layout: FileLayout { .dataObjectOrLines }

  package func document(from record: Record) throws(TaskError) -> Document {
    let aliases = try record["Answer"]["Aliases"]
    let choices = reducedAliases(try aliases.texts)
    guard !choices.isEmpty else { throw aliases.expected("one alias at least", found: "none") }
    return Document(
      index: record.index,
      requests: Prompt.requests(context: Prompt.question(try record["Question"].text), choices: choices),
      judgement: .greedyMatch)
  }
}
