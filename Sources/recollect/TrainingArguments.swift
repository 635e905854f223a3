import ArgumentParser
import Experiments
import Models
import Recovery
import Training

extension TrainingCorpus: ExpressibleByArgument {
  /// Such as "c4=corpus.jsonl".
  package init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let kind = Kind(rawValue: parts[0]) else { return nil }
    self.init(kind, file: parts[1])
  }
}

extension TrainingSetting.Optimizer: ExpressibleByArgument {}
extension TrainingSetting.Schedule: ExpressibleByArgument {}
extension KeptParameters: ExpressibleByArgument {}
extension LossTokens: ExpressibleByArgument {}

/// On what, how long and how an adapter is trained.
struct TrainingArguments: ParsableArguments {
  @Option(
    help: "The text: c4=FILE of JSON lines, perhaps compressed by gzip, wikitext=FILE of raw Wikitext, or text=FILE.")
  var corpus: TrainingCorpus

  @Option(help: "Read no more than the first so many documents of C4.")
  var documents = 5000  // "Compress, then Prompt"

  @Option(help: "Input tokens over the whole training; virtual ones do not count. (default: 40960000, as the paper)")
  var tokensTotal: Int?

  @Option(help: "Steps, in place of --tokens-total.")
  var steps: Int?

  @Option(help: "Sequences of a step.")
  var batch = 2  // with 1024 tokens and 20 000 steps, the paper's tokens

  @Option(help: "Tokens of a sequence. (default: 1024, or fewer where the model has fewer positions)")
  var length: Int?

  @Option(help: "The learning rate.")
  var learningRate = 2e-4  // the paper, section 3

  @Option(help: "The weight decay.")
  var weightDecay = 1e-5  // the paper, section 3

  @Option(help: "How the learning rate goes on: constant, or linear, falling to zero at the last step.")
  var schedule = TrainingSetting.Schedule.constant

  @Option(help: "The steps over which --schedule linear rises from zero at first.")
  var warmup = 0

  @Option(help: "Scale gradients of a larger total norm down to this one. (default: leave them)")
  var clip: Double?

  @Option(
    help: "adamw, as torch.optim has it, or transformers-adamw, with ε = 1e-6 and the decay behind the update.")
  var optimizer = TrainingSetting.Optimizer.adamW

  @Option(
    help: """
      Which tokens the loss counts: predicted, all that a row predicts, the first behind a prompt too; following, all but \
      a sequence's first; or summed-following, those, summed over a sequence as in “Compress, then Prompt”.
      """)
  var lossTokens = LossTokens.predicted

  @Option(help: "What the first parameters and the order of the sequences are drawn by.")
  var seed: UInt64 = 0

  @Option(
    help: "A text for validation, like --corpus. (default: the last sequences of the corpus, which are not trained on)")
  var validation: TrainingCorpus?

  @Option(help: "Sequences for validation; 0 for none.")
  var validationSequences = 8

  @Option(help: "Validate before the first step, after every so many, and after the last.")
  var validateEvery = 100  // "Compress, then Prompt"

  @Option(help: "Which parameters are written: best, of the least validation loss, or last. (default: best)")
  var keep: KeptParameters?

  @Option(help: "Sequences of a batch that run at once, at most; fewer take less memory. (default: the threads)")
  var microBatch: Int?

  @Option(help: "Keep the state every so many steps, too; else about twice a minute.")
  var checkpointEvery: Int?

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  func validate() throws {
    for (name, value, least) in [
      ("documents", documents, 1), ("tokens-total", tokensTotal, 1), ("steps", steps, 1), ("batch", batch, 1),
      ("length", length, 2), ("warmup", warmup, 0), ("validation-sequences", validationSequences, 0),
      ("validate-every", validateEvery, 1), ("micro-batch", microBatch, 1), ("checkpoint-every", checkpointEvery, 1),
      ("threads", threads, 1),
    ] as [(String, Int?, Int)] {
      if let value, value < least { throw ValidationError("--\(name) must be at least \(least).") }
      if let value, value > 1 << 40 { throw ValidationError("--\(name) must be at most \(1 << 40).") }
    }
    if steps != nil, tokensTotal != nil {
      throw ValidationError("--steps and --tokens-total exclude each other; leave one out.")
    }
    if !(learningRate > 0 && learningRate.isFinite) { throw ValidationError("--learning-rate must be above 0.") }
    if !(weightDecay >= 0 && weightDecay.isFinite) { throw ValidationError("--weight-decay must be at least 0.") }
    if let clip, !(clip > 0 && clip.isFinite) { throw ValidationError("--clip must be above 0.") }
    if warmup > 0, schedule != .linear {
      throw ValidationError("--warmup belongs to --schedule linear; add that, or leave it out.")
    }
    if validationSequences == 0 {
      if keep == .best { throw ValidationError("--keep best needs --validation-sequences.") }
      if validation != nil {
        throw ValidationError("--validation needs --validation-sequences above 0; leave one out.")
      }
    }
  }

  /// - Parameters:
  ///   - virtualTokens: what a prompt takes of a table of positions.
  ///   - digest: of the corpus.
  func setting(for shape: ModelShape, virtualTokens: Int, digest: String) throws -> TrainingSetting {
    let room = shape.maximumPositions - (shape.hasPositionTable ? virtualTokens : 0)
    let length = length ?? max(2, min(1024, room))
    let tokensPerStep = batch.multipliedReportingOverflow(by: length)
    guard !tokensPerStep.overflow, tokensPerStep.partialValue < 1 << 31 else {
      throw ValidationError("--batch \(batch) of --length \(length) is more than a step can have.")
    }
    let total = (steps ?? 0).multipliedReportingOverflow(by: tokensPerStep.partialValue)
    guard !total.overflow else { throw ValidationError("--steps \(steps ?? 0) is too many.") }
    var setting = TrainingSetting(
      corpus: corpus.file, sha256: digest,
      tokens: steps == nil ? tokensTotal ?? 40_960_000 : total.partialValue,  // the paper, section 3
      batch: batch, length: length)
    guard warmup <= setting.steps else {
      throw ValidationError("--warmup \(warmup) is more than the \(setting.steps) steps of the training.")
    }
    setting.optimizer = optimizer
    if optimizer == .transformersAdamW { setting.epsilon = 1e-6 }
    setting.learningRate = learningRate
    setting.weightDecay = weightDecay
    setting.schedule = schedule
    setting.warmupSteps = warmup
    setting.maximumGradientNorm = clip
    setting.lossTokens = lossTokens
    return setting
  }

  var validationSetting: AdapterTraining.ValidationSetting? {
    validationSequences == 0
      ? nil
      : .init(
        corpus: validation, sequences: validationSequences, stepInterval: validateEvery, kept: keep ?? .best)
  }
}
