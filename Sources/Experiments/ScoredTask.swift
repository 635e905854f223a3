import Evaluation
import Models

extension TaskSetting {
  /// The task that the setting names.
  var benchmark: any BenchmarkTask {
    guard let benchmark = Benchmark.named(task) else {
      preconditionFailure("the suite's reader knows no task \(task)")
    }
    return benchmark
  }
}

/// A task ready to be scored: its selected documents, and their requests as tokens.
struct ScoredTask: Sendable {
  let setting: TaskSetting
  let version: String
  let harness: HarnessProtocol
  private(set) var documents: [Document]
  /// None where the model is to write answers.
  let requests: [EncodedRequest]
  /// What is odd about the file.
  let flags: [ResultFlag]

  /// With every right answer shifted to the next choice.
  func shiftingGold() -> ScoredTask {
    var task = self
    task.documents = documents.map { $0.shiftingGold() }
    return task
  }

  /// Whether the model writes answers; otherwise it scores requests.
  var isGenerated: Bool { documents.contains { $0.generation != nil } }

  /// The tokens that run through the model, of answers roughly.
  var tokenCount: Int {
    isGenerated ? documents.count * 64 : requests.reduce(0) { $0 + $1.context.count + $1.continuation.count }
  }

  /// - Throws: `TaskError` from the readers, or `ScoringError`.
  init(
    _ setting: TaskSetting, sources: SuiteSources, evaluation: EvaluationSetting, limit: Int?, tokenizer: Tokenizer,
    maximumLength: Int
  ) throws {
    let task = setting.benchmark
    let files = TaskFiles(
      documents: sources.path(setting.files[0]), labels: setting.files.count > 1 ? sources.path(setting.files[1]) : nil)
    let all = try task.documents(from: files)
    guard all.count == setting.documents else {
      throw ScoringError.unexpectedDocumentCount(
        task: setting.task, file: files.documents, expected: setting.documents, found: all.count)
    }
    let limits = [evaluation.documents, limit].compactMap(\.self)
    let selection = DocumentSelection(order: evaluation.order == .shuffled ? .shuffled : .file, limit: limits.min())
    let encoded = try EncodedTask(
      task, documents: selection.selected(from: all.count).map { all[$0] }, tokenizer: tokenizer,
      maximumLength: maximumLength)
    self.setting = setting
    version = encoded.version
    harness = task.harness
    documents = encoded.documents
    requests = encoded.requests
    flags = task.flags(of: all)
  }
}
