import ArgumentParser
import Evaluation
import Foundation
import Models
import Reports
import Tensors

struct BenchmarkPrompts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prompts",
    abstract: "Measure what choosing among prompts costs.",
    discussion: """
      Scores the same requests behind one fixed prompt, the longest, and behind all prompts, of which one is chosen for \
      each request, in several readings. The model, the prompts and the requests are random: questions with several \
      choices each. Repetitions go by turns; the table has medians, and the median of the ratios of neighbours.

      Requests of one question share their context for as long as the same prompts are chosen for them, so the speed \
      depends on the choices too: the table has how many of the questions part. Random prompts score nearly alike, so \
      that far more of them do than behind trained ones; with --choices 1 none can.
      """)

  @Option(help: "The shape of the model.")
  var shape = BenchmarkShape.llama288

  @Option(help: "The tokens of a prompt; may be repeated.")
  var prompt = [50, 100]

  @Option(help: "How many questions.")
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
    guard questions > 0, choices > 0, context > 0, continuation > 0, threads > 0, repetitions > 0 else {
      throw ValidationError("Numbers must be at least 1.")
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
      try measure(shape.form.initialized(seed: 1))
    }
  }

  /// The readings that are measured, by what they differ in from the first.
  private static let readings: [(name: String, selection: PromptSelection)] = [
    ("logit-mean", PromptSelection()), ("queries: context", PromptSelection(queries: .context)),
    ("queries: each", PromptSelection(queries: .each)), ("heads: each", PromptSelection(heads: .each)),
    ("layers: first", PromptSelection(layers: .first)), ("layers: last", PromptSelection(layers: .last)),
    ("score: weight-mean", PromptSelection(score: .weightMean)),
  ]

  private func measure(_ model: some LanguageModel) throws {
    let workers = Workers(threadCount: threads)
    let prompts = prompt.enumerated().map { number, length in randomPrompt(length, number: number, model.shape) }
    let requests = randomRequests(model.shape)
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
          try Measurement.timed { parted[reading] = partedCount(try scorer.scores(of: requests)) }.seconds)
      }
    }
    func rate(_ seconds: [Double]) -> String { String(format: "%.0f", Double(tokens) / Measurement.median(seconds)) }
    var rows = [["one of \(prompt.max() ?? 0)", rate(fixedSeconds), "", ""]]
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
      "\(shape.rawValue), prompts of \(prompt.map(String.init).joined(separator: " and ")) tokens, "
        + "OpenBLAS kernel \(OpenBLAS.kernel), \(threads) threads, medians of \(repetitions)")
  }

  private func scorer<Model: LanguageModel>(
    _ model: Model, _ prompts: PromptBank, _ workers: Workers
  ) -> LogLikelihoodScorer<Model> {
    LogLikelihoodScorer(
      model: model, prompts: prompts, maximumLength: BenchmarkShape.maximumLength, workers: workers)
  }

  /// Tokens that run for these requests behind one prompt.
  private func tokenCount(_ scorer: LogLikelihoodScorer<some LanguageModel>, _ requests: [EncodedRequest]) throws -> Int
  {
    let inputs = try requests.map { try $0.inputTokens(maximumLength: scorer.maximumLength).tokens }
    return TokenForest.planting(inputs.sorted { $0.lexicographicallyPrecedes($1) }).forest.nodeCount
  }

  /// The questions for whose choices not all prompts are the same.
  private func partedCount(_ scores: [RequestScore]) -> Int {
    stride(from: 0, to: scores.count, by: choices).count { first in
      scores[first..<first + choices].contains { $0.wins != scores[first].wins }
    }
  }

  /// As large as the embeddings of tokens.
  private func randomPrompt(_ length: Int, number: Int, _ shape: ModelShape) -> Matrix {
    var stream = RandomStream(seed: UInt64(number), purpose: "benchmark prompts")
    return Matrix(
      rows: length, columns: shape.embeddingWidth,
      (0..<length * shape.embeddingWidth).map { _ in 0.02 * stream.nextNormal() })
  }

  private func randomRequests(_ shape: ModelShape) -> [EncodedRequest] {
    var stream = RandomStream(seed: 1, purpose: "benchmark requests")
    func tokens(_ count: Int) -> [Int] { (0..<count).map { _ in stream.nextInteger(below: shape.vocabularySize) } }
    return (0..<questions).flatMap { _ in
      let context = tokens(context)
      return (0..<choices).map { _ in EncodedRequest(context: context, continuation: tokens(continuation)) }
    }
  }
}
