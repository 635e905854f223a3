import Comparison
import Compression
import Evaluation
import Foundation
import Models
import Recovery
import Tensors
import Training

/// Tries a little of each kind of stage with a suite's own model and texts, to say how long all of it takes.
///
/// Adapters are as they begin: a time does not depend on what they are, but for prompts among which one is chosen,
/// whose requests part oftener or less often. What even a little of would take too long, such as a training step of a
/// large model, is counted: its multiply-adds at the rate of large products.
struct StageProbe<Model: LanguageModel> {
  let suite: Suite
  let sources: SuiteSources
  let model: Model
  let prepared: PreparedCells
  let workers: Workers
  let rates: MachineRates

  /// Seconds that a trial may take about, and those from which on it is not tried.
  private static var trialSeconds: Double { 0.3 }
  /// Of a task: small pieces take longer for each token than those that all of it is cut into.
  private static var scoringTrialSeconds: Double { 0.8 }
  private static var longestTrial: Double { 20 }
  /// Of the rate of large products, what a stage reaches that is counted: of a forward pass most is products.
  private static var usualShare: Double { 0.7 }

  private func counted(_ multiplyAdds: Double) -> Double {
    multiplyAdds / (Self.usualShare * rates.multiplyAddsPerSecond)
  }

  // MARK: Scoring

  /// How long the tasks take without a recovery, each a second for every so many tokens; and how much longer any of it
  /// takes with one.
  struct ScoringRates {
    var secondsOfTask: [Double]
    /// By recovery.
    var factors: [String: Double]
  }

  func scoring() throws -> ScoringRates {
    let bare = try AdaptedModel(model, [])
    let sizes = prepared.tasks.map { Double($0.tokenCount) }
    let blockWeights = ModelSize(of: model).blockWeights
    var mixed: [EncodedRequest] = []
    var seconds: [Double] = []
    for (task, size) in zip(prepared.tasks, sizes) {
      if task.isGenerated {
        seconds.append(try writing(task, bare))
        continue
      }
      // A first look says how many documents make a trial.
      let smallest = sample(of: task, documents: 2 * workers.threadCount)
      let tokens = tokenCount(smallest)
      guard counted(tokens * blockWeights) < Self.longestTrial else {
        seconds.append(counted(size * blockWeights))
        continue
      }
      let first = try timed { try score(smallest, bare) }
      let documents = Double(2 * workers.threadCount) * Self.scoringTrialSeconds / max(first, 1e-4)
      let requests = sample(of: task, documents: max(2 * workers.threadCount, Int(min(documents, 1e6))))
      seconds.append(try timed { try score(requests, bare) } * size / max(1, tokenCount(requests)))
      mixed += sample(of: task, documents: max(2, Int(documents) / max(1, prepared.tasks.count)))
    }
    var factors: [String: Double] = [:]
    for recovery in suite.recoveries where recovery.method != .none {
      guard !mixed.isEmpty, let adapted = try untrained(recovery) else { continue }
      let ratios = try (0..<2).map { _ in
        let alone = try timed { try score(mixed, bare) }
        return try timed { try score(mixed, adapted) } / alone
      }
      factors[recovery.name] = median(ratios)
    }
    return ScoringRates(secondsOfTask: seconds, factors: factors)
  }

  /// The requests of some documents, spread evenly over the task.
  private func sample(of task: ScoredTask, documents: Int) -> [EncodedRequest] {
    let every = max(1, task.documents.count / max(1, documents))
    var first = 0
    var requests: [EncodedRequest] = []
    for (number, document) in task.documents.enumerated() {
      if number % every == 0 { requests += task.requests[first..<first + document.requests.count] }
      first += document.requests.count
    }
    return requests
  }

  private func tokenCount(_ requests: [EncodedRequest]) -> Double {
    Double(requests.reduce(0) { $0 + $1.context.count + $1.continuation.count })
  }

