import Evaluation
import Models
import Synchronization
import Tensors
import TestModels
import Testing

@Suite struct LogLikelihoodScorerTests {
  /// Three contexts, of which two are shared; continuations of one token to four; one request twice.
  private let requests = [
    EncodedRequest(context: [3, 1, 4], continuation: [1, 5]), EncodedRequest(context: [9], continuation: [2]),
    EncodedRequest(context: [3, 1, 4], continuation: [7]),
    EncodedRequest(context: [2, 6, 5, 3], continuation: [5, 8, 9]),
    EncodedRequest(context: [9], continuation: [2, 6, 5, 3]),
    EncodedRequest(context: [3, 1, 4], continuation: [1, 5]),
    EncodedRequest(context: [3, 1, 4], continuation: [1, 6, 2]),
  ]

  private func scorer<Model: LanguageModel>(
    _ model: Model, prompts: PromptBank? = nil, maximumLength: Int = 20, threadCount: Int = 1,
    schedule: ScoringSchedule = ScoringSchedule()
  ) -> LogLikelihoodScorer<Model> {
    LogLikelihoodScorer(
      model: model, prompts: prompts, maximumLength: maximumLength, workers: Workers(threadCount: threadCount),
      schedule: schedule)
  }

  /// The score by one forward pass over context and continuation, but for the last token, which predicts nothing here.
  private func plainScore(_ request: EncodedRequest, _ model: some LanguageModel, dropping cut: Int = 0) -> Double {
    let tokens = Array((request.context + request.continuation).dropFirst(cut))
    let logits = model.logits(of: tokens.dropLast())
    return (tokens.count - request.continuation.count..<tokens.count).reduce(0) {
      $0 + plainLogProbability(of: tokens[$1], in: logits.row($1 - 1))
    }
  }

  // Logits of a few units, through products of other shapes: some 1e-6 for each of at most four tokens.
  private let rounding = 2e-5

  /// Two prompts of different length.
  private func bank(_ model: Llama) -> PromptBank {
    let stream = RandomStream(seed: 8, purpose: "prompts")
    func prompt(_ rows: Range<Int>) -> Matrix {
      Matrix(
        rows: rows.count, columns: 16,
        rows.flatMap { row in (0..<16).map { stream.normal(at: UInt64(16 * row + $0)) } })
    }
    return PromptBank([prompt(0..<3), prompt(3..<8)], of: model)
  }

  // MARK: Scores

  @Test func `a score is the sum of the continuation's log-probabilities`() throws {
    let model = try Llama.random()
    let found = try scorer(model).scores(of: requests)
    #expect(found.count == requests.count)
    for (request, score) in zip(requests, found) {
      #expect(abs(score.logLikelihood - plainScore(request, model)) < rounding)
    }
  }

  @Test func `a continuation of one token is read off the context's last row`() throws {
    let model = try Llama.random()
    let found = try scorer(model).scores(of: (0..<32).map { EncodedRequest(context: [3, 1, 4], continuation: [$0]) })
    let logits = model.logits(of: [3, 1, 4]).row(2)
    for (token, score) in found.enumerated() {
      #expect(abs(score.logLikelihood - plainLogProbability(of: token, in: logits)) < rounding)
    }
    #expect(found.count { $0.isGreedy } == 1)
  }

  @Test func `a context that is too long loses its beginning`() throws {
    let model = try Llama.random()
    let request = EncodedRequest(context: [3, 1, 4, 1, 5, 9], continuation: [2, 6, 5])
    // Of the nine tokens the model reads all but the last. Four are 5 9 2 6, three are 9 2 6.
    for (maximumLength, cut) in [(20, 0), (8, 0), (7, 1), (4, 4), (3, 5)] {
      let found = try scorer(model, maximumLength: maximumLength).scores(of: [request])
      #expect(abs(found[0].logLikelihood - plainScore(request, model, dropping: cut)) < rounding)
    }
  }

