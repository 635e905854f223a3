import Models

/// Has a model write the answers to the documents of a task.
///
/// Decoding ends as soon as the text holds a stop: what comes behind it is cut off anyway. (A special token behind it
/// would change a blank at the beginning, which is stripped.)
///
/// The decoding of transformers takes blanks before punctuation out of what OPT writes; here they stay. Next to a stop
/// that is all the same; a blank before an apostrophe within an answer is not.
///
/// Source: `greedy_until` in lm-evaluation-harness 0bf683b4, lm_eval/base.py; `generate_until` in 0.4.12,
/// lm_eval/models/huggingface.py.
package struct AnswerWriter<Model: LanguageModel>: Sendable {
  package let decoder: GreedyDecoder<Model>
  package let tokenizer: Tokenizer
  package let harness: HarnessProtocol

  package init(decoder: GreedyDecoder<Model>, tokenizer: Tokenizer, harness: HarnessProtocol) {
    self.decoder = decoder
    self.tokenizer = tokenizer
    self.harness = harness
  }

  /// The answers to `documents`, in their order, not yet cut at the stops.
  ///
  /// - Precondition: each has a generation.
  /// - Throws: as `GreedyDecoder.outputs(after:…)`.
  package func answers(
    to documents: [Document], progress: @Sendable (_ tokens: Int) throws -> Void = { _ in }
  ) throws -> [GeneratedAnswer] {
    let generations = documents.map { document in
      guard let generation = document.generation else {
        preconditionFailure("document \(document.index) has requests to be scored, not an answer to be written")
      }
      return generation
    }
    var answers: [GeneratedAnswer] = []
    // A task has one way of asking: mostly all generations go together.
    var rest = generations[...]
    while let first = rest.first {
      let group = rest.prefix { $0.stops == first.stops && $0.maximumTokens == first.maximumTokens }
      rest = rest.dropFirst(group.count)
      let stopToken = stopToken(of: first)
      let outputs = try decoder.outputs(
        after: group.map { tokenizer.encode($0.context) }, maximumTokens: first.maximumTokens, stopToken: stopToken,
        isFinished: { tokens in
          let text = text(tokens)
          return first.cut(text).utf8.count < text.utf8.count
        }, progress: progress)
      answers += outputs.map { output in
        // The harness of 2023 leaves the token at which it stopped in the text.
        let isKept = harness == .master2023 && output.ending == .stopToken
        return GeneratedAnswer(
          text: text(output.tokens + (isKept ? [stopToken].compactMap(\.self) : [])),
          hasNaN: output.ending == .notANumber, wins: output.wins)
      }
    }
    return answers
  }

  /// In 2023 the first stop, where it is one token, and only else the end of text; in 0.4 always that.
  private func stopToken(of generation: GenerationRequest) -> Int? {
    guard harness == .master2023, let stop = generation.stops.first else { return tokenizer.end }
    let tokens = tokenizer.encode(stop)
    return tokens.count == 1 ? tokens[0] : tokenizer.end
  }

  private func text(_ tokens: [Int]) -> String {
    tokenizer.decode(tokens, skippingSpecials: harness == .version04)
  }
}
