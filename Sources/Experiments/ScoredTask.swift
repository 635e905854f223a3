import Evaluation
import Models
import Tensors

/// What is wrong with a task's documents or scores, beyond what its reader says.
package enum ScoringError: Error, Equatable {
  case unexpectedDocumentCount(task: String, file: String, expected: Int, found: Int)
  case unscorable(task: String, document: Int, RequestError)
  case notANumber(task: String, document: Int)
}

extension TaskSetting {
  /// The task that the setting names; `knownTasks` has the names.
  var benchmark: any BenchmarkTask {
    guard let benchmark = Self.benchmark(named: task) else {
      preconditionFailure("the suite's reader knows no task \(task)")
    }
    return benchmark
  }

  /// The task of that name; nil where there is none.
  package static func benchmark(named name: String) -> (any BenchmarkTask)? {
    switch name {
    case "arc_easy": ARC(.easy)
    case "arc_challenge": ARC(.challenge)
    case "sciq": SciQ()
    case "webqs": WebQuestions()
    case "triviaqa": TriviaQA()
    case "piqa": PIQA()
    case "hellaswag": HellaSwag()
    case "lambada_openai": LAMBADA()
    case "winogrande": WinoGrande()
    default: nil
    }
  }
}

/// A task ready to be scored: its selected documents, and their requests as tokens.
struct ScoredTask: Sendable {
  let setting: TaskSetting
  let version: String
  let documents: [Document]
  let requests: [EncodedRequest]

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
    let selected = selection.selected(from: all.count) { indices in
      var generator = MersenneTwister(seed: 42)  // lm-evaluation-harness 0.3, evaluator.py
      var shuffled = indices
      generator.shuffle(&shuffled)
      return shuffled
    }
    self.setting = setting
    version = task.version
    documents = selected.map { all[$0] }
    // Without an end-of-text token there is nothing that an empty context could become; token 0 stands in, and no task
    // here has an empty context.
    let endOfText = tokenizer.end ?? 0
    var requests: [EncodedRequest] = []
    for document in documents {
      for request in document.requests {
        let encoded = encode(request, endOfText: endOfText, tokenize: tokenizer.encode)
        do {
          _ = try encoded.inputTokens(maximumLength: maximumLength)
        } catch {
          throw ScoringError.unscorable(task: setting.task, document: document.index, error)
        }
        requests.append(encoded)
      }
    }
    self.requests = requests
  }
}
