import Evaluation
import Models
import Recovery
import Results
import Tensors

/// What an evaluation reports while it runs. Work is counted in tokens of requests; of answers that are written, roughly.
package enum EvaluationEvent: Sendable {
  /// - Parameter doneWork: what the journal had.
  case began(work: Double, doneWork: Double)
  case taskBegan(name: String, number: Int, count: Int, entries: Int, known: Int)
  /// So many requests or answers more.
  case advanced(entries: Int, work: Double)
}

/// A task's documents with all that the model said to them.
package struct TaskOutcome: Sendable {
  package let chosen: ChosenTask
  package let encoded: EncodedTask
  package let score: TaskScore
  /// Of all requests, in order; none where the model wrote answers.
  package let scores: [RequestScore]
  package let answers: [GeneratedAnswer]
}

/// Scores benchmarks with a model, going on from a journal.
package struct ModelEvaluator<Model: LanguageModel>: Sendable {
  private let adapted: AdaptedModel<Model>
  private let scorer: LogLikelihoodScorer<Model>
  private let tokenizer: Tokenizer
  private let chosen: [ChosenTask]
  private let encoded: [EncodedTask]
  /// The tokens that the model takes at most, as it was asked for; `maximumLength` may be less.
  private let askedLength: Int

  /// - Parameter maximumLength: less, where a model with a table of positions has fewer left behind the prompts.
  /// - Throws: `ScoringError`
  package init(
    _ adapted: AdaptedModel<Model>, tokenizer: Tokenizer, tasks: [ChosenTask], maximumLength: Int, workers: Workers,
    schedule: ScoringSchedule
  ) throws(ScoringError) {
    let scorer = LogLikelihoodScorer(
      model: adapted.model, prompts: adapted.prompts, maximumLength: maximumLength, workers: workers,
      schedule: schedule)
    self.adapted = adapted
    self.scorer = scorer
    self.tokenizer = tokenizer
    askedLength = maximumLength
    chosen = tasks
    encoded = try tasks.map { chosen throws(ScoringError) in
      let task = try EncodedTask(
        chosen.task, documents: chosen.documents, tokenizer: tokenizer, maximumLength: scorer.maximumLength)
      for request in task.requests {
        try adapted.model.shape.expectTokens(request.context + request.continuation, of: task.name)
      }
      for case let generation? in chosen.documents.map(\.generation) {
        try adapted.model.shape.expectTokens(tokenizer.encode(generation.context), of: task.name)
      }
      return task
    }
  }

  /// The tokens that the model reads at most, behind its prompts.
  package var maximumLength: Int { scorer.maximumLength }

  /// How several prompts are combined; nil without them.
  ///
  /// - Parameter adapters: the folders of the adapters, in their order.
  package func prompting(_ adapters: [EvaluatedFolder]) -> PromptingSummary? {
    PromptingSummary(adapted, names: adapters.map(\.name))
  }

  /// What a reader of the scores should know, whatever they are.
  package var notes: [String] { adapted.shrinkage(from: askedLength, to: maximumLength) }

  /// The digest of everything that determines the scores: see `AdaptedModel.question`.
  package func question(model: EvaluatedFolder, adapters: [EvaluatedFolder], program: String) -> String {
    let tasks = zip(chosen, encoded).map { chosen, encoded -> CanonicalJSON in
      [
        "name": .string(encoded.name), "version": .string(encoded.version), "files": .strings(chosen.digests),
        "order": .string(chosen.selection.order.rawValue), "limit": .optional(chosen.selection.limit),
      ]
    }
    return adapted.question(
      ["tasks": .array(tasks), "maximumLength": .integer(askedLength)], model: model, adapters: adapters,
      program: program)
  }

  /// How many requests, or else answers, each task has.
  package var entryCounts: [Int] {
    zip(chosen, encoded).map { $0.isGenerated ? $0.documents.count : $1.requests.count }
  }

  /// The outcomes of the tasks, in their order.
  ///
  /// - Parameter shouldStop: asked after each piece of work, whose scores are in the journal by then.
  /// - Throws: `RunStopped`, `JournalError`, `ScoringError`.
  package func outcomes(
    journal: ScoringJournal, shouldStop: @escaping @Sendable () -> Bool,
    report: @escaping @Sendable (EvaluationEvent) -> Void
  ) throws -> [TaskOutcome] {
    let works = chosen.indices.map { task in (0..<entryCounts[task]).map { work(of: $0, in: task) } }
    let done = chosen.indices.map { task in
      let found = journal.found[task]
      return (found.scores.keys.map(\.self) + found.answers.keys).sorted().reduce(0) { $0 + works[task][$1] }
    }
    report(.began(work: works.joined().reduce(0, +), doneWork: done.reduce(0, +)))
    return try chosen.indices.map { task in
      let found = journal.found[task]
      let known = found.scores.count + found.answers.count
      report(
        .taskBegan(
          name: chosen[task].task.name, number: task + 1, count: chosen.count, entries: entryCounts[task],
          known: known))
      if shouldStop() { throw RunStopped() }
      let advance: @Sendable ([Int]) throws -> Void = { places in
        report(.advanced(entries: places.count, work: places.reduce(0) { $0 + works[task][$1] }))
        if shouldStop() { throw RunStopped() }
      }
      return chosen[task].isGenerated
        ? try written(task, journal, advance) : try scored(task, journal, advance)
    }
  }

  private func work(of entry: Int, in task: Int) -> Double {
    guard !chosen[task].isGenerated else { return 64 }
    let request = encoded[task].requests[entry]
    return Double(request.context.count + request.continuation.count)
  }

  private func scored(
    _ task: Int, _ journal: ScoringJournal, _ advance: @Sendable ([Int]) throws -> Void
  ) throws -> TaskOutcome {
    let scores = try scorer.scores(
      of: encoded[task].requests, task: task, journal: journal, whenScored: advance)
    return TaskOutcome(
      chosen: chosen[task], encoded: encoded[task],
      score: TaskScore(documents: chosen[task].documents, results: scores), scores: scores, answers: [])
  }

  private func written(
    _ task: Int, _ journal: ScoringJournal, _ advance: @Sendable ([Int]) throws -> Void
  ) throws -> TaskOutcome {
    let documents = chosen[task].documents
    let writer = AnswerWriter(
      decoder: GreedyDecoder(
        model: scorer.model, prompts: scorer.prompts, maximumLength: askedLength, workers: scorer.workers),
      tokenizer: tokenizer, harness: chosen[task].task.harness)
    var all = journal.found[task].answers
    let open = documents.indices.filter { all[$0] == nil }
    // Answers come back when all of a group are written: several for each thread, as they end at different times.
    let groupSize = 4 * scorer.workers.threadCount
    for start in stride(from: 0, to: open.count, by: groupSize) {
      let places = Array(open[start..<min(start + groupSize, open.count)])
      let answers = try writer.answers(to: places.map { documents[$0] })
      try journal.add(task: task, places: places, answers: answers)
      for (place, answer) in zip(places, answers) { all[place] = answer }
      try advance(places)
    }
    let answers = documents.indices.compactMap { all[$0] }
    return TaskOutcome(
      chosen: chosen[task], encoded: encoded[task], score: TaskScore(documents: documents, outputs: answers),
      scores: [],
      answers: answers)
  }
}

extension ModelShape {
  /// - Parameter place: what the tokens were made of, for the error.
  /// - Throws: `ScoringError.unknownToken`: a tokenizer may have more tokens than the model it lies beside.
  package func expectTokens(_ tokens: [Int], of place: String) throws(ScoringError) {
    if let token = tokens.first(where: { $0 >= vocabularySize }) {
      throw .unknownToken(token, place: place, vocabularySize: vocabularySize)
    }
  }
}

extension AdaptedModel {
  /// What is to be said where the model takes fewer tokens at once than it was asked to.
  func shrinkage(from asked: Int, to found: Int) -> [String] {
    guard found < asked else { return [] }
    guard let prompts, model.shape.hasPositionTable else {
      return ["windows have \(found) tokens in place of \(asked): the model is asked to read no more"]
    }
    let (taken, all) = (prompts.inputPosition, model.shape.maximumPositions)
    return ["windows have \(found) tokens in place of \(asked): prompts take \(taken) of the model's \(all) positions"]
  }
}
