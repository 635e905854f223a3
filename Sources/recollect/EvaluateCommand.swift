import ArgumentParser
import Experiments
import Foundation
import Models
import Reports
import Results
import Tensors

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a model on benchmarks.",
    discussion: """
      The files of a benchmark are those of --file, else they are looked for below --data, else among what \
      `recollect fetch` got. Prints a table, or one JSON object with --json.

      \(ScoringArguments.journalDiscussion) What determines the scores is known by SHA-256: the files of model, adapters \
      and benchmarks, and this program.

      Example: recollect evaluate --model DIR --tasks arc_easy,piqa --data data -o results.json
      """)

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var taskArguments: TaskArguments
  @OptionGroup var scoring: ScoringArguments

  @Option(
    help: """
      A folder for what the model said to each document: documents_<task>.jsonl, and results_*.json and \
      samples_<task>_*.jsonl in the form of lm-evaluation-harness.
      """)
  var samples: String?

  func run() throws {
    try reportingErrors {
      let signals = StopSignals()
      // First, as a file that is not there should not wait for a look at all weights.
      let tasks = try taskArguments.chosen()
      let tokenizer = try Tokenizer(folder: arguments.model)
      try evaluate(
        loadModel(folder: arguments.model, checkingNumbersWith: arguments.workers), tokenizer, tasks, signals)
    }
  }

  private func evaluate(
    _ model: some LanguageModel, _ tokenizer: Tokenizer, _ tasks: [ChosenTask], _ signals: StopSignals
  ) throws {
    let workers = arguments.workers
    let evaluator = try ModelEvaluator(
      arguments.adapted(model), tokenizer: tokenizer, tasks: tasks, maximumLength: arguments.length(for: model.shape),
      workers: workers, schedule: arguments.schedule(for: model))
    let folders = try arguments.folders()
    let question = evaluator.question(
      model: folders.model, adapters: folders.adapters, program: try programDigest())
    let journal = try scoring.openedJournal(of: question, counts: evaluator.entryCounts)
    let outcomes = try scoring.showingProgress(signals, journal: { journal }) { progress in
      try evaluator.outcomes(
        journal: journal, shouldStop: { signals.received != nil }, report: { progress.show($0) })
    }
    let result = try EvaluationResult(
      of: outcomes, model: folders.model, adapters: folders.adapters,
      settings: .init(
        maximumLength: evaluator.maximumLength, limit: taskArguments.limit,
        prompting: evaluator.prompting(folders.adapters), notes: evaluator.notes),
      vocabularySize: model.shape.vocabularySize, workers: workers,
      environment: Environment(programVersion: Recollect.version))
    try write(result, outcomes)
    journal.remove()
  }

  private func write(_ result: EvaluationResult, _ outcomes: [TaskOutcome]) throws {
    let bytes = try scoring.result.bytes(of: result)
    if let samples {
      for file in HarnessFiles(result, outcomes: outcomes).files {
        try writeResult(file.bytes, to: "\(samples)/\(file.name)")
      }
      for outcome in outcomes {
        try writeResult(outcome.records, to: "\(samples)/documents_\(outcome.chosen.task.name).jsonl")
      }
    }
    try scoring.result.put(
      bytes, text: EvaluationTable(result).text + "Accuracies in percent, with standard errors.\n")
  }
}
