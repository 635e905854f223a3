import Artifacts
import Compression
import Evaluation
import Foundation
import Models
import Recovery
import Results
import Synchronization
import Tensors
import Training

/// A compressed model, as its stage stores it.
struct CompressedModel {
  let stage: StoredStage
  let summary: CompressionSummary
}

/// Makes the stages of one model's cells, or takes them from the store.
struct StageMaker {
  let suite: Suite
  let sources: SuiteSources
  let store: StageStore
  let workers: Workers
  let modelFolder: String
  let modelName: String
  let tokenizer: Tokenizer
  let shouldStop: @Sendable () -> Bool
  let report: @Sendable (RunEvent) -> Void
  var schedule = ScoringSchedule()
  /// nil in any run whose results count.
  var fault: InjectedFault?

  private static let summaryFile = "summary.json"
  private static let documentsFile = "documents.jsonl"

  // MARK: Compressing

  /// A Hugging Face folder with the compressed weights.
  func compress(
    _ dense: some LanguageModel, _ setting: CompressionSetting, stage planned: PlannedStage
  ) throws -> CompressedModel {
    guard case .layerwise(let settings) = setting.method else {
      preconditionFailure("nothing to compress for \(setting.name)")
    }
    let calibration = suite.calibration(of: setting)
    let stored = try stage(planned) { folder in
      let sequences = try calibration.map {
        try CalibrationText($0.source, file: sources.path($0.corpus)).drawn(
          for: settings.method, tokenizer: tokenizer, samples: $0.samples, length: $0.length, seed: Int($0.seed)
        ).sequences
      }
      var model = dense
      let layerCount = model.linearNames.count
      let tokenCount = (sequences ?? []).reduce(0) { $0 + $1.count }
      var done = 0
      let reports = try model.compress(
        by: compressor(of: settings), calibration: sequences ?? [], grouping: settings.grouping, workers: workers
      ) { layer in
        done += 1
        try advance(
          planned, Double(done) / Double(layerCount), tokenCount * done / layerCount, "layer \(done) of \(layerCount)")
      }
      try writeModel(model, to: folder)
      try write(
        CompressionSummary(
          method: setting.method.canonical.text, bitsPerWeight: reports.bitsPerWeight,
          zeroFraction: reports.zeroFraction, errorSum: reports.errorSum),
        to: folder)
    }
    return CompressedModel(stage: stored, summary: try readSummary(stored))
  }

  private func compressor(of settings: CompressionSettings) throws(SettingsError) -> any LayerCompressor {
    guard let fault else { return try settings.compressor() }
    return try fault.injected(into: settings)
  }

  /// The checkpoint's own configuration and tokenizer beside the new weights, which are stored as floats.
  private func writeModel(_ model: some LanguageModel, to folder: String) throws {
    try writeSafetensors(model.checkpointTensors, to: folder + "/model.safetensors")
    let configuration = try String(contentsOfFile: modelFolder + "/config.json", encoding: .utf8)
    try configuration.replacing("\"bfloat16\"", with: "\"float32\"").replacing("\"float16\"", with: "\"float32\"")
      .write(toFile: folder + "/config.json", atomically: true, encoding: .utf8)
    for file in Tokenizer.fileNames
    where FileManager.default.fileExists(atPath: modelFolder + "/" + file) {
      // The files of a fetched model are links, which lead nowhere from another folder.
      let source = URL(fileURLWithPath: modelFolder + "/" + file).resolvingSymlinksInPath()
      try FileManager.default.copyItem(atPath: source.path, toPath: folder + "/" + file)
    }
  }

  // MARK: Training

