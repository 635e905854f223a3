import ArgumentParser
import Comparison
import Experiments
import Foundation
import Models
import Results
import Tensors
import Training

struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Train an adapter that brings back what compression displaced, and write a PEFT folder.",
    discussion: """
      The model stays as it is: a LoRA adds trained updates of low rank beside its layers, a prompt puts trained \
      embeddings in front of its input, and a prefix trained keys and values in front of those of every layer. The \
      defaults are the paper's recipe, where it states one. The text is encoded as one and cut into sequences, whose \
      order the seed gives; epochs follow until all tokens are seen.

      The last sequences of the corpus, or those of --validation, are not trained on: their perplexity is measured on the \
      way, and the best parameters are kept. It is over real tokens only, so that prompts of any length compare.

      A training that was stopped or killed goes on where it was when the same command is given again, to the same bits, \
      on any number of threads. One that diverges ends with the step and what went wrong.

      training.json in the new folder has all settings and digests, the losses and validation curves, and how many \
      parameters were trained. The folder is read by --adapter of evaluate and perplexity, and by PEFT.

      Examples:
        recollect recover --model DIR --method lora --rank 8 --corpus c4=c4.jsonl.gz --steps 500 -o lora-8
        recollect recover --model DIR --method prompt --tokens 100 --corpus wikitext=wiki.train.raw -o prompt-100
        recollect perplexity --model DIR --adapter prompt-100 --wikitext wiki.test.raw
      """)

  @Option(help: "The folder of the model, with its tokenizer.")
  var model: String

  @OptionGroup var method: RecoveryArguments
  @OptionGroup var training: TrainingArguments

  @Option(
    name: [.short, .long], help: "The folder to write; it must be empty, not there, or begun by the same command.")
  var output: String

  @Flag(help: "Print the record, training.json.")
  var json = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func run() throws {
    try reportingErrors {
      let signals = StopSignals()
      try recover(loadModel(folder: model), signals)
    }
  }

  private func recover(_ loaded: some LanguageModel, _ signals: StopSignals) throws {
    let recovery = method.recovery
    var task = AdapterTraining(
      modelFolder: model, output: output, method: recovery,
      setting: try training.setting(
        for: loaded.shape, virtualTokens: method.tokens ?? 0, digest: try fileDigests([training.corpus.file])[0]),
      kind: training.corpus.kind, seed: training.seed,
      workers: Workers(threadCount: training.threads ?? ProcessInfo.processInfo.activeProcessorCount))
    task.documentLimit = training.documents
    task.validation = training.validationSetting
    task.sequencesAtOnce = training.microBatch
    task.checkpoints.stepInterval = training.checkpointEvery
    let progress = TrainingProgress(isQuiet: quiet)
    let outcome: (record: TrainingRecord, wasFinished: Bool)
    do {
      outcome = try task.run(
        loaded, environment: Environment(programVersion: Recollect.version),
        shouldStop: { signals.received != nil }, report: { progress.show($0) })
    } catch is TrainingStopped {
      progress.end()
      standardError("Stopped. The state of the training is kept in \(output): the same command goes on from there.")
      throw signals.exitCode
    } catch {
      progress.end()
      throw error
    }
    progress.end()
    try show(outcome.record, wasFinished: outcome.wasFinished)
  }

  private func show(_ record: TrainingRecord, wasFinished: Bool) throws {
    if json {
      FileHandle.standardOutput.write(try resultJSON(record, file: "standard output"))
      return
    }
    if wasFinished { print("\(output) was finished before.") }
    let recipe = record.question.recipe
    let speed = record.run.tokensPerSecond.map { ", \(Int($0.rounded())) tokens/s" } ?? ""
    print(
      "\(grouped(record.parameters.trained)) parameters trained on \(grouped(recipe.tokens)) tokens in \(grouped(recipe.steps)) steps\(speed): \(output)"
    )
    let losses = record.losses
    let shown = min(50, (losses.count + 1) / 2)
    func mean(_ part: ArraySlice<Double>) -> String {
      String(format: "%.4f", part.reduce(0, +) / Double(part.count))
    }
    print(
      "Loss: \(mean(losses.prefix(shown))) over the first \(shown) steps, \(mean(losses.suffix(shown))) over the last")
    if let first = record.validations.first, let kept = record.validations.last(where: { $0.step == record.keptStep }) {
      print(
        "Validation perplexity: \(String(format: "%.4f", first.perplexity)) before, \(String(format: "%.4f", kept.perplexity)) with the parameters of step \(kept.step), which are kept"
      )
    }
  }
}
