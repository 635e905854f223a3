import Models
import Tensors

/// Scores requests with a model: the log-likelihood of each continuation after its context.
///
/// The context runs through the model first, the continuation after it from the context's keys and values; so requests
/// with the same context share one run of it, and a request's score has the same bits whether it shares or not. A prompt
/// in front is put into the cache before the context. Where a block chooses among several prompts, the choice looks at
/// all of the input (`idp.md`, reading D1); then each request runs whole, by itself.
///
/// Source: `_loglikelihood_tokens` in lm-evaluation-harness, lm_eval/base.py; `tasks.md` section 3.
package struct LogLikelihoodScorer<Model: LanguageModel>: Sendable {
  package let model: Model
  package let prompts: PromptBank?
  /// Tokens that the model reads at most, a prompt's not counted.
  package let maximumLength: Int
  package let workers: Workers

  /// - Parameter maximumLength: less, where a model with a table of positions has fewer left behind the prompts.
  package init(model: Model, prompts: PromptBank? = nil, maximumLength: Int, workers: Workers) {
    self.model = model
    self.prompts = prompts
    let shape = model.shape
    self.maximumLength =
      shape.hasPositionTable
      ? min(maximumLength, max(0, shape.maximumPositions - (prompts?.inputPosition ?? 0))) : maximumLength
    self.workers = workers
  }

  private var runsWhole: Bool { prompts.map { $0.prompts.count > 1 } ?? false }

  /// The scores of the requests, in their order.
  ///
  /// - Parameter progress: is told how many requests and tokens have been scored since it was last told; from any thread.
  /// - Throws: `RequestError` for the first request that has no score.
  package func scores(
    of requests: [EncodedRequest], progress: @Sendable (_ requests: Int, _ tokens: Int) throws -> Void = { _, _ in }
  ) throws -> [RequestScore] {
    let inputs = try requests.map { try $0.inputTokens(maximumLength: maximumLength) }
    let groups = grouped(inputs)
    let scores = try workers.map(groups.count) { number in
      let group = groups[number]
      let (scores, tokenCount) = score(group.map { (inputs[$0], requests[$0].continuation) })
      try progress(group.count, tokenCount)
      return scores
    }
    var ordered = [RequestScore](repeating: RequestScore(logLikelihood: .nan, isGreedy: false), count: requests.count)
    for (group, scores) in zip(groups, scores) { for (index, score) in zip(group, scores) { ordered[index] = score } }
    return ordered
  }

  /// The context that is left of an input: all up to the token whose output predicts the continuation's first.
  private func context(_ input: EncodedRequest.Input) -> ArraySlice<Int> {
    input.tokens[...input.scoredPositions.lowerBound]
  }

  /// Indices of inputs that run together, in the order of the first of each group.
  private func grouped(_ inputs: [EncodedRequest.Input]) -> [[Int]] {
    if runsWhole { return inputs.indices.map { [$0] } }
    var groups: [[Int]] = []
    var groupOfContext: [ArraySlice<Int>: Int] = [:]
    for (index, input) in inputs.enumerated() {
      if let group = groupOfContext[context(input)] {
        groups[group].append(index)
      } else {
        groupOfContext[context(input)] = groups.count
        groups.append([index])
      }
    }
    return groups
  }

  /// The scores of requests with one context, and the number of tokens that ran through the model for them.
  private func score(
    _ group: [(input: EncodedRequest.Input, continuation: [Int])]
  ) -> (scores: [RequestScore], tokenCount: Int) {
    let longest = group.map(\.input.tokens.count).max() ?? 0
    var pass = pass(room: longest)
    if runsWhole {
      let (input, continuation) = group[0]
      let hidden = model.runBlocks(model.embedded(input.tokens), &pass)
      let logits = model.logits(model.normalized(hidden.rows(input.scoredPositions)))
      return ([score(logits.logProbabilities(of: continuation))], input.tokens.count)
    }

    let context = Array(context(group[0].input))
    let hidden = model.runBlocks(model.embedded(context), &pass)
    let lastRow = model.logits(model.normalized(hidden.rows(context.count - 1..<context.count)))
    let counts = pass.cache!.counts
    var tokenCount = context.count
    let scores = group.map { input, continuation in
      var outcomes = lastRow.logProbabilities(of: [continuation[0]])
      let rest = Array(input.tokens[context.count...])
      if !rest.isEmpty {
        pass.continue(at: firstPosition + context.count)
        let hidden = model.runBlocks(model.embedded(rest), &pass)
        outcomes += model.logits(model.normalized(hidden)).logProbabilities(of: Array(continuation.dropFirst()))
        pass.cache!.truncate(to: counts)
        tokenCount += rest.count
      }
      return score(outcomes)
    }
    return (scores, tokenCount)
  }

  private var firstPosition: Int { prompts?.inputPosition ?? 0 }

  private func pass(room: Int) -> ForwardPass {
    ForwardPass(
      firstPosition: firstPosition, cache: model.cache(capacity: room + (prompts?.longest ?? 0)), prompts: prompts)
  }

  /// Sums in the order of the tokens, in double precision.
  private func score(_ outcomes: [(logProbability: Double, isArgmax: Bool)]) -> RequestScore {
    RequestScore(
      logLikelihood: outcomes.reduce(0) { $0 + $1.logProbability }, isGreedy: outcomes.allSatisfy(\.isArgmax))
  }
}