  private func score(_ requests: [EncodedRequest], _ adapted: AdaptedModel<Model>) throws {
    _ = try LogLikelihoodScorer(
      model: adapted.model, prompts: adapted.prompts, maximumLength: model.shape.maximumPositions, workers: workers
    ).scores(of: requests)
  }

  private func writing(_ task: ScoredTask, _ adapted: AdaptedModel<Model>) throws -> Double {
    let count = min(task.documents.count, 4 * workers.threadCount)
    let work = Double(64 * count) * ModelSize(of: model).blockWeights
    guard counted(work) < Self.longestTrial else {
      return counted(work) * Double(task.documents.count) / Double(count)
    }
    let every = task.documents.count / count
    let documents = (0..<count).map { task.documents[$0 * every] }
    let writer = AnswerWriter(
      decoder: GreedyDecoder(
        model: adapted.model, prompts: adapted.prompts, maximumLength: model.shape.maximumPositions, workers: workers),
      tokenizer: prepared.tokenizer, harness: task.harness)
    return try timed { _ = try writer.answers(to: documents) } * Double(task.documents.count) / Double(count)
  }

  /// The model with a recovery as it begins; nil where it has no room for it, which is then its cells' failure.
  private func untrained(_ recovery: RecoverySetting) throws -> AdaptedModel<Model>? {
    let settings =
      recovery.method.combinedPrompts.isEmpty
      ? [recovery]
      : recovery.method.combinedPrompts.compactMap { name in suite.recoveries.first { $0.name == name } }
    let adapters = try settings.compactMap { setting -> Adapter? in
      guard let method = setting.method.adapter(for: model, tokenizer: prepared.tokenizer) else { return nil }
      try model.shape.expectRoom(forPositions: method.tokenCount)
      return Adapter(
        method: method, parameters: method.stored(method.initialParameters(of: model, seed: suite.seed)))
    }
    do {
      return try AdaptedModel(model, adapters, combining: recovery.method.combination)
    } catch is PositionError {
      return nil
    }
  }

  // MARK: Compressing

  /// A little more of the calibration text tells what a sequence costs, and what is the same for any number of them.
  func compressing(_ settings: CompressionSettings, work: Double) throws -> Double {
    let calibration = settings.needsCalibration ? suite.calibration : nil
    let counts = calibration.map { [min($0.samples, workers.threadCount), min($0.samples, 8 * workers.threadCount)] }
    let share = Double(counts?[1] ?? 1) / Double(calibration?.samples ?? 1)
    guard counted(work * share) < Self.longestTrial else { return counted(work) }
    func compress(_ samples: Int) throws -> Double {
      try timed {
        let sequences = try calibration.map {
          try CalibrationText($0.source, file: sources.path($0.corpus)).drawn(
            for: settings.method, tokenizer: prepared.tokenizer, samples: samples, length: $0.length,
            seed: Int($0.seed)
          ).sequences
        }
        var copy = model
        _ = try copy.compress(
          by: settings.compressor(), calibration: sequences ?? [], grouping: settings.grouping, workers: workers
        ) { _ in }
      }
    }
    guard let calibration, let counts, counts[1] > counts[0] else { return try compress(calibration?.samples ?? 0) }
    let (few, more) = (try compress(counts[0]), try compress(counts[1]))
    let ofSequence = max(0, more - few) / Double(counts[1] - counts[0])
    return few + ofSequence * Double(calibration.samples - counts[0])
  }

  // MARK: Training

