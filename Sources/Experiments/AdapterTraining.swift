import Artifacts
import Evaluation
import Foundation
import Models
import Recovery
import Results
import Tensors
import Training

/// What can be wrong with the folder that a training writes, or with what it is to train on.
package enum AdapterTrainingError: Error, Equatable {
  /// The folder holds something else than a training that was begun with the same settings.
  case outputTaken(folder: String)
  /// The folder holds a training of another model or text, or with other settings: finished, or begun.
  case otherTraining(folder: String)
  /// Another process is writing to the folder.
  case outputInUse(folder: String)
  case unwritable(folder: String, reason: String)
  /// The model that a training is to begin with has other sizes.
  case otherShape(folder: String)
  /// The validation text is the training text.
  case validatedOnTraining(file: String)
  /// The text has fewer sequences than the validation is to have.
  case validationTooShort(file: String, sequences: Int, needed: Int)
  /// The architecture has no layers of these names.
  case unknownLayers([String], known: [String])
}

/// Trains an adapter of a checkpoint's folder into a PEFT folder. A training that was stopped or killed goes on from its
/// last state, to the same bits.
///
/// Until it is finished the state is in `unfinished` within the folder; `training.json` is written last.
package struct AdapterTraining {
  package let modelFolder: String
  package let output: String
  package let method: RecoveryMethod
  package let setting: TrainingSetting
  package let kind: TrainingCorpus.Kind
  package let seed: UInt64
  package var documentLimit: Int?
  package var validation: ValidationSetting?
  package let workers: Workers
  /// Sequences of a batch that run at once, at most; nil for as many as there are workers.
  package var sequencesAtOnce: Int?
  package var checkpoints = CheckpointSchedule()

  /// What a training is validated on, and what for.
  package struct ValidationSetting: Sendable {
    /// nil for the last sequences of the training's own corpus.
    package let corpus: TrainingCorpus?
    package let sequences: Int
    package let stepInterval: Int
    package let kept: KeptParameters

    package init(corpus: TrainingCorpus?, sequences: Int, stepInterval: Int, kept: KeptParameters) {
      self.corpus = corpus
      self.sequences = sequences
      self.stepInterval = stepInterval
      self.kept = kept
    }
  }

  /// What happens, for whoever shows it.
  package enum Event: Sendable {
    /// It begins, or goes on behind so many steps.
    case begun(stepsDone: Int, of: Int, tokensPerStep: Int, trainedParameters: Int)
    case validated(step: Int, loss: Double)
    case stepDone(Int, loss: Double)
  }

  package init(
    modelFolder: String, output: String, method: RecoveryMethod, setting: TrainingSetting, kind: TrainingCorpus.Kind,
    seed: UInt64, workers: Workers
  ) {
    self.modelFolder = modelFolder
    self.output = output
    self.method = method
    self.setting = setting
    self.kind = kind
    self.seed = seed
    self.workers = workers
  }

  private var workFolder: String { output + "/unfinished" }

  /// - Parameter model: that of the folder.
  /// - Returns: the record, and whether the folder had been finished before.
  /// - Throws: `TrainingStopped`, `TrainingError`, `AdapterTrainingError`, `CheckpointError`, `PositionError` and others
  ///   of what is read.
  package func run(
    _ model: some LanguageModel, environment: Environment, shouldStop: @escaping @Sendable () -> Bool = { false },
    report: @escaping (Event) -> Void = { _ in }
  ) throws -> (record: TrainingRecord, wasFinished: Bool) {
    let tokenizer = try Tokenizer(folder: modelFolder)
    guard let adapter = method.adapter(for: model, tokenizer: tokenizer) else {
      preconditionFailure("\(method) trains nothing")
    }
    try method.expectLayers(of: model)
    let question = try question()
    if let record = try finished(question) { return (record, true) }
    let lock = try locked()
    defer { lock.release() }
    try CheckpointFolder(modelFolder).checkFinite(workers: workers)
    try adapter.expectRoom(forSequencesOf: setting.length, in: model)
    let texts = try texts(for: model, tokenizer)
    let initial = TrainingState(adapter.initialParameters(of: model, seed: seed), options: setting.recipe.options)
    let clock = ContinuousClock()
    var (start, firstStep, validationsShown) = (clock.now, 0, 0)
    let loop = loop(training: adapter, of: model, on: texts, shouldStop)
    let state = try ResumableTraining(
      loop, checkpoint: TrainingCheckpoint(path: workFolder + "/state.safetensors", question: try question.digest),
      schedule: checkpoints
    ).run(from: initial, shouldStop: shouldStop) { step in
      (start, firstStep) = (clock.now, step)
      report(
        .begun(
          stepsDone: step, of: setting.steps, tokensPerStep: setting.batch * setting.length,
          trainedParameters: initial.parameters.count))
    } progress: { state in
      for validation in state.validations[validationsShown...] {
        report(.validated(step: validation.step, loss: validation.loss))
      }
      validationsShown = state.validations.count
      report(.stepDone(state.step, loss: state.losses[state.step - 1]))
    }
    let steps = state.step - firstStep
    let seconds = (clock.now - start) / .seconds(1)
    let run = TrainingRecord.Run(
      threads: workers.threadCount, steps: steps, seconds: seconds,
      tokensPerSecond: steps > 0 ? Double(steps * setting.batch * setting.length) / seconds : nil)
    return (try finish(state, adapter, model, question, texts.training, environment, run), false)
  }

  // MARK: What is asked

  private func question() throws -> TrainingQuestion {
    func corpus(_ kind: TrainingCorpus.Kind, _ file: String, _ sha256: String) -> TrainingQuestion.Corpus {
      .init(
        kind: kind, file: URL(fileURLWithPath: file).lastPathComponent, sha256: sha256,
        documentLimit: kind == .c4 ? documentLimit : nil)
    }
    let held = try validation.map { validation in
      TrainingQuestion.Validation(
        corpus: try validation.corpus.map { other in
          let digest = try fileDigests([other.file])[0]
          guard digest != setting.sha256 else { throw AdapterTrainingError.validatedOnTraining(file: other.file) }
          return corpus(other.kind, other.file, digest)
        }, sequences: validation.sequences, stepInterval: validation.stepInterval, kept: validation.kept)
    }
    return TrainingQuestion(
      method: .init(method), recipe: .init(setting), seed: seed,
      corpus: corpus(kind, setting.corpus, setting.sha256), validation: held,
      modelFiles: try EvaluatedFolder(model: modelFolder, workers: workers).digests, kernel: OpenBLAS.kernel)
  }

  // MARK: What is there already

  private func finished(_ question: TrainingQuestion) throws -> TrainingRecord? {
    guard let record = try TrainingRecord.read(folder: output) else { return nil }
    guard record.question == question else { throw AdapterTrainingError.otherTraining(folder: output) }
    // Who was killed at the very end left it.
    try removeWork()
    return record
  }

  private func locked() throws -> FileLock {
    let files = FileManager.default
    let isBegun = files.fileExists(atPath: workFolder)
    if !isBegun, files.fileExists(atPath: output), try !files.contentsOfDirectory(atPath: output).isEmpty {
      throw AdapterTrainingError.outputTaken(folder: output)
    }
    do {
      try files.createDirectory(atPath: workFolder, withIntermediateDirectories: true)
    } catch {
      throw AdapterTrainingError.unwritable(folder: workFolder, reason: error.localizedDescription)
    }
    guard let lock = try FileLock.tried(path: workFolder + "/lock", name: output) else {
      throw AdapterTrainingError.outputInUse(folder: output)
    }
    return lock
  }

  private func removeWork() throws {
    guard FileManager.default.fileExists(atPath: workFolder) else { return }
    try FileManager.default.removeItem(atPath: workFolder)
  }

  // MARK: Training

  private func texts(
    for model: some LanguageModel, _ tokenizer: Tokenizer
  ) throws -> (training: TokenSequences, validation: [[Int]]) {
    func tokens(_ corpus: TrainingCorpus) throws -> [Int] {
      let tokens = try corpus.tokens(by: tokenizer, documentLimit: documentLimit ?? .max)
      try model.shape.expectTokens(tokens, of: corpus.file)
      return tokens
    }
    let own = validation?.corpus == nil ? validation?.sequences ?? 0 : 0
    let training = try TokenSequences(
      tokens: tokens(TrainingCorpus(kind, file: setting.corpus)), length: setting.length, seed: seed, heldOutCount: own)
    guard let validation, let corpus = validation.corpus else { return (training, training.heldOut) }
    let held = try tokens(corpus)
    guard held.count >= validation.sequences * setting.length else {
      throw AdapterTrainingError.validationTooShort(
        file: corpus.file, sequences: held.count / setting.length, needed: validation.sequences)
    }
    let sequences = (0..<validation.sequences).map { Array(held[$0 * setting.length..<($0 + 1) * setting.length]) }
    return (training, sequences)
  }

  private func loop<Model: LanguageModel>(
    training adapter: AdapterMethod, of model: Model, on texts: (training: TokenSequences, validation: [[Int]]),
    _ shouldStop: @escaping @Sendable () -> Bool
  ) -> TrainingLoop {
    // A sequence runs on one thread.
    let few = Workers(threadCount: min(workers.threadCount, sequencesAtOnce ?? workers.threadCount))
    var loop = TrainingLoop(recipe: setting.recipe, batch: { texts.training.batch($0, size: setting.batch) }) {
      parameters, batch, step in
      try adapter.gradient(
        parameters, batch: batch, model: model, workers: few, tokens: setting.lossTokens,
        place: TrainingPlace(seed: seed, step: step))
    }
    loop.placeOfFailure = { adapter.placeOfFailure($0, batch: $1, model: model) }
    if let validation {
      loop.validation = ValidationSchedule(stepInterval: validation.stepInterval) { parameters in
        let adapted = try AdaptedModel(model, [Adapter(method: adapter, parameters: adapter.stored(parameters))])
        let found = try WindowPerplexity(
          of: adapted.model, prompts: adapted.prompts, windows: texts.validation, workers: few
        ) { _, _ in if shouldStop() { throw TrainingStopped() } }
        // Windows of one length: the mean over them is that over tokens.
        return found.windowLosses.reduce(0, +) / Double(found.windowLosses.count)
      }
    }
    return loop
  }

  // MARK: The end

  private func finish(
    _ state: TrainingState, _ adapter: AdapterMethod, _ model: some LanguageModel, _ question: TrainingQuestion,
    _ sequences: TokenSequences, _ environment: Environment, _ run: TrainingRecord.Run
  ) throws -> TrainingRecord {
    let best = question.validation?.kept == .best ? state.best : nil
    let kept = best?.parameters ?? state.parameters
    try AdapterFolder.write(
      kept, of: adapter, model: model, modelName: modelFolder, to: output)
    let files = AdapterFolder.files(of: output).map { URL(fileURLWithPath: $0).lastPathComponent }
    let record = TrainingRecord(
      question: question, parameters: .init(adapter.parameterCounts(of: AdaptedShape(model))),
      corpusTokens: sequences.corpusTokens, sequencesPerEpoch: sequences.sequencesPerEpoch, losses: state.losses,
      validations: state.validations.map { .init(step: $0.step, loss: $0.loss, perplexity: exp($0.loss)) },
      keptStep: best?.step ?? state.step,
      files: Dictionary(uniqueKeysWithValues: zip(files, try fileDigests(files.map { output + "/" + $0 }))),
      environment: environment, run: run)
    let path = output + "/" + TrainingRecord.fileName
    try writeResult(resultJSON(record, file: path), to: path)
    try removeWork()
    return record
  }
}