  /// A PEFT folder with the trained adapter.
  func train(
    _ setting: RecoverySetting, of model: some LanguageModel, by training: TrainingSetting?,
    stage planned: PlannedStage
  ) throws -> TrainedAdapter {
    guard let training, let method = setting.method.adapter(for: model, tokenizer: tokenizer)
    else {
      preconditionFailure("\(setting.name) trains nothing")
    }
    try setting.method.expectLayers(of: model)
    try method.expectRoom(forSequencesOf: training.length, in: model)
    let stored = try stage(planned) { folder in
      let tokens = try TrainingCorpus(training.kind, file: sources.path(training.corpus)).tokens(by: tokenizer)
      let sequences = try TokenSequences(tokens: tokens, length: training.length, seed: suite.seed)
      let tokensPerStep = training.batch * training.length
      let loop = TrainingLoop(recipe: training.recipe, batch: { sequences.batch($0, size: training.batch) }) {
        parameters, batch, step in
        try method.gradient(
          parameters, batch: batch, model: model, workers: workers, tokens: training.lossTokens,
          place: TrainingPlace(seed: suite.seed, step: step))
      }
      let state = try trained(
        loop,
        from: TrainingState(method.initialParameters(of: model, seed: suite.seed), options: training.recipe.options),
        planned
      ) { state in
        let note = "step \(state.step) of \(training.steps), loss \(rounded(state.losses[state.step - 1]))"
        tell(planned, Double(state.step) / Double(training.steps), state.step * tokensPerStep, note)
      }
      let (parameters, losses) = (state.parameters, state.losses)
      try AdapterFolder.write(parameters, of: method, model: model, modelName: modelName, to: folder)
      try write(
        TrainingSummary(
          steps: training.steps, tokens: training.steps * tokensPerStep, firstLoss: losses[0],
          lastLoss: losses[losses.count - 1], losses: curve(losses)),
        to: folder)
    }
    return TrainedAdapter(
      setting: setting, stage: stored,
      adapter: Adapter(
        method: method,
        parameters: try AdapterFolder.readParameters(of: method, model: model, from: stored.folder)),
      summary: try readSummary(stored))
  }

  /// Goes on from where a run that was stopped or killed within this training had come.
  private func trained(
    _ loop: TrainingLoop, from initial: TrainingState, _ planned: PlannedStage,
    progress: (TrainingState) -> Void
  ) throws -> TrainingState {
    let checkpoint = TrainingCheckpoint(path: store.stateFile(of: planned.key), question: planned.key.digest)
    do {
      return try ResumableTraining(loop, checkpoint: checkpoint)
        .run(from: initial, shouldStop: shouldStop, progress: progress)
    } catch is TrainingStopped {
      throw RunStopped()
    }
  }

  /// The means of consecutive parts of the losses, twenty at most: a result is to be read by people too.
  private func curve(_ losses: [Double]) -> [Double] {
    let partCount = min(20, losses.count)
    return (0..<partCount).map { part in
      mean(Array(losses[part * losses.count / partCount..<(part + 1) * losses.count / partCount]))
    }
  }

  private func rounded(_ loss: Double) -> String { String(format: "%.4f", loss) }

  // MARK: Scoring

  func score<Model: LanguageModel>(
    _ task: ScoredTask, by recovered: RecoveredModel<Model>, stage planned: PlannedStage
  ) throws -> (result: TaskResult, stage: StoredStage) {
    let stored = try stage(planned) { folder in
      let (result, documents) =
        task.isGenerated
        ? try writtenResult(of: task, by: recovered, stage: planned)
        : try scoredResult(of: task, by: recovered, stage: planned)
      try DocumentRecords.lines(documents).write(to: URL(fileURLWithPath: folder + "/" + Self.documentsFile))
      try write(result, to: folder)
    }
    return (try readSummary(stored), stored)
  }

  /// What the model said to the documents of all tasks, as their stages stored it.
  static func documentLines(of stages: [StoredStage]) throws -> Data {
    let lines = try stages.map { try Data(contentsOf: URL(fileURLWithPath: $0.folder + "/" + documentsFile)) }
    return Data(lines.joined())
  }

  private func scoredResult<Model: LanguageModel>(
    of task: ScoredTask, by recovered: RecoveredModel<Model>, stage planned: PlannedStage
  ) throws -> (TaskResult, [DocumentRecord]) {
    let scorer = LogLikelihoodScorer(
      model: recovered.model, prompts: recovered.prompts, maximumLength: recovered.model.shape.maximumPositions,
      workers: workers, schedule: schedule)
    let done = Mutex((requests: 0, tokens: 0))
    let scores = try scorer.scores(of: task.requests) { requests, tokens in
      // Within the lock, so that what is shown never goes back.
      try done.withLock {
        $0.requests += requests
        $0.tokens += tokens
        let note = "request \($0.requests) of \(task.requests.count)"
        try advance(planned, Double($0.requests) / Double(task.requests.count), $0.tokens, note)
      }
    }
    let bits = scores.flatMap { score in withUnsafeBytes(of: score.logLikelihood.bitPattern.littleEndian, Array.init) }
    return try result(
      of: task, TaskScore(documents: task.documents, results: scores), scoresDigest: sha256(bits),
      wins: scores.compactMap(\.wins), vocabularySize: recovered.model.shape.vocabularySize)
  }

