import Models
import Tensors

/// Scores requests with a model: the log-likelihood of each continuation after its context.
///
/// Requests run together in pieces of about equal numbers of tokens, each piece a forest: what its requests begin with,
/// such as the context of a document's choices, runs once. A score has the same bits whatever runs beside it, however
/// the requests are cut into pieces, and whether beginnings are shared or not. Where a block chooses among several
/// prompts, the choice looks at all of the input (`idp.md`, reading D1); then nothing is shared.
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

  private var isSharing: Bool { schedule.sharesBeginnings && (prompts?.prompts.count ?? 0) < 2 }

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
    let pieces = schedule.pieces(of: inputs.map(\.tokens), isSharing: isSharing, threadCount: workers.threadCount)
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
    if !schedule.keepsStep {
      return try workers.map(pieces.count) { number in
        var run = PieceRun(pieces[number], self)
        for block in 0..<model.shape.blockCount { run.advance(through: block, of: model) }
        let scores = run.scores(by: model)
        try done(number, scores, run.tokenCount)
        return scores
      }
    }
    var runs = try workers.map(pieces.count) { PieceRun(pieces[$0], self) }
    for block in 0..<model.shape.blockCount {
      let before = runs
      runs = []
      runs = try workers.map(before.count) { number in
        var run = before[number]
        run.advance(through: block, of: model)
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
    private let targets: [[TokenTarget]]
    private let forest: TokenForest
    private let prompts: PromptBank?
    private var hidden: Matrix
    private let angles: RotaryAngles?

    var tokenCount: Int { forest.nodeCount }

    init(_ piece: [ScoredInput], _ scorer: LogLikelihoodScorer) {
      let (forest, nodes) = TokenForest.planting(piece.map(\.input.tokens), isSharing: scorer.isSharing)
      targets = zip(piece, nodes).map { scored, nodes in
        zip(scored.input.scoredPositions, scored.continuation).map { TokenTarget(node: nodes[$0], token: $1) }
      }
      self.forest = forest
      prompts = scorer.prompts
      let pass = ForwardPass(forest, prompts: prompts)
      (hidden, angles) = scorer.model.beginning(pass)
    }

    mutating func advance(through block: Int, of model: Model) {
      var pass = ForwardPass(forest, prompts: prompts)
      hidden = model.runBlock(block, hidden, angles: angles, &pass)
    }

    func scores(by model: Model) -> [RequestScore] {
      var rest = model.scores(of: targets.flatMap(\.self), hidden: hidden)[...]
      return targets.map { targets in
        defer { rest = rest.dropFirst(targets.count) }
        return RequestScore(rest.prefix(targets.count))
      }
    }
  }
}

extension RequestScore {
  /// Sums in the order of the tokens, in double precision.
  fileprivate init(_ tokens: ArraySlice<TokenScore>) {
    self.init(
      logLikelihood: tokens.reduce(0) { $0 + $1.logProbability }, isGreedy: tokens.allSatisfy(\.isArgmax))
  }
}
