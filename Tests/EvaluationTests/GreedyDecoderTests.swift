import Evaluation
import Models
import Tensors
import TestModels
import Testing

@Suite struct GreedyDecoderTests {
  private let contexts = [[3, 1, 4], [1, 5, 9, 2, 6], [5], [3, 5, 8, 9, 7, 9]]

  private func decoder<Model: LanguageModel>(
    _ model: Model, prompts: PromptBank? = nil, maximumLength: Int = 40, threadCount: Int = 1
  ) -> GreedyDecoder<Model> {
    GreedyDecoder(
      model: model, prompts: prompts, maximumLength: maximumLength, workers: Workers(threadCount: threadCount))
  }

  /// By a whole forward pass for each token.
  private func plainContinuation(_ context: [Int], _ count: Int, _ model: some LanguageModel) -> [Int] {
    var tokens = context
    for _ in 0..<count {
      let logits = model.logits(of: tokens).row(tokens.count - 1)
      tokens.append(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
    }
    return Array(tokens.dropFirst(context.count))
  }

  @Test func `each token is the likeliest after all before it`() throws {
    let (llama, opt) = (try Llama.random(), try OPT.random())
    let found = try decoder(llama).outputs(after: contexts, maximumTokens: 12, stopToken: nil)
    #expect(found.map(\.tokens) == contexts.map { plainContinuation($0, 12, llama) })
    #expect(found.allSatisfy { $0.ending == .maximumTokens })
    let others = try decoder(opt).outputs(after: contexts, maximumTokens: 12, stopToken: nil)
    #expect(others.map(\.tokens) == contexts.map { plainContinuation($0, 12, opt) })
  }

  @Test func `what is written is the greedy continuation of a log-likelihood request`() throws {
    let model = try Llama.random()
    let workers = Workers(threadCount: 1)
    let outputs = try decoder(model).outputs(after: contexts, maximumTokens: 5, stopToken: nil)
    let scores = try LogLikelihoodScorer(model: model, maximumLength: 40, workers: workers).scores(
      of: zip(contexts, outputs).map { EncodedRequest(context: $0, continuation: $1.tokens) })
    #expect(scores.allSatisfy { $0.isGreedy })
  }

  @Test func `the stop token ends a continuation, and is no part of it`() throws {
    let model = try Llama.random()
    let all = plainContinuation(contexts[0], 12, model)
    let stop = all[4]
    let first = try #require(all.firstIndex(of: stop))
    let found = try decoder(model).outputs(after: [contexts[0]], maximumTokens: 12, stopToken: stop)
    #expect(found == [Continuation(tokens: Array(all[..<first]), ending: .stopToken)])
  }

  @Test func `a continuation ends when it is said to be finished`() throws {
    let model = try Llama.random()
    let found = try decoder(model).outputs(after: contexts, maximumTokens: 12, stopToken: nil) { $0.count == 3 }
    #expect(found.map(\.tokens) == contexts.map { plainContinuation($0, 3, model) })
    #expect(found.allSatisfy { $0.ending == .finished })
  }

  @Test func `a context that leaves no room loses its beginning`() throws {
    let model = try Llama.random()
    let found = try decoder(model, maximumLength: 9).outputs(after: contexts, maximumTokens: 5, stopToken: nil)
    #expect(found.map(\.tokens) == contexts.map { plainContinuation($0.suffix(4), 5, model) })
  }

  @Test func `a continuation has the same tokens alone, in company and on any number of threads`() throws {
    let model = try Llama.random()
    let alone = try contexts.map {
      try decoder(model).outputs(after: [$0], maximumTokens: 12, stopToken: 7)[0]
    }
    for threadCount in 1...3 {
      let found = try decoder(model, threadCount: threadCount).outputs(after: contexts, maximumTokens: 12, stopToken: 7)
      #expect(found == alone)
    }
  }

  @Test func `a prompt of real tokens' embeddings is those tokens in front`() throws {
    let model = try Llama.random()
    let prompts = PromptBank([model.embedded([7, 30, 2])], of: model)
    let found = try decoder(model, prompts: prompts).outputs(after: contexts, maximumTokens: 12, stopToken: nil)
    #expect(found.map(\.tokens) == contexts.map { plainContinuation([7, 30, 2] + $0, 12, model) })
  }

  @Test(arguments: [PromptSelection.Queries.all, .each], [PromptSelection.Layers.each, .first])
  func `prompts are chosen by the context, or by each token`(
    queries: PromptSelection.Queries, layers: PromptSelection.Layers
  ) throws {
    let model = try Llama.random()
    let prompts = [3, 5].map { randomMatrix($0, 16, seed: UInt64(20 + $0)) }
    let selection = PromptSelection(layers: layers, queries: queries)
    let bank = PromptBank(prompts, of: model, selection: selection)
    let found = try decoder(model, prompts: bank).outputs(after: contexts, maximumTokens: 6, stopToken: nil)
    for (context, found) in zip(contexts, found) {
      // Token by token anew from the beginning, choosing by the same context.
      var tokens = context
      var wins: PromptWins?
      for _ in 0..<6 {
        let run = model.run(
          TokenForest.planting([tokens]).forest,
          prompts: PromptBank(
            prompts, of: model, selection: PromptSelection(layers: layers, queries: queries == .all ? .context : .each)),
          contextLengths: [context.count])
        wins = run.routes[0].wins
        tokens += model.likeliestTokens(behind: run.sequences.compactMap(\.last), hidden: run.hidden).compactMap(\.self)
      }
      #expect(found.tokens == Array(tokens[context.count...]))
      #expect(found.wins == wins)
    }
    // What is asked last chooses too where tokens do, but for the last one written, which is never read.
    let choices = found.map { $0.wins?.counts[1].reduce(0, +) }
    #expect(choices == contexts.map { queries == .all ? 1 : $0.count + 5 })
  }

  @Test func `a prompt takes its part of a table of positions`() throws {
    let model = try OPT.random()
    let prompt = [7, 30, 2]
    let decoder = decoder(model, prompts: PromptBank([model.embedded(prompt)], of: model), maximumLength: 320)
    #expect(decoder.maximumLength == 317)
    let context = (0..<400).map { $0 * $0 % 31 }
    let found = try decoder.outputs(after: [context], maximumTokens: 4, stopToken: nil)
    #expect(found[0].tokens == plainContinuation(prompt + context.suffix(313), 4, model))
  }

  @Test func `a model that takes no context beside the continuation is an error`() throws {
    let decoder = decoder(try Llama.random(), maximumLength: 5)
    #expect(throws: ScoringError.noRoom(needed: 6, available: 5)) {
      try decoder.outputs(after: contexts, maximumTokens: 5, stopToken: nil)
    }
    #expect(throws: RequestError.emptyContext) { try decoder.outputs(after: [[]], maximumTokens: 4, stopToken: nil) }
  }

  @Test func `a logit that is not a number ends a continuation`() throws {
    var model = try Llama.random()
    model.separateHead = Weight(Matrix(rows: 32, columns: 16, repeating: .nan))
    let found = try decoder(model).outputs(after: [[1]], maximumTokens: 5, stopToken: nil)
    #expect(found == [Continuation(tokens: [], ending: .notANumber)])
  }
}
