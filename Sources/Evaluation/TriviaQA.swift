/// Questions of trivia enthusiasts.
///
/// Source: Joshi et al. 2017 (arXiv:1705.03551); lm-evaluation-harness, lm_eval/tasks/triviaqa.py (2023),
/// lm_eval/tasks/triviaqa/default.yaml (0.4).
package struct TriviaQA: BenchmarkTask {
  package enum Form: Sendable, Equatable {
    /// Versions 0 and 1, up to May 2023: right when greedy decoding gives any alias. The questions are those of the
    /// unfiltered web edition, development split.
    case greedyMatch
    /// Versions 2 and 3: the model writes an answer, which is compared with the aliases as a text. The questions are
    /// those of the reading-comprehension edition ("rc.nocontext"), validation split. Version 2 compares with reduced
    /// aliases, version 3 (August 2023) with all.
    case exactMatch2023(reducesAliases: Bool)
    /// The same in the present harness, which asks with a second question mark.
    case exactMatch04
  }

  package let form: Form

  package init(_ form: Form = .greedyMatch) { self.form = form }

  package var name: String { "triviaqa" }

  package var harness: HarnessProtocol { form == .exactMatch04 ? .version04 : .master2023 }

  package var version: String {
    switch form {
    case .greedyMatch: "lm-evaluation-harness 0.3.0 (log-likelihood of the aliases)"
    case .exactMatch2023(let reducesAliases):
      "\(harness.version) (version \(reducesAliases ? 2 : 3): exact match of the generated answer)"
    case .exactMatch04: "\(harness.version) (exact match of the generated answer)"
    }
  }

  package var accuracyName: String {
    switch form {
    case .greedyMatch: "acc"
    case .exactMatch2023: "em"
    case .exactMatch04: "exact_match"
    }
  }

  package var publishedDocumentCount: Int { form == .greedyMatch ? 11313 : 17944 }
  package var layout: FileLayout { .dataObjectOrLines }

  /// The records may have the names of the published file ("Question") or those of the Hugging Face data set.
  package func document(from record: Record) throws(TaskError) -> Document {
    let isPublished = record.has("Question")
    let question = try record[isPublished ? "Question" : "question"].text
    let field = try isPublished ? record["Answer"]["Aliases"] : record["answer"]["aliases"]
    let aliases = try field.texts
    guard !aliases.isEmpty else { throw field.expected("one alias at least", found: "none") }
    switch form {
    case .greedyMatch:
      return Document(
        index: record.index,
        requests: Prompt.requests(context: Prompt.question(question), choices: reducedAliases(aliases)),
        judgement: .greedyMatch)
    case .exactMatch2023(let reducesAliases):
      return Document(
        index: record.index, generation: generation(after: Prompt.question(question)),
        answers: reducesAliases ? reducedAliases(aliases) : aliases, comparison: .master2023)
    case .exactMatch04:
      return Document(
        index: record.index, generation: generation(after: Prompt.question(question + "?")), answers: aliases,
        comparison: .version04)
    }
  }

  private func generation(after context: String) -> GenerationRequest {
    GenerationRequest(context: context, stops: ["\n", ".", ","], maximumTokens: 256)  // max_gen_toks
  }
}