  private func writtenResult<Model: LanguageModel>(
    of task: ScoredTask, by recovered: RecoveredModel<Model>, stage planned: PlannedStage
  ) throws -> (TaskResult, [DocumentRecord]) {
    let writer = AnswerWriter(
      decoder: GreedyDecoder(
        model: recovered.model, prompts: recovered.prompts, maximumLength: recovered.model.shape.maximumPositions,
        workers: workers),
      tokenizer: tokenizer, harness: task.harness)
    var answers: [GeneratedAnswer] = []
    // Several for each thread, as they end at different times.
    let groupSize = 16 * workers.threadCount
    while answers.count < task.documents.count {
      answers += try writer.answers(to: Array(task.documents[answers.count...].prefix(groupSize)))
      let share = Double(answers.count) / Double(task.documents.count)
      let note = "answer \(answers.count) of \(task.documents.count)"
      try advance(planned, share, Int(Double(task.tokenCount) * share), note)
    }
    return try result(
      of: task, TaskScore(documents: task.documents, outputs: answers),
      scoresDigest: sha256(answers.map(\.text).joined(separator: "\0").utf8), wins: answers.compactMap(\.wins),
      vocabularySize: recovered.model.shape.vocabularySize)
  }

  private func result(
    of task: ScoredTask, _ score: TaskScore, scoresDigest: String, wins: [PromptWins], vocabularySize: Int
  ) throws -> (TaskResult, [DocumentRecord]) {
    if let broken = score.documents.first(where: \.hasNaN) {
      throw ScoringError.notANumber(task: task.setting.task, document: broken.index)
    }
    let normalized = score.documents.compactMap(\.isCorrectNormalized)
    let flags = task.flags + score.flags(asked: task.documents, vocabularySize: vocabularySize)
    let result = TaskResult(
      name: task.setting.task, version: task.version, correct: score.documents.map(\.isCorrect),
      correctNormalized: normalized.count == score.documents.count ? normalized : nil,
      chance: chance(of: task), perplexity: score.perplexity,
      answersDigest: sha256(score.documents.map(\.answer).joined(separator: "\n").utf8), scoresDigest: scoresDigest,
      promptWins: wins.sums, notes: flags.map(\.text))
    let documents = score.documents.map {
      DocumentRecord(task: result.name, document: $0.index, isCorrect: $0.isCorrect, margin: $0.margin)
    }
    return (result, documents)
  }

  /// What guessing gives; nil where the model is not asked to choose.
  private func chance(of task: ScoredTask) -> Double? {
    let guessed = task.documents.compactMap { document -> Double? in
      if case .multipleChoice = document.judgement { 1 / Double(document.requests.count) } else { nil }
    }
    return !guessed.isEmpty && guessed.count == task.documents.count ? mean(guessed) : nil
  }

  // MARK: Stages

  func stage(_ planned: PlannedStage, make: (String) throws -> Void) throws -> StoredStage {
    if shouldStop() { throw RunStopped() }
    let stored = try store.stage(planned.key) { folder in
      report(.stageBegan(stage: planned.name, work: planned.work))
      try make(folder)
    }
    report(
      .stageEnded(stage: planned.name, work: planned.work, wasReused: stored.wasReused, seconds: stored.seconds))
    return stored
  }

  func advance(_ planned: PlannedStage, _ share: Double, _ tokens: Int, _ note: String) throws {
    if shouldStop() { throw RunStopped() }
    tell(planned, share, tokens, note)
  }

  private func tell(_ planned: PlannedStage, _ share: Double, _ tokens: Int, _ note: String) {
    report(.stageAdvanced(done: planned.work * share, count: tokens, unit: "tokens", note: note))
  }

  func write(_ summary: some Encodable, to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(summary).write(to: URL(fileURLWithPath: folder + "/" + Self.summaryFile))
  }

  func readSummary<Summary: Decodable>(_ stage: StoredStage) throws -> Summary {
    let data = try Data(contentsOf: URL(fileURLWithPath: stage.folder + "/" + Self.summaryFile))
    return try JSONDecoder().decode(Summary.self, from: data)
  }
}