  @Test func `contexts that are equal once they are cut are one context`() throws {
    let model = try Llama.random()
    let longer = EncodedRequest(context: [9, 9, 3, 1, 4], continuation: [1, 5])
    let cut = EncodedRequest(context: [3, 1, 4], continuation: [1, 5])
    let scores = try scorer(model, maximumLength: 4).scores(of: [longer, cut])
    #expect(scores[0] == scores[1])
  }

  @Test func `greedy is what the model itself would say`() throws {
    let model = try Llama.random()
    var tokens = [3, 1, 4]
    for _ in 0..<4 {
      let last = model.logits(of: tokens).row(tokens.count - 1)
      tokens.append(try #require(last.indices.max { last[$0] < last[$1] }))
    }
    let greedy = Array(tokens[3...])
    var candidates = [greedy, [greedy[0]]]
    for place in 0..<4 {
      var changed = greedy
      changed[place] = (changed[place] + 1) % 32
      candidates.append(changed)
    }
    let found = try scorer(model).scores(of: candidates.map { EncodedRequest(context: [3, 1, 4], continuation: $0) })
    #expect(found.map(\.isGreedy) == [true, true, false, false, false, false])
  }

  // MARK: Sharing

  @Test(arguments: [false, true])
  func `a score has the same bits alone, in company, in any order and on any number of threads`(hasBank: Bool) throws {
    let model = try Llama.random()
    let prompts = hasBank ? bank(model) : nil
    let alone = try requests.map { try scorer(model, prompts: prompts).scores(of: [$0])[0] }
    let orders = [Array(requests.indices), requests.indices.reversed(), [4, 0, 6, 2, 1, 5, 3]]
    for order in orders {
      for threadCount in 1...3 {
        let found = try scorer(model, prompts: prompts, threadCount: threadCount).scores(of: order.map { requests[$0] })
        #expect(found == order.map { alone[$0] })
      }
    }
    #expect(alone[0] == alone[5])
  }

  @Test(arguments: [false, true])
  func `a score has the same bits however the work is cut, shared or not`(hasBank: Bool) throws {
    let model = try OPT.random()
    let prompts = hasBank ? PromptBank([model.embedded([7, 30, 2])], of: model) : nil
    // Enough for several pieces of the smallest size.
    let many = (0..<40).map { number in
      EncodedRequest(context: [number % 7, 1, 4, number % 3], continuation: [1, number % 32, 5, 9])
    }
    let expected = try scorer(model, prompts: prompts).scores(of: many)
    for sharesBeginnings in [true, false] {
      for (pieceSize, tokensInStep) in [(1, nil), (30, nil), (1000, nil), (1, 1), (9, 60), (1000, 60)] {
        let schedule = ScoringSchedule(
          pieceSize: pieceSize, sharesBeginnings: sharesBeginnings, tokensInStep: tokensInStep)
        for threadCount in [1, 2] {
          let found = try scorer(model, prompts: prompts, threadCount: threadCount, schedule: schedule).scores(of: many)
          #expect(found == expected)
        }
      }
    }
  }

  @Test func `each score is handed out once, as soon as it is there`() throws {
    let handed = Mutex<[Int: RequestScore]>([:])
    let found = try scorer(try Llama.random(), threadCount: 2, schedule: ScoringSchedule(pieceSize: 5)).scores(
      of: requests,
      whenScored: { indices, scores in
        handed.withLock {
          for (index, score) in zip(indices, scores) { #expect($0.updateValue(score, forKey: index) == nil) }
        }
      })
    #expect(handed.withLock { handed in requests.indices.map { handed[$0] } } == found)
  }

  @Test func `a shared context runs once`() throws {
    let model = try Llama.random()
    func told(_ prompts: PromptBank?) throws -> [Int] {
      let sums = Mutex((requests: 0, tokens: 0))
      _ = try scorer(model, prompts: prompts, threadCount: 2).scores(of: requests) { requests, tokens in
        sums.withLock { $0 = ($0.requests + requests, $0.tokens + tokens) }
      }
      return sums.withLock { [$0.requests, $0.tokens] }
    }
    // 3 1 4 with 1 6 behind it, where 1 is read for three requests; 9 2 6 5; 2 6 5 3 5 8.
    #expect(try told(nil) == [7, 5 + 4 + 6])
    // With several prompts to choose from too, as long as the choice is the same.
    #expect(try told(bank(model)) == [7, 5 + 4 + 6])
  }

  @Test func `no requests have no scores`() throws {
    #expect(try scorer(try Llama.random()).scores(of: []).isEmpty)
  }

  // MARK: Prompts

  @Test func `a prompt of real tokens' embeddings is those tokens in front`() throws {
    let model = try Llama.random()
    let prompts = PromptBank([model.embedded([7, 30, 2])], of: model)
    let found = try scorer(model, prompts: prompts).scores(of: requests)
    for (request, score) in zip(requests, found) {
      let whole = EncodedRequest(context: [7, 30, 2] + request.context, continuation: request.continuation)
      #expect(abs(score.logLikelihood - plainScore(whole, model)) < rounding)
    }
  }

  @Test func `a prompt takes nothing of the length`() throws {
    let model = try Llama.random()
    let prompts = PromptBank([model.embedded([7, 30, 2])], of: model)
    let request = EncodedRequest(context: [3, 1, 4, 1, 5, 9], continuation: [2, 6, 5])
    let found = try scorer(model, prompts: prompts, maximumLength: 5).scores(of: [request])
    // Five tokens are read behind the prompt: 1 5 9 2 6.
    let whole = EncodedRequest(context: [7, 30, 2, 1, 5, 9], continuation: [2, 6, 5])
    #expect(abs(found[0].logLikelihood - plainScore(whole, model)) < rounding)
  }

  @Test func `a prompt takes its part of a table of positions`() throws {
    let model = try OPT.random()
    // Of 320 positions a prompt of three tokens leaves 317.
    let prompt = [7, 30, 2]
    let prompts = PromptBank([model.embedded(prompt)], of: model)
    let request = EncodedRequest(context: (0..<400).map { $0 * $0 % 31 }, continuation: [2, 6, 5])
    let scorer = scorer(model, prompts: prompts, maximumLength: 320)
    #expect(scorer.maximumLength == 317)
    let found = try scorer.scores(of: [request])
    // 317 tokens are read, the last two of them the continuation's: 315 of the context are left.
    let whole = EncodedRequest(context: prompt + request.context.suffix(315), continuation: request.continuation)
    #expect(abs(found[0].logLikelihood - plainScore(whole, model)) < rounding)
    #expect(throws: RequestError.continuationTooLong(tokens: 318, maximumLength: 317)) {
      try scorer.scores(of: [EncodedRequest(context: [1], continuation: Array(repeating: 2, count: 318))])
    }
  }

  @Test func `a table of positions ends what a model without prompts reads`() throws {
    #expect(scorer(try OPT.random(), maximumLength: 1000).maximumLength == 320)
    #expect(scorer(try OPT.random(), maximumLength: 100).maximumLength == 100)
    #expect(scorer(try Llama.random(), maximumLength: 5000).maximumLength == 5000)
  }

  @Test func `a bank of twice the same prompt is that prompt`() throws {
    let model = try Llama.random()
    let prompt = model.embedded([7, 30, 2])
    let single = try scorer(model, prompts: PromptBank([prompt], of: model)).scores(of: requests)
    let twice = try scorer(model, prompts: PromptBank([prompt, prompt], of: model)).scores(of: requests)
    #expect(single.map(\.logLikelihood) == twice.map(\.logLikelihood))
    // One choice of each of two blocks.
    #expect(twice.allSatisfy { $0.wins?.counts == [[1, 0], [1, 0]] })
    #expect(single.allSatisfy { $0.wins == nil })
  }

  @Test func `the order of a bank's prompts does not matter`() throws {
    let model = try Llama.random()
    let prompts = [model.embedded([7, 30, 2]), model.embedded([11, 12, 13, 14, 15])]
    let found = try scorer(model, prompts: PromptBank(prompts, of: model)).scores(of: requests)
    let reversed = try scorer(model, prompts: PromptBank(prompts.reversed(), of: model)).scores(of: requests)
    #expect(reversed.map(\.logLikelihood) == found.map(\.logLikelihood))
    #expect(reversed.map { $0.wins?.counts.map { Array($0.reversed()) } } == found.map { $0.wins?.counts })
  }

  @Test(arguments: [PromptSelection.Layers.each, .first, .mean, .block(1, before: .allPrompts)])
  func `requests of one context choose alike where the context chooses`(layers: PromptSelection.Layers) throws {
    let model = try Llama.random()
    func choices(_ queries: PromptSelection.Queries) throws -> Int {
      let selection = PromptSelection(layers: layers, queries: queries)
      var count = 0
      for seed in 0..<10 as Range<UInt64> {
        let prompts = [3, 5].map { randomMatrix($0, 16, seed: 10 * seed + UInt64($0)) }
        let found = try scorer(model, prompts: PromptBank(prompts, of: model, selection: selection)).scores(
          of: (0..<32).map { EncodedRequest(context: [3, 1, 4], continuation: [$0, 2, $0]) })
        count += Set(found.map { $0.wins?.winners ?? $0.wins?.counts[1] }).count
      }
      return count
    }
    #expect(try choices(.context) == 10)
    #expect(try choices(.all) > 10)
  }

  @Test(arguments: [PromptSelection.Layers.each, .last])
  func `what is chosen, and a score's bits, do not depend on the cut of the work`(layers: PromptSelection.Layers) throws
  {
    let model = try Llama.random()
    let prompts = [3, 5].map { randomMatrix($0, 16, seed: UInt64($0)) }
    let bank = PromptBank(prompts, of: model, selection: PromptSelection(layers: layers))
    // Enough for several pieces of the smallest size.
    let many = (0..<60).map { number in
      EncodedRequest(context: [number % 7, 1, 4, number % 3], continuation: [1, number % 32, 5, 9])
    }
    let expected = try scorer(model, prompts: bank).scores(of: many)
    #expect(Set(expected.map { $0.wins?.winners }).count > 1)
    for sharesBeginnings in [true, false] {
      for (pieceSize, tokensInStep) in [(1, nil), (30, nil), (1, 1), (9, 60)] {
        let schedule = ScoringSchedule(
          pieceSize: pieceSize, sharesBeginnings: sharesBeginnings, tokensInStep: tokensInStep)
        for threadCount in [1, 2] {
          let found = try scorer(model, prompts: bank, threadCount: threadCount, schedule: schedule).scores(of: many)
          #expect(found == expected)
        }
      }
    }
  }

  // MARK: Errors

  @Test(arguments: [false, true])
  func `what has no score is an error`(hasBank: Bool) throws {
    let model = try Llama.random()
    let scorer = scorer(model, prompts: hasBank ? bank(model) : nil, maximumLength: 3)
    func error(_ context: [Int], _ continuation: [Int]) -> RequestError? {
      #expect(throws: RequestError.self) {
        try scorer.scores(of: [requests[0], EncodedRequest(context: context, continuation: continuation)])
      }
    }
    #expect(error([1], []) == .emptyContinuation)
    #expect(error([], [1]) == .emptyContext)
    #expect(error([1], [2, 3, 4, 5]) == .continuationTooLong(tokens: 4, maximumLength: 3))
    #expect(try scorer.scores(of: [EncodedRequest(context: [1], continuation: [2, 3, 4])]).count == 1)
  }
}
