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
  /// How often each prompt won, where there were several to choose among.
  package let wins: PromptWins?

  package init(tokens: [Int], ending: Ending, wins: PromptWins? = nil) {
    self.tokens = tokens
    self.ending = ending
    self.wins = wins
  }
}

/// Continues token sequences by the likeliest token, each time that of the largest logit (the first of equals).
///
/// Sequences run side by side, and none depends on another, to the bit.
///
/// Prompts are chosen once, by the context, whatever the reading of the queries, and kept; but by tokens that choose
/// for themselves (`idp.md`, readings D3 and D4).
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
    let groups = stride(from: 0, to: contexts.count, by: Self.sequencesTogether).map {
      contexts[$0..<min($0 + Self.sequencesTogether, contexts.count)]
    }
    return try workers.map(groups.count) { number in
      var sequences = groups[number].map { context in
        Sequence(input: Array(context.suffix(contextLength)), cache: model.cache(capacity: 0))
      }
      while true {
        let running = sequences.indices.filter { sequences[$0].ending == nil }
        if running.isEmpty { break }
        advance(&sequences, running)
        for index in running {
          sequences[index].judge(maximumTokens: maximumTokens, stopToken: stopToken, isFinished: isFinished)
          if sequences[index].ending != nil { try progress(sequences[index].tokens.count) }
        }
      }
      return sequences.map(\.continuation)
    }.flatMap(\.self)
  }

  /// Sequences that run through the model together, each a token further at a time: the weights are read once for all.
  private static var sequencesTogether: Int { 48 }

  /// Continues the sequences of these indices by one token.
  private func advance(_ sequences: inout [Sequence], _ running: [Int]) {
    let inputs = running.map { sequences[$0].input }
    let forest = TokenForest.planting(inputs, depths: running.map { sequences[$0].readCount }).forest
    var caches: [KeyValueCache] = []
    for (index, input) in zip(running, inputs) {
      // Taken out of the sequence, so that it has one owner and is not copied when it grows.
      var cache = sequences[index].takeCache()
      cache.reserve(capacity: sequences[index].readCount + input.count)
      caches.append(cache)
    }
    // All began together.
    let routes = running.compactMap { sequences[$0].route }
    var run = ForestRun(
      forest, through: model, prompts: prompts, caches: caches, routes: routes.isEmpty ? nil : routes)
    caches = []
    for step in ForestRun.steps(through: model, prompts: prompts, continuing: !routes.isEmpty) {
      run.advance(step, through: model)
    }
    let next = model.likeliestTokens(behind: run.sequences.compactMap(\.last), hidden: run.hidden)
    let found = run.routes
    for (place, cache) in (run.takeCaches() ?? []).enumerated() {
      sequences[running[place]].take(cache, route: found.isEmpty ? nil : found[place], next: next[place])
    }
  }

  /// A sequence on its way.
  private struct Sequence {
    /// What the model is to read next: the context first, then a token at a time.
    private(set) var input: [Int]
    private var cache: KeyValueCache?
    /// nil before the context has run, and where there is nothing to choose.
    private(set) var route: PromptRoute?
    /// The tokens that the model has read.
    private(set) var readCount = 0
    private(set) var tokens: [Int] = []
    private(set) var ending: Continuation.Ending?

    init(input: [Int], cache: KeyValueCache) {
      self.input = input
      self.cache = cache
    }

    var continuation: Continuation {
      guard let ending else { preconditionFailure("a sequence that has not ended") }
      return Continuation(tokens: tokens, ending: ending, wins: route?.wins)
    }

    mutating func takeCache() -> KeyValueCache {
      guard let taken = cache.take() else { preconditionFailure("a cache that was taken already") }
      return taken
    }

    mutating func take(_ cache: KeyValueCache, route: PromptRoute?, next: Int?) {
      self.cache = cache
      self.route = route
      readCount += input.count
      guard let next else {
        ending = .notANumber
        return
      }
      input = [next]
    }

    /// Takes the new token in, unless it is the stop, and sees whether the sequence has ended.
    mutating func judge(maximumTokens: Int, stopToken: Int?, isFinished: ([Int]) -> Bool) {
      guard ending == nil else { return }
      let next = input[0]
      if next == stopToken {
        ending = .stopToken
      } else {
        tokens.append(next)
        if isFinished(tokens) {
          ending = .finished
        } else if tokens.count == maximumTokens {
          ending = .maximumTokens
        }
      }
      // Nothing of it is needed any more.
      if ending != nil { cache = nil }
    }
  }
}