  func training(_ setting: RecoverySetting, work: Double) throws -> Double {
    guard let training = suite.training,
      let method = setting.method.adapter(for: model, tokenizer: prepared.tokenizer),
      model.shape.hasPositionTable == false
        || method.tokenCount + training.length <= model.shape.maximumPositions
    else { return 0 }
    let bytes = (try? FileManager.default.attributesOfItem(atPath: sources.path(training.corpus))[.size] as? Int) ?? 0
    let encoding = try secondsOfByte() * Double(bytes)
    guard counted(work / Double(training.steps)) < Self.longestTrial else { return counted(work) + encoding }
    let parameters = method.initialParameters(of: model, seed: suite.seed)
    let batch = TimedBatch(
      count: training.batch, length: training.length, vocabularySize: model.shape.vocabularySize)
    func step() throws {
      _ = try method.gradient(
        parameters, batch: batch.sequences, model: model, workers: workers, tokens: training.lossTokens,
        place: TrainingPlace(seed: suite.seed, step: 0))
    }
    return try rate(of: step) * Double(training.steps) + encoding
  }

  /// Seconds that turning text into tokens takes for each byte, on one thread.
  private func secondsOfByte() throws -> Double {
    guard let corpus = suite.training?.corpus else { return 0 }
    let text = try TextCorpus(jsonLines: sources.path(corpus), limit: 100).documents.joined(separator: " ")
    guard !text.isEmpty else { return 0 }
    return timed { _ = prepared.tokenizer.encode(text) } / Double(text.utf8.count)
  }

  // MARK: Texts

  func perplexity(_ text: ScoredText) throws -> Double {
    let tokens = prepared.tokenizer.encode(String(text.source.joined.prefix(50_000)))
    let size = ModelSize(of: model)
    let length =
      switch text.setting.method {
      case .rolling: min(model.shape.maximumPositions, tokens.count / workers.threadCount)
      case .windows(let length, _): min(length, model.shape.maximumPositions, tokens.count / workers.threadCount)
      }
    let work = size.blockWeights + size.headWeights
    guard length > 1, counted(Double(length * workers.threadCount) * work) < Self.longestTrial else {
      return counted(Double(text.tokenCount) * work)
    }
    let windows = (0..<min(4 * workers.threadCount, tokens.count / length)).map {
      Array(tokens[$0 * length..<($0 + 1) * length])
    }
    let ofPass = try rate { _ = try WindowPerplexity(of: model, windows: windows, workers: workers) }
    // Twice, as the rolling protocol looks at all tokens before it begins.
    let encoding = try 2 * secondsOfByte() * Double(text.byteCount)
    return ofPass * Double(text.tokenCount) / Double(windows.count * length) + encoding
  }

  func similarity(_ setting: SimilaritySetting) throws -> Double {
    let count = min(setting.samples, workers.threadCount)
    let work = 2 * Double(setting.length) * ModelSize(of: model).blockWeights
    guard counted(work * Double(count)) < Self.longestTrial else { return counted(work * Double(setting.samples)) }
    let texts = TimedBatch(
      count: count, length: setting.length, vocabularySize: model.shape.vocabularySize
    ).sequences
    return try rate { _ = try ModelSimilarity(of: model, to: model, texts: texts, workers: workers) }
      * Double(setting.samples) / Double(count)
  }

  // MARK: Times

  /// The turns of one compression's models.
  func latency(_ setting: LatencySetting, factors: [Double]) throws -> Double {
    let batch = TimedBatch(
      count: setting.batch, length: setting.length, vocabularySize: model.shape.vocabularySize)
    let work = Double(setting.batch * setting.length) * ModelSize(of: model).blockWeights
    let ofPass =
      counted(work) < Self.longestTrial
      ? try rate { try TimedModel(model).run(batch, workers: workers) } : counted(work)
    let passes = InterleavedTiming.passes(fastest: ofPass)
    return factors.reduce(0) { $0 + $1 * ofPass * Double(1 + setting.repetitions * passes) }
  }

  // MARK: Clocks

  /// Seconds of one go, after one to warm up: the mean over as many as make a trial.
  private func rate(of work: () throws -> Void) throws -> Double {
    let first = try timed(work)
    let count = min(50, max(1, Int(Self.trialSeconds / max(first, 1e-4))))
    return try timed { for _ in 0..<count { try work() } } / Double(count)
  }

  private func timed(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try work()
    return (clock.now - start) / .seconds(1)
  }
}
