import ArgumentParser
import Comparison
import Experiments
import Foundation
import Models
import Results
import Tensors
import Training

struct PretrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Train a small language model from random weights, and write a Hugging Face folder.",
    discussion: """
      Every tensor is trained, by AdamW, on documents in front of each of which stands the tokenizer's first token. The \
      learning rate rises over the first steps and then falls to zero. A training that was stopped or killed goes on where \
      it was when the same command is given again, to the same bits on any number of threads.

      A Llama becomes a model.safetensors, an OPT a pytorch_model.bin, both of half-precision numbers, with config.json, \
      the tokenizer's files, and pretraining.json, which has all settings, digests and losses.

      This is how the models of the embedded world were made.

      Example:
        recollect pretrain --architecture llama --width 128 --blocks 4 --heads 4 --key-value-heads 2 --inner 344 \\
          --tokenizer DIR --corpus wikitext=wiki.train.raw --corpus c4=c4.jsonl --tokens 20000000 -o small-llama
      """)

  enum Architecture: String, ExpressibleByArgument, CaseIterable { case llama, opt }

  @Option(help: "llama or opt.")
  var architecture: Architecture

  @Option(help: "The width of the hidden states.")
  var width: Int

  @Option(help: "The number of blocks.")
  var blocks: Int

  @Option(help: "The query heads, which share the width.")
  var heads: Int

  @Option(help: "The heads of keys and values. (default: as many; OPT has no other)")
  var keyValueHeads: Int?

  @Option(help: "The width within the feed-forward layers.")
  var inner: Int

  @Option(help: "The positions that the model is made for.")
  var positions = 256

  @Flag(help: "The embedding of a Llama serves as its head; OPT's always does.")
  var tieHead = false

  @Option(help: "Begin with the model in this folder, which has the same shape, in place of random weights.")
  var from: String?

  @Option(help: "A folder with the tokenizer.")
  var tokenizer: String

  @Option(
    help: "A text: c4=FILE of JSON lines, perhaps compressed by gzip, wikitext=FILE, or text=FILE. May be repeated.")
  var corpus: [TrainingCorpus]

  @Option(help: "Tokens over the whole training.")
  var tokens: Int

  @Option(help: "Sequences of a step.")
  var batch = 16

  @Option(help: "Tokens of a sequence. (default: the positions)")
  var length: Int?

  @Option(help: "The highest learning rate.")
  var learningRate = 3e-3

  @Option(help: "The steps over which the learning rate rises. (default: a fiftieth of all)")
  var warmup: Int?

  @Option(help: "The weight decay.")
  var weightDecay = 0.1

  @Option(help: "Scale gradients of a larger total norm down to this one.")
  var clip = 1.0

  @Option(help: "What the first weights and the order of the sequences are drawn by.")
  var seed: UInt64 = 0

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @Option(
    name: [.short, .long], help: "The folder to write; it must be empty, not there, or begun by the same command.")
  var output: String

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func validate() throws {
    for (name, value, range) in [
      ("width", width, 2...65_536), ("blocks", blocks, 1...1000), ("heads", heads, 1...1024),
      ("key-value-heads", keyValueHeads ?? heads, 1...1024), ("inner", inner, 1...1 << 20),
      ("positions", positions, 2...1 << 20), ("batch", batch, 1...65_536),
      ("length", length ?? positions, 2...positions),
      ("tokens", tokens, 1...1 << 40), ("warmup", warmup ?? 0, 0...1 << 40), ("threads", threads ?? 1, 1...1024),
    ] where !range.contains(value) {
      throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound).")
    }
    guard width % heads == 0, width / heads % 2 == 0 else {
      throw ValidationError("--width must be an even multiple of --heads.")
    }
    guard heads % (keyValueHeads ?? heads) == 0 else {
      throw ValidationError("--heads must be a multiple of --key-value-heads.")
    }
    if architecture == .opt, keyValueHeads ?? heads != heads {
      throw ValidationError("--key-value-heads belongs to --architecture llama.")
    }
    if architecture == .opt, tieHead { throw ValidationError("OPT's embedding is its head: leave --tie-head out.") }
    for (name, value) in [("learning-rate", learningRate), ("clip", clip)] where !(value > 0 && value.isFinite) {
      throw ValidationError("--\(name) must be above 0.")
    }
    if !(weightDecay >= 0 && weightDecay.isFinite) { throw ValidationError("--weight-decay must be at least 0.") }
    if corpus.isEmpty { throw ValidationError("Name a text with --corpus.") }
  }

  func run() throws {
    try reportingErrors {
      let signals = StopSignals()
      let vocabulary = try Tokenizer(folder: tokenizer).vocabularySize
      let shape = ModelShape(
        vocabularySize: vocabulary, width: width, embeddingWidth: width, blockCount: blocks, headCount: heads,
        keyValueHeadCount: keyValueHeads ?? heads, headWidth: width / heads, maximumPositions: positions,
        hasPositionTable: architecture == .opt)
      let form: ModelForm =
        switch architecture {
        case .llama: .llama(shape, feedForwardWidth: inner, tiesHead: tieHead)
        case .opt: .opt(shape, feedForwardWidth: inner)
        }
      let length = length ?? positions
      let steps = TrainingRecipe.stepCount(forTokens: tokens, batchSize: batch, length: length)
      let recipe = TrainingRecipe(
        stepCount: steps, batchSize: batch, learningRate: learningRate,
        schedule: .linear(warmupSteps: warmup ?? steps / 50, totalSteps: steps),
        // The second beta of the published models: Llama and OPT (Touvron et al. 2023, section 2.3; Zhang et al. 2022, 2.2).
        options: AdamWOptions(beta2: 0.95, weightDecay: weightDecay, maximumGradientNorm: clip))
      var training = ModelTraining(
        form: form, tokenizerFolder: tokenizer, corpora: corpus, output: output, seed: seed, recipe: recipe,
        length: length,
        workers: Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount))
      training.startFolder = from
      let progress = TrainingProgress(isQuiet: quiet)
      do {
        let record = try training.run(
          environment: Environment(programVersion: Recollect.version), shouldStop: { signals.received != nil }
        ) { event in
          switch event {
          case .begun(let done, let count, let tokensPerStep, let parameters, let corpusTokens):
            if !quiet { standardError("The corpus has \(corpusTokens) tokens.") }
            progress.show(
              .begun(stepsDone: done, of: count, tokensPerStep: tokensPerStep, trainedParameters: parameters))
          case .stepDone(let step, let loss): progress.show(.stepDone(step, loss: loss))
          }
        }
        progress.end()
        print(
          "\(grouped(record.parameters)) parameters trained on \(grouped(record.tokens)) tokens, loss \(String(format: "%.4f", record.losses[record.losses.count - 1])) at the end: \(output)"
        )
      } catch is TrainingStopped {
        progress.end()
        standardError(
          "Stopped. The state of the training is kept in \(output): the same command goes on from there.")
        throw signals.exitCode
      } catch {
        progress.end()
        throw error
      }
    }
  }
}
