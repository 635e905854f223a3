import ArgumentParser
import Experiments
import Foundation
import Models
import Recovery
import Reports
import Results
import Tensors

extension LowRankTargets: ExpressibleByArgument {}

struct LatencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency",
    abstract: "Measure how long a model takes alone, with a LoRA, and behind prompts and prefixes.",
    discussion: """
      Variants run in turns in one process, so that what slows the machine slows all of them; each has its ratio to the \
      model alone, with a bootstrap interval. LoRA runs merged into the weights, beside them as it does here, and beside \
      them step by step, as frameworks do that run one operation at a time.

      Beside each ratio stands the one that multiply-adds and bytes moved let expect, of this machine and of some \
      accelerators. Of large shapes one block is measured, over as many sequences as there are threads, and times are \
      multiplied; the result says so. Each turn of llama-7b is about a minute on two processors.

      Adapters, and the weights of a shape, are random: what they are changes no time.
      """)

  @Option(help: "The shape of the model: \(LatencyShape.allCases.map(\.rawValue).joined(separator: ", ")).")
  var shape: LatencyShape?

  @Option(help: "The folder of a model, in place of a shape.")
  var model: String?

  @Option(help: "How many sequences.")
  var batch = 16

  @Option(help: "Tokens of each sequence.")
  var length = 1024

  @Option(help: "The rank of the LoRA.")
  var rank = 4

  @Option(help: "The layers that the LoRA adapts: all, paper or query-value.")
  var targets = LowRankTargets.paper

  @Option(help: "The tokens of a prompt; may be repeated. IDP chooses among all of them. (default: 50 and 100)")
  var prompt: [Int] = []

  @Option(help: "The tokens of the prefix.")
  var prefix = 100

  @Option(help: "How often each is run, after once to warm up.")
  var repetitions = 5

  @Option(help: "Blocks of a shape to run, of which all others are copies. (default: all, of large shapes one)")
  var measuredBlocks: Int?

  @Option(help: "Sequences to run. (default: all, of large shapes one a thread)")
  var measuredBatch: Int?

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @OptionGroup var result: ResultArguments

  func validate() throws {
    guard shape == nil || model == nil else { throw ValidationError("Name one: --shape or --model.") }
    let counts =
      [batch, length, rank, prefix, measuredBlocks ?? 1, measuredBatch ?? 1, threads ?? 1] + prompt
    guard counts.allSatisfy({ (1...1_000_000).contains($0) }), repetitions > 1, repetitions <= 10_000 else {
      throw ValidationError("Numbers must be at least 1, and --repetitions at least 2.")
    }
    if let measuredBatch, measuredBatch > batch {
      throw ValidationError("--measured-batch is at most --batch, \(batch).")
    }
    if let measuredBlocks {
      guard model == nil else { throw ValidationError("--measured-blocks is for shapes.") }
      guard measuredBlocks <= (shape ?? .llama288).blockCount else {
        throw ValidationError("--measured-blocks is at most \((shape ?? .llama288).blockCount).")
      }
    }
    let longest = length + max(prefix, (prompt.isEmpty ? [50, 100] : prompt).reduce(0, +))
    guard model != nil || longest <= LatencyShape.maximumLength else {
      throw ValidationError("Prompts and a sequence must have at most \(LatencyShape.maximumLength) tokens together.")
    }
  }

  func run() throws {
    try reportingErrors {
      let workers = Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount)
      var measurement = LatencyMeasurement(workers: workers)
      measurement.batch = batch
      measurement.length = length
      measurement.rank = rank
      measurement.targets = targets
      if !prompt.isEmpty { measurement.prompts = prompt }
      measurement.prefix = prefix
      measurement.repetitions = repetitions
      if let model {
        measurement.measuredBatch = measuredBatch ?? batch
        let loaded = try loadModel(folder: model, checkingNumbersWith: workers)
        let name = URL(fileURLWithPath: model).standardizedFileURL.lastPathComponent
        try measure(measurement, loaded, name: name, blockCount: loaded.shape.blockCount)
      } else {
        let shape = shape ?? .llama288
        measurement.measuredBatch = measuredBatch ?? (shape.isLarge ? min(batch, workers.threadCount) : batch)
        let form = shape.form(
          blockCount: measuredBlocks ?? (shape.isLarge ? 1 : shape.blockCount),
          maximumPositions: LatencyShape.maximumLength)
        try measure(measurement, form.initialized(seed: 1), name: shape.rawValue, blockCount: shape.blockCount)
      }
    }
  }

  private func measure(
    _ measurement: LatencyMeasurement, _ model: some LanguageModel, name: String, blockCount: Int
  ) throws {
    let signals = StopSignals()
    let start = ContinuousClock.now
    var shown = start
    let found: LatencyResult
    do {
      found = try measurement.result(model, name: name, blockCount: blockCount, version: Recollect.version) { turns in
        if signals.received != nil { throw RunStopped() }
        let now = ContinuousClock.now
        guard !result.quiet, now - shown > .seconds(10) else { return }
        shown = now
        standardError("turn \(turns) of \(measurement.turnCount), \(duration((now - start) / .seconds(1)))")
      }
    } catch is RunStopped {
      throw signals.exitCode
    }
    try result.put(result.bytes(of: found), text: LatencyTable(found).text)
  }
}
