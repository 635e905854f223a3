import Artifacts
import Foundation
import Models
import Results
import Tensors
import Training

/// Trains a whole model from random weights on a corpus, into a Hugging Face folder. A training that was stopped or killed
/// goes on from its last state, to the same bits.
///
/// Until it is finished the state is in `unfinished` within the folder; `pretraining.json` is written last.
package struct ModelTraining: Sendable {
  /// What is asked; with the kernel it determines every bit of the result.
  package struct Question: Codable, Equatable, Sendable {
    package struct Corpus: Codable, Equatable, Sendable {
      package var kind: TrainingCorpus.Kind
      package var file: String
      package var sha256: String
    }

    /// The `config.json`.
    package var configuration: String
    package var tokenizer: [String: String]
    /// SHA-256 by name of the model that the training begins with; nil for random weights.
    package var start: [String: String]?
    package var corpora: [Corpus]
    package var seed: UInt64
    package var steps: Int
    package var batch: Int
    package var length: Int
    package var learningRate: Double
    package var warmupSteps: Int
    package var weightDecay: Double
    package var secondBeta: Double
    package var clip: Double
    package var kernel: String
  }

  /// What came of it.
  package struct Record: Codable, Equatable, Sendable {
    package var question: Question
    package var parameters: Int
    package var corpusTokens: Int
    package var tokens: Int
    /// Means over consecutive hundredths of the training, in nats a token.
    package var losses: [Double]
    /// SHA-256 by name.
    package var files: [String: String]
    package var environment: Environment
    package var threads: Int
    package var seconds: Double
  }

  package enum Event: Sendable {
    case begun(stepsDone: Int, of: Int, tokensPerStep: Int, parameters: Int, corpusTokens: Int)
    case stepDone(Int, loss: Double)
  }

  package let form: ModelForm
  /// The folder of a model of the same form that the training begins with; nil for random weights.
  package var startFolder: String?
  package let tokenizerFolder: String
  package let corpora: [TrainingCorpus]
  package let output: String
  package let seed: UInt64
  package let recipe: TrainingRecipe
  package let length: Int
  package let workers: Workers

  package init(
    form: ModelForm, tokenizerFolder: String, corpora: [TrainingCorpus], output: String, seed: UInt64,
    recipe: TrainingRecipe, length: Int, workers: Workers
  ) {
    self.form = form
    self.tokenizerFolder = tokenizerFolder
    self.corpora = corpora
    self.output = output
    self.seed = seed
    self.recipe = recipe
    self.length = length
    self.workers = workers
  }

  package static let recordName = "pretraining.json"
  private static let format = NamedTensor.FloatFormat.float16
  private var workFolder: String { output + "/unfinished" }

  /// - Throws: `TrainingStopped`, `TrainingError`, `AdapterTrainingError` for the folder, `CheckpointError`.
  package func run(
    environment: Environment, shouldStop: @escaping @Sendable () -> Bool = { false },
    report: @escaping (Event) -> Void = { _ in }
  ) throws -> Record {
    try run(initialModel(), environment, shouldStop, report)
  }

  private func initialModel() throws -> any LanguageModel {
    let model = form.initialized(seed: seed)
    guard let startFolder else { return model }
    func started<Model: LanguageModel>(_ model: Model) throws -> any LanguageModel {
      let start = try Model(folder: startFolder)
      guard start.shape == model.shape else { throw AdapterTrainingError.otherShape(folder: startFolder) }
      return model.with(ParameterSet(try start.widenedTensors()))
    }
    return try started(model)
  }

  private func run<Model: LanguageModel>(
    _ model: Model, _ environment: Environment, _ shouldStop: @escaping @Sendable () -> Bool,
    _ report: @escaping (Event) -> Void
  ) throws -> Record {
    let lock = try locked()
    defer { lock.release() }
    let tokenizer = try Tokenizer(folder: tokenizerFolder)
    let tokens = try corpora.flatMap { try $0.documents().flatMap(tokenizer.encodeWithBeginning) }
    for corpus in corpora { try model.shape.expectTokens(tokens, of: corpus.file) }
    let sequences = try TokenSequences(tokens: tokens, length: length, seed: seed)
    let question = try question()
    let loop = TrainingLoop(recipe: recipe, batch: { sequences.batch($0, size: recipe.batchSize) }) {
      parameters, batch, _ in try model.with(parameters).wholeGradient(batch, workers: workers)
    }
    let checkpoint = TrainingCheckpoint(
      path: workFolder + "/state.safetensors", question: sha256(try resultJSON(question, file: output))
    )
    let initial = TrainingState(model.tensorParameters, options: recipe.options)
    let clock = ContinuousClock()
    let start = clock.now
    let state = try ResumableTraining(loop, checkpoint: checkpoint).run(from: initial, shouldStop: shouldStop) { step in
      report(
        .begun(
          stepsDone: step, of: recipe.stepCount, tokensPerStep: recipe.batchSize * length,
          parameters: initial.parameters.count, corpusTokens: tokens.count))
    } progress: { state in
      report(.stepDone(state.step, loss: state.losses[state.step - 1]))
    }
    let seconds = (clock.now - start) / .seconds(1)
    var files = try form.write(model.with(state.parameters), storedAs: Self.format, to: output)
    for name in try tokenizerFiles() {
      let target = output + "/" + name
      try? FileManager.default.removeItem(atPath: target)
      let source = URL(fileURLWithPath: tokenizerFolder + "/" + name).resolvingSymlinksInPath()
      try FileManager.default.copyItem(atPath: source.path, toPath: target)
      files.append(name)
    }
    let digests = try fileDigests(files.map { output + "/" + $0 })
    let record = Record(
      question: question, parameters: initial.parameters.count, corpusTokens: tokens.count,
      tokens: recipe.stepCount * recipe.batchSize * length, losses: Self.curve(state.losses),
      files: Dictionary(uniqueKeysWithValues: zip(files, digests)), environment: environment,
      threads: workers.threadCount, seconds: seconds)
    let path = output + "/" + Self.recordName
    try writeResult(resultJSON(record, file: path), to: path)
    try FileManager.default.removeItem(atPath: workFolder)
    return record
  }

  private static func curve(_ losses: [Double]) -> [Double] {
    let parts = min(100, losses.count)
    return (0..<parts).map { part in
      let range = losses.count * part / parts..<losses.count * (part + 1) / parts
      return losses[range].reduce(0, +) / Double(range.count)
    }
  }

  private func question() throws -> Question {
    let names = try tokenizerFiles()
    let digests = try fileDigests(names.map { tokenizerFolder + "/" + $0 })
    let texts = try fileDigests(corpora.map(\.file))
    let warmup = if case .linear(let steps, _) = recipe.schedule { steps } else { 0 }
    return Question(
      configuration: form.configuration(format: Self.format),
      tokenizer: Dictionary(uniqueKeysWithValues: zip(names, digests)),
      start: try startFolder.map { try EvaluatedFolder(model: $0, workers: workers).digests },
      corpora: zip(corpora, texts).map { corpus, digest in
        .init(kind: corpus.kind, file: URL(fileURLWithPath: corpus.file).lastPathComponent, sha256: digest)
      }, seed: seed, steps: recipe.stepCount, batch: recipe.batchSize, length: length,
      learningRate: recipe.learningRate, warmupSteps: warmup, weightDecay: recipe.options.weightDecay,
      secondBeta: recipe.options.beta2, clip: recipe.options.maximumGradientNorm ?? 0, kernel: OpenBLAS.kernel)
  }

  private func tokenizerFiles() throws -> [String] {
    [
      "tokenizer.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json",
      "merges.txt",
    ]
    .filter { FileManager.default.fileExists(atPath: tokenizerFolder + "/" + $0) }
  }

  private func locked() throws -> FileLock {
    let files = FileManager.default
    if !files.fileExists(atPath: workFolder), files.fileExists(atPath: output),
      try !files.contentsOfDirectory(atPath: output).isEmpty
    {
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
}

extension TrainingCorpus {
  /// Its documents one by one: the pages of C4, the articles of Wikitext, or all of a text.
  package func documents() throws -> [String] {
    switch kind {
    case .c4: try TextCorpus(jsonLines: file).documents
    case .wikitext: try Wikitext(path: file).pages
    case .text: [try text(documentLimit: .max)]
    }
  }
}
