import ArgumentParser
import Evaluation
import Foundation
import Models
import Recovery
import Reports
import Tensors

struct BenchmarkPrompts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prompts",
    abstract: "Measure what choosing among prompts costs.",
    discussion: """
      Scores the same requests behind one fixed prompt, the longest, and behind all prompts, of which one is chosen for \
      each request, in several readings. Repetitions go by turns; the table has medians, and the median of the ratios of \
      neighbours.

      Requests of one question share their context for as long as the same prompts are chosen for them, so the speed \
      depends on the choices too: the table has how many of the questions part. Without --model the model, the prompts \
      and the questions, with several choices each, are random. Random prompts score nearly alike, so that far more \
      questions part than behind trained ones; with --choices 1 none can.

      Example: recollect benchmark prompts --model DIR --adapter PROMPT50 --adapter PROMPT100 \
      --task arc_easy=ARC-Easy-Test.jsonl
      """)

  @Option(help: "The folder of a trained model, with its tokenizer.")
  var model: String?

  @Option(help: "The PEFT folder of a prompt trained for --model; to be repeated.")
  var adapter: [String] = []

  @Option(name: .customLong("task"), help: BenchmarkSample.help)
  var tasks: [String] = []

  @Option(help: "Documents of each benchmark.")
  var limit = 100

  @Option(help: "The shape of a random model.")
  var shape = BenchmarkShape.llama288

  @Option(help: "The tokens of a random prompt; may be repeated.")
  var prompt = [50, 100]

  @Option(help: "How many random questions.")
  var questions = 64

  @Option(help: "Choices of each question.")
  var choices = 4

  @Option(help: "Tokens of a question's context.")
  var context = 80

  @Option(help: "Tokens of each choice.")
  var continuation = 12

  @Option(help: "How many threads work.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "How often each is run.")
  var repetitions = 5

  func validate() throws {
    guard questions > 0, choices > 0, context > 0, continuation > 0, threads > 0, repetitions > 0, limit > 0 else {
      throw ValidationError("Numbers must be at least 1.")
    }
    guard model == nil ? adapter.isEmpty && tasks.isEmpty : adapter.count > 1 && !tasks.isEmpty else {
      throw ValidationError("A trained model takes --model, --adapter at least twice, and --task.")
    }
    guard prompt.count > 1, prompt.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("There is nothing to choose: give --prompt at least twice.")
    }
    guard prompt.reduce(0, +) + context + continuation <= BenchmarkShape.maximumLength else {
      throw ValidationError("Prompts and a request must have at most \(BenchmarkShape.maximumLength) tokens together.")
    }
  }

  func run() throws {
    try reportingErrors {
      guard let model else {
        let model = shape.form.initialized(seed: 1)
        let prompts = prompt.enumerated().map { number, length in randomPrompt(length, number: number, model.shape) }
        try measure(shape.rawValue, model, prompts, randomQuestions(model.shape))
        return
      }
      let tokenizer = try Tokenizer(folder: model)
      let samples = try tasks.map { try BenchmarkSample($0, limit: limit, tokenizer: tokenizer) }
      try measureTrained(loadModel(folder: model), name: model, samples.flatMap(\.documents))
    }
  }

  private func measureTrained(_ model: some LanguageModel, name: String, _ questions: [[EncodedRequest]]) throws {
    let adapters = try adapter.map { try AdapterFolder.read(from: $0, for: model) }
    // Refuses what is no prompt, and more tokens than the model has positions for.
    _ = try AdaptedModel(model, adapters)
    try measure(name, model, adapters.map { $0.parameters.values[0] }, questions)
  }

  /// The readings that are measured, by what they differ in from the first.
  private static let readings: [(name: String, selection: PromptSelection)] = [
    ("logit-mean", PromptSelection()), ("queries: context", PromptSelection(queries: .context)),
    ("queries: each", PromptSelection(queries: .each)), ("heads: each", PromptSelection(heads: .each)),
    ("layers: first", PromptSelection(layers: .first)), ("layers: last", PromptSelection(layers: .last)),
    ("score: weight-mean", PromptSelection(score: .weightMean)),
  ]

  private func measure(
    _ name: String, _ model: some LanguageModel, _ prompts: [Matrix], _ questions: [[EncodedRequest]]
  ) throws {
    let workers = Workers(threadCount: threads)
    let requests = questions.flatMap { $0 }
    let longest = prompts.max { $0.rowCount < $1.rowCount }.map { [$0] } ?? []
    let fixed = scorer(model, PromptBank(longest, of: model), workers)
    let choosing = Self.readings.map { scorer(model, PromptBank(prompts, of: model, selection: $0.selection), workers) }
    let tokens = try tokenCount(fixed, requests)
    standardError("\(requests.count) requests, \(tokens) tokens where contexts are shared, on \(threads) threads")
    var fixedSeconds: [Double] = []
    var seconds = choosing.map { _ in [Double]() }
    var parted = choosing.map { _ in 0 }
    for _ in 0..<repetitions {
      for (reading, scorer) in choosing.enumerated() {
        fixedSeconds.append(try Measurement.timed { _ = try fixed.scores(of: requests) }.seconds)
        seconds[reading].append(
          try Measurement.timed { parted[reading] = partedCount(try scorer.scores(of: requests), questions) }.seconds)
      }
    }
    func rate(_ seconds: [Double]) -> String { String(format: "%.0f", Double(tokens) / Measurement.median(seconds)) }
    var rows = [["one of \(longest.first?.rowCount ?? 0)", rate(fixedSeconds), "", ""]]
    for (reading, own) in seconds.enumerated() {
      // Each beside the fixed run before it, so that what else the machine does weighs on both.
      let ratios = own.indices.map { fixedSeconds[$0 * choosing.count + reading] / own[$0] }
      rows.append([
        Self.readings[reading].name, rate(own), String(format: "%.1f %%", 100 * Measurement.median(ratios)),
        "\(parted[reading])",
      ])
    }
    print(
      TextTable(
        heading: ["prompts", "tokens/s", "of the fixed one's speed", "questions that part"], rows: rows,
        headingWidth: 16, gap: 2
      ).text, terminator: "")
    print(
      "\(name), prompts of \(prompts.map { String($0.rowCount) }.joined(separator: " and ")) tokens, "
        + "\(questions.count) questions, OpenBLAS kernel \(OpenBLAS.kernel), \(threads) threads, medians of \(repetitions)"
    )
  }

  private func scorer<Model: LanguageModel>(
    _ model: Model, _ prompts: PromptBank, _ workers: Workers
  ) -> LogLikelihoodScorer<Model> {
    LogLikelihoodScorer(
      model: model, prompts: prompts, maximumLength: model.shape.maximumPositions, workers: workers)
  }

  /// Tokens that run for these requests behind one prompt.
  private func tokenCount(_ scorer: LogLikelihoodScorer<some LanguageModel>, _ requests: [EncodedRequest]) throws -> Int
  {
    let inputs = try requests.map { try $0.inputTokens(maximumLength: scorer.maximumLength).tokens }
    return TokenForest.planting(inputs.sorted { $0.lexicographicallyPrecedes($1) }).forest.nodeCount
  }

  /// The questions for whose choices not all prompts are the same.
  private func partedCount(_ scores: [RequestScore], _ questions: [[EncodedRequest]]) -> Int {
    var rest = scores[...]
    return questions.count { question in
      let own = rest.prefix(question.count)
      rest = rest.dropFirst(question.count)
      return own.contains { $0.wins != own.first?.wins }
    }
  }

  /// As large as the embeddings of tokens.
  private func randomPrompt(_ length: Int, number: Int, _ shape: ModelShape) -> Matrix {
    var stream = RandomStream(seed: UInt64(number), purpose: "benchmark prompts")
    return Matrix(
      rows: length, columns: shape.embeddingWidth,
      (0..<length * shape.embeddingWidth).map { _ in 0.02 * stream.nextNormal() })
  }

  private func randomQuestions(_ shape: ModelShape) -> [[EncodedRequest]] {
    var stream = RandomStream(seed: 1, purpose: "benchmark requests")
    func tokens(_ count: Int) -> [Int] { (0..<count).map { _ in stream.nextInteger(below: shape.vocabularySize) } }
    return (0..<questions).map { _ in
      let context = tokens(context)
      return (0..<choices).map { _ in EncodedRequest(context: context, continuation: tokens(continuation)) }
    }
  }
}