extension AdapterMethod {
  /// Where the first number that is not finite arises when the batch runs; nil where that does not show.
  fileprivate func placeOfFailure<Model: LanguageModel>(
    _ parameters: ParameterSet, batch: [[Int]], model: Model
  ) -> String? {
    func place(
      _ model: Model, behind prefix: KeyValueCache? = nil, _ embeddings: (Model, [Int]) -> Matrix
    ) -> String? {
      for sequence in batch {
        let place = model.firstPlaceNotFinite(embeddings: embeddings(model, sequence), behind: prefix)
        if let place { return place }
      }
      return nil
    }
    switch self {
    case .lowRank(let method): return place(method.install(parameters, in: model)) { $0.embedded($1) }
    case .prompt: return place(model) { parameters.values[0].stacked(on: $0.embedded($1)) }
    case .prefix(let method):
      let prefix = method.cache(method.table(parameters), of: model)
      return place(model, behind: prefix) { $0.embedded($1) }
    }
  }
}

extension RecoveryMethod {
  func expectLayers<Model: LanguageModel>(of: Model) throws(AdapterTrainingError) {
    guard case .lora(let setting) = self, case .named(let names) = setting.targets else { return }
    let known = LoRASetting.Targets.roles(of: Model.self)
    let unknown = names.filter { !known.contains($0) }
    if !unknown.isEmpty { throw .unknownLayers(unknown, known: known) }
  }
}
