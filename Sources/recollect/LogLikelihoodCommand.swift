import ArgumentParser
import Evaluation
import Foundation
import Models
import Tensors

struct LogLikelihoodCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loglikelihood",
    abstract: "Score continuations: how likely is each after its context?",
    discussion: """
      Reads JSON lines, each an object with “context” and “continuation”: two texts, which are split into tokens as \
      lm-evaluation-harness does, or two lists of token ids. An empty context becomes the end-of-text token. Writes a \
      line for each request, in their order: “logLikelihood”, the natural logarithm of the continuation's probability; \
      “isGreedy”, whether greedy decoding would give it; “tokens”, how many it has.

      A context that is too long loses its beginning; a continuation that is too long is an error. The results are \
      the same whatever the number of threads.
      """)

  @Option(help: "The folder of the model, with a tokenizer where there are texts.")
  var model: String

  @Option(help: "The file of the requests; “-” for standard input.")
  var requests: String

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @Option(help: "The tokens that the model reads at most. (default: the model's positions)")
  var maxLength: Int?

  @Flag(
    help:
      "Put the beginning-of-text token before the context of texts, where this tokenizer adds one; for an empty one.")
  var addBeginning = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  /// Requests that are scored at once. Those of them that share a context share a run of it, too.
  private static let pieceSize = 256

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
    if let maxLength, maxLength < 1 { throw ValidationError("--max-length must be at least 1.") }
  }

  func run() throws {
    try reportingErrors {
      let workers = Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount)
      // Opened first: a file that is not there should not wait for a look at all weights.
      let lines =
        requests == "-"
        ? LineReader(descriptor: STDIN_FILENO, name: "standard input") : try LineReader(path: requests)
      try score(lines, by: loadModel(folder: model, checkingNumbersWith: workers), workers)
    }
  }

  private func score(_ lines: consuming LineReader, by model: some LanguageModel, _ workers: Workers) throws {
    let shape = model.shape
    if let maxLength, shape.hasPositionTable, maxLength > shape.maximumPositions {
      throw ValidationError(
        "--max-length \(maxLength): this model has a table of \(shape.maximumPositions) positions and no more.")
    }
    let scorer = LogLikelihoodScorer(
      model: model, maximumLength: maxLength ?? shape.maximumPositions, workers: workers)
    var reader = RequestLines(
      lines, tokenizerFolder: self.model, addsBeginning: addBeginning, vocabularySize: shape.vocabularySize,
      maximumLength: scorer.maximumLength)
    var output = OutputBuffer()
    let progress = ScoringProgress(isQuiet: quiet)
    defer { progress.end() }
    var cutCount = 0
    while true {
      let (entries, failure) = reader.next(Self.pieceSize)
      let scores = try scorer.scores(of: entries.map(\.request), progress: progress.advance)
      for (entry, score) in zip(entries, scores) {
        guard score.logLikelihood.isFinite else {
          // What was right before the fault is not lost.
          try output.flush()
          throw RequestLineError(place: entry.place, reason: .notANumber)
        }
        output.write("{\"isGreedy\":\(score.isGreedy),\"logLikelihood\":\(score.logLikelihood)")
        output.write(",\"tokens\":\(entry.request.continuation.count)}")
        try output.endLine()
        cutCount += entry.request.isCut(at: scorer.maximumLength) ? 1 : 0
      }
      try output.flush()
      if let failure { throw failure }
      if entries.count < Self.pieceSize { break }
    }
    progress.end()
    if cutCount > 0, !quiet {
      standardError(
        "Contexts that lost their beginning, as the model reads no more than \(scorer.maximumLength) tokens: \(cutCount)"
      )
    }
  }
}
