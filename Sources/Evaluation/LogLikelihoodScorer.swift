import Models
import Tensors

/// Scores requests with a model: the log-likelihood of each continuation after its context.
///
/// Requests run together in pieces of about equal numbers of tokens, each piece a forest: what its requests begin with,
/// such as the context of a document's choices, runs once. A score has the same bits whatever runs beside it, however
/// the requests are cut into pieces, and whether beginnings are shared or not. Requests for which different prompts are
/// chosen part where they are.
///
/// Source: `_loglikelihood_tokens` in lm-evaluation-harness, lm_eval/base.py; `tasks.md` section 3.
package struct LogLikelihoodScorer<Model: LanguageModel>: Sendable {
  package let model: Model
  package let prompts: PromptBank?
  /// Tokens that the model reads at most, a prompt's not counted.
  package let maximumLength: Int
  package let workers: Workers
  package let schedule: ScoringSchedule

  /// - Parameter maximumLength: less, where a model with a table of positions has fewer left behind the prompts.
  package init(
    model: Model, prompts: PromptBank? = nil, maximumLength: Int, workers: Workers,
    schedule: ScoringSchedule = ScoringSchedule()
  ) {
    self.model = model
    self.prompts = prompts
    let shape = model.shape
    self.maximumLength =
      shape.hasPositionTable
      ? min(maximumLength, max(0, shape.maximumPositions - (prompts?.inputPosition ?? 0))) : maximumLength
    self.workers = workers
    self.schedule = schedule
  }

  /// The scores of the requests, in their order.
  ///
  /// - Parameters:
  ///   - progress: is told how many requests and tokens have been scored since it was last told; from any thread.
  ///   - whenScored: is given scores as soon as they are there, with the indices of their requests; from any thread.
  /// - Throws: `RequestError` for the first request that has no score.
  package func scores(
    of requests: [EncodedRequest],
    progress: @Sendable (_ requests: Int, _ tokens: Int) throws -> Void = { _, _ in },
    whenScored: @Sendable (_ indices: [Int], _ scores: [RequestScore]) throws -> Void = { _, _ in }
  ) throws -> [RequestScore] {
    let inputs = try requests.map { try $0.inputTokens(maximumLength: maximumLength) }
    var scores = [RequestScore](repeating: RequestScore(logLikelihood: .nan, isGreedy: false), count: requests.count)
    let pieces = schedule.pieces(
      of: inputs.map(\.tokens), isSharing: schedule.sharesBeginnings, threadCount: workers.threadCount)
    for step in schedule.steps(pieces, of: inputs.map(\.tokens)) {
      let found = try score(step.map { piece in piece.map { (inputs[$0], requests[$0].continuation) } }) {
        number, scores, tokenCount in
        try whenScored(step[number], scores)
        try progress(scores.count, tokenCount)
      }
      for (piece, found) in zip(step, found) {
        for (index, score) in zip(piece, found) { scores[index] = score }
      }
    }
    return scores
  }

  private typealias ScoredInput = (input: EncodedRequest.Input, continuation: [Int])

  /// The scores of the inputs of each piece. With several pieces, they pass through each block together.
  private func score(
    _ pieces: [[ScoredInput]], done: @Sendable (_ piece: Int, _ scores: [RequestScore], _ tokens: Int) throws -> Void
  ) throws -> [[RequestScore]] {
    let steps = ForestRun.steps(through: model, prompts: prompts)
    if !schedule.keepsStep {
      return try workers.map(pieces.count) { number in
        var run = PieceRun(pieces[number], self)
        for step in steps { run.advance(step, through: model) }
        let scores = run.scores(by: model)
        try done(number, scores, run.tokenCount)
        return scores
      }
    }
    var runs = try workers.map(pieces.count) { PieceRun(pieces[$0], self) }
    for step in steps {
      let before = runs
      runs = []
      runs = try workers.map(before.count) { number in
        var run = before[number]
        run.advance(step, through: model)
        return run
      }
    }
    let ends = runs
    return try workers.map(ends.count) { number in
      let scores = ends[number].scores(by: model)
      try done(number, scores, ends[number].tokenCount)
      return scores
    }
  }

  /// A piece on its way through the model.
  private struct PieceRun: Sendable {
    private let piece: [ScoredInput]
    private var run: ForestRun
    let tokenCount: Int

    init(_ piece: [ScoredInput], _ scorer: LogLikelihoodScorer) {
      let forest = TokenForest.planting(piece.map(\.input.tokens), isSharing: scorer.schedule.sharesBeginnings).forest
      self.piece = piece
      tokenCount = forest.nodeCount
      // Behind the context's last token the continuation's first is predicted.
      run = ForestRun(
        forest, through: scorer.model, prompts: scorer.prompts,
        contextLengths: piece.map { $0.input.scoredPositions.lowerBound + 1 })
    }

    mutating func advance(_ step: ForestRun.Step, through model: Model) { run.advance(step, through: model) }

    func scores(by model: Model) -> [RequestScore] {
      let targets = zip(piece, run.sequences).map { scored, nodes in
        zip(scored.input.scoredPositions, scored.continuation).map { TokenTarget(node: nodes[$0], token: $1) }
      }
      var rest = model.scores(of: targets.flatMap(\.self), hidden: run.hidden)[...]
      return targets.indices.map { index in
        defer { rest = rest.dropFirst(targets[index].count) }
        return RequestScore(
          rest.prefix(targets[index].count), wins: run.routes.isEmpty ? nil : run.routes[index].wins)
      }
    }
  }
}

extension RequestScore {
  /// Sums in the order of the tokens, in double precision.
  fileprivate init(_ tokens: ArraySlice<TokenScore>, wins: PromptWins?) {
    self.init(
      logLikelihood: tokens.reduce(0) { $0 + $1.logProbability }, isGreedy: tokens.allSatisfy(\.isArgmax), wins: wins)
  }
}
