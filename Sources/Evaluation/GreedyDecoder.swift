import Models
import Tensors

/// What a model wrote, as tokens.
package struct Continuation: Sendable, Equatable {
  package enum Ending: Sendable, Equatable {
    case stopToken
    /// It was said to be finished.
    case finished
    case maximumTokens
    /// A logit is not a number: there is no largest.
    case notANumber
  }

  /// Without the stop token.
  package let tokens: [Int]
  package let ending: Ending

  package init(tokens: [Int], ending: Ending) {
    self.tokens = tokens
    self.ending = ending
  }
}

/// Continues token sequences by the likeliest token, each time that of the largest logit (the first of equals).
///
/// A prompt in front is put into the cache before the context. Where a block chooses among several prompts, it does so
/// once, by the context, and keeps its choice (`idp.md`, reading D3).
///
/// Source: `greedy_until` in lm-evaluation-harness 0bf683b4, lm_eval/base.py; `tasks.md` section 1.
package struct GreedyDecoder<Model: LanguageModel>: Sendable {
  package let model: Model
  package let prompts: PromptBank?
  /// Tokens of context and continuation at most, a prompt's not counted.
  package let maximumLength: Int
  package let workers: Workers

  /// - Parameter maximumLength: less, where a model with a table of positions has fewer left behind the prompts.
  package init(model: Model, prompts: PromptBank? = nil, maximumLength: Int, workers: Workers) {
    self.model = model
    self.prompts = prompts
    self.maximumLength = model.shape.window(of: maximumLength, behind: prompts)
    self.workers = workers
  }

  /// The continuations of `contexts`, in their order. A context that leaves no room for `maximumTokens` loses its
  /// beginning.
  ///
  /// - Parameters:
  ///   - stopToken: ends a continuation.
  ///   - isFinished: asked after each token, with all tokens of a continuation; from any thread.
  ///   - progress: is told how many tokens one more continuation has; from any thread.
  /// - Throws: `ScoringError.noRoom` where the model cannot read as much as `maximumTokens` and one token of context;
  ///   `RequestError.emptyContext`.
  package func outputs(
    after contexts: [[Int]], maximumTokens: Int, stopToken: Int?,
    isFinished: @Sendable (_ tokens: [Int]) -> Bool = { _ in false },
    progress: @Sendable (_ tokens: Int) throws -> Void = { _ in }
  ) throws -> [Continuation] {
    precondition(maximumTokens > 0, "a continuation of \(maximumTokens) tokens")
    let contextLength = maximumLength - maximumTokens
    guard contextLength > 0 else { throw ScoringError.noRoom(needed: maximumTokens + 1, available: maximumLength) }
    guard contexts.allSatisfy({ !$0.isEmpty }) else { throw RequestError.emptyContext }
    return try workers.map(contexts.count) { index in
      let output = output(
        after: Array(contexts[index].suffix(contextLength)), maximumTokens: maximumTokens, stopToken: stopToken,
        isFinished: isFinished)
      try progress(output.tokens.count)
      return output
    }
  }

  private func output(
    after context: [Int], maximumTokens: Int, stopToken: Int?, isFinished: ([Int]) -> Bool
  ) -> Continuation {
    let firstPosition = prompts?.inputPosition ?? 0
    let capacity = context.count + maximumTokens + (prompts?.longest ?? 0)
    var pass = ForwardPass(firstPosition: firstPosition, cache: model.cache(capacity: capacity), prompts: prompts)
    var tokens: [Int] = []
    var input = context
    while true {
      let hidden = model.runBlocks(model.embedded(input), &pass)
      let lastRow = model.normalized(hidden.rows(hidden.rowCount - 1..<hidden.rowCount))
      guard let next = Self.argmax(model.logits(lastRow).row(0)) else {
        return Continuation(tokens: tokens, ending: .notANumber)
      }
      if next == stopToken { return Continuation(tokens: tokens, ending: .stopToken) }
      tokens.append(next)
      if isFinished(tokens) { return Continuation(tokens: tokens, ending: .finished) }
      if tokens.count == maximumTokens { return Continuation(tokens: tokens, ending: .maximumTokens) }
      pass.continue(at: firstPosition + context.count + tokens.count - 1)
      input = [next]
    }
  }

  /// The place of the largest logit, the first of equals; nil where one is not a number.
  private static func argmax(_ logits: [Float]) -> Int? {
    var best = 0
    for index in logits.indices {
      if logits[index].isNaN { return nil }
      if logits[index] > logits[best] { best = index }
    }
    return best
  }
}
