import ArgumentParser
import Evaluation
import Experiments
import Foundation
import Models
import Recovery
import Tensors

/// Which model a command scores, with which adapters, and how.
struct ModelArguments: ParsableArguments {
  @Option(help: "The folder of the model, with its tokenizer.")
  var model: String

  @Option(
    help:
      "The PEFT folder of a LoRA, a prompt or a prefix; of several prompts one is chosen at inference. May be repeated."
  )
  var adapter: [String] = []

  @Option(
    help: ArgumentHelp(
      "What several prompts become, in a suite's words.",
      discussion: """
        How one is chosen: score (logit-mean, weight-mean, weight-mass, separate-mean, separate-mass), layers (each, first, \
        last, mean, or a block's number with before: all-prompts, first-prompt or second-pass), heads (mean, each, \
        majority), queries (all, last, context, each), support (input, prompts), positions (contiguous, left-aligned, \
        right-aligned). Or method: concatenation. Example: --prompting "score: weight-mass, queries: context"
        """, valueName: "words"))
  var prompting: String?

  @Option(help: "The tokens that the model reads at most. (default: the model's positions)")
  var maxLength: Int?

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @Flag(name: .customLong("no-share"), help: "Run what texts begin with anew for each: slower, with the same scores.")
  var isUnshared = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
    if prompting != nil, adapter.count < 2 {
      throw ValidationError("--prompting says what several prompts become: name them with --adapter.")
    }
    if let maxLength, maxLength < 1 { throw ValidationError("--max-length must be at least 1.") }
  }

  var workers: Workers { Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount) }

  /// For the model's weights and this machine's memory.
  func schedule(for loaded: some LanguageModel) throws -> ScoringSchedule {
    let summary = try ModelSummary(loaded, folder: CheckpointFolder(model))
    return ScoringSchedule(
      sharesBeginnings: !isUnshared, weightBytes: summary.weights.mapped + summary.weights.copied,
      memoryBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory), width: summary.shape.width)
  }

  /// The tokens that the model is to read at most, as asked for.
  func length(for shape: ModelShape) throws -> Int {
    if let maxLength, shape.hasPositionTable, maxLength > shape.maximumPositions {
      throw ValidationError(
        "--max-length \(maxLength): this model has a table of \(shape.maximumPositions) positions and no more.")
    }
    return maxLength ?? shape.maximumPositions
  }

  func adapted<Model: LanguageModel>(_ model: Model) throws -> AdaptedModel<Model> {
    try AdaptedModel(
      model, adapter.map { try AdapterFolder.read(from: $0, for: model) },
      combining: prompting.map(PromptCombination.init(words:)) ?? .selection(PromptSelection(), positions: nil))
  }

  /// Digests of all that is read of the model and its adapters.
  func folders() throws -> (model: EvaluatedFolder, adapters: [EvaluatedFolder]) {
    let workers = workers
    return (
      try EvaluatedFolder(model: model, workers: workers),
      try adapter.map { try EvaluatedFolder(adapter: $0, workers: workers) }
    )
  }
}
