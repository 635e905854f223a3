import Artifacts
import Evaluation
import Foundation
import Models
import Results

/// Results in the form of lm-evaluation-harness, for programs that read its files: `results_*.json`, and a
/// `samples_<task>_*.jsonl` for each task. Where the harness writes the time of the run, there is the beginning of a
/// digest, so that the same scores have the same names and bytes.
///
/// Versions are those texts that name a task's form here, where the harness has numbers of its own; a document's hash is
/// that of what the model is asked, where the harness takes the row of its data set.
///
/// Source: lm-evaluation-harness 0.4.12, lm_eval/evaluator.py and lm_eval/loggers/evaluation_tracker.py.
package struct HarnessFiles {
  /// By their names.
  package let files: [(name: String, bytes: Data)]

  package init(_ result: EvaluationResult, outcomes: [TaskOutcome]) {
    let results = Self.results(result, outcomes)
    let samples = zip(result.tasks, outcomes).map { ($0.name, Self.samples($0, $1)) }
    let mark = String(sha256((results + samples.map(\.1).joined()).utf8).prefix(12))
    files =
      [("results_\(mark).json", Data(results.utf8))]
      + samples.map { ("samples_\($0)_\(mark).jsonl", Data($1.utf8)) }
  }

  // MARK: Results

  private static func results(_ result: EvaluationResult, _ outcomes: [TaskOutcome]) -> String {
    func byTask(_ value: (BenchmarkScore, TaskOutcome) -> CanonicalJSON) -> CanonicalJSON {
      .object(
        Dictionary(
          uniqueKeysWithValues: zip(result.tasks, outcomes).map { ($0.name, value($0, $1)) }))
    }
    let content: CanonicalJSON = [
      "results": byTask { score, _ in
        var members: [String: CanonicalJSON] = ["alias": .string(score.name)]
        for (name, estimate) in score.metrics {
          members["\(name),none"] = .optional(estimate.value)
          members["\(name)_stderr,none"] = estimate.standardError.map { .number($0) } ?? "N/A"
        }
        return .object(members)
      },
      "higher_is_better": byTask { score, _ in
        .object(Dictionary(uniqueKeysWithValues: score.metrics.map { ($0.name, .boolean($0.name != "perplexity")) }))
      },
      "versions": byTask { score, _ in .string(score.version) },
      "n-shot": byTask { _, _ in 0 },
      "n-samples": byTask { score, _ in
        ["original": .integer(score.fileDocuments), "effective": .integer(score.documents)]
      },
      "configs": byTask { score, outcome in
        [
          "task": .string(score.name), "output_type": .string(outcome.outputType), "num_fewshot": 0,
          "metadata": ["version": .string(score.version)],
        ]
      },
      "config": [
        "model": "recollect", "model_args": .string("pretrained=\(result.model.name)"),
        "limit": .optional(result.settings.limit),
      ],
      "model_name": .string(result.model.name), "max_length": .integer(result.settings.maximumLength),
    ]
    return content.text + "\n"
  }

  // MARK: Samples

  private static func samples(_ score: BenchmarkScore, _ outcome: TaskOutcome) -> String {
    var scores = outcome.scores[...]
    var answers = outcome.answers[...]
    let lines = zip(outcome.chosen.documents, outcome.score.documents).map { document, found -> String in
      // As in the harness, numbers and truth values of answers are texts.
      let responses: [CanonicalJSON]
      if document.generation == nil {
        let own = scores.prefix(document.requests.count)
        scores = scores.dropFirst(own.count)
        responses = own.map { .strings(["\($0.logLikelihood)", $0.isGreedy ? "True" : "False"]) }
      } else {
        responses = [.string(answers.removeFirst().text)]
      }
      var sample: [String: CanonicalJSON] = [
        "doc_id": .integer(document.index), "doc_hash": .string(document.digest),
        "prompt_hash": .string(sha256(document.firstPrompt.utf8)),
        "target_hash": .string(sha256(document.target.utf8)), "target": .string(document.target),
        "arguments": document.arguments, "resps": .array(responses.map { .array([$0]) }),
        "filtered_resps": .array(document.generation == nil ? responses : [.string(found.answer)]), "filter": "none",
        "metrics": .strings(score.metrics.map(\.name)),
      ]
      for (name, value) in found.metrics(accuracyName: score.accuracyName) { sample[name] = value }
      return CanonicalJSON.object(sample).text + "\n"
    }
    return lines.joined()
  }
}

extension BenchmarkScore {
  /// By the harness's names.
  fileprivate var metrics: [(name: String, estimate: Estimate)] {
    let all = [
      (accuracyName, accuracy), ("acc_norm", normalizedAccuracy), ("acc_bytes", bytesAccuracy),
      ("perplexity", perplexity),
    ]
    return all.compactMap { name, estimate in estimate.map { (name, $0) } }
  }
}

extension DocumentScore {
  fileprivate func metrics(accuracyName: String) -> [(String, CanonicalJSON)] {
    func flag(_ isRight: Bool) -> CanonicalJSON { .number(isRight ? 1 : 0) }
    var metrics = [(accuracyName, flag(isCorrect))]
    if let isCorrectNormalized { metrics.append(("acc_norm", flag(isCorrectNormalized))) }
    if let isCorrectByBytes { metrics.append(("acc_bytes", flag(isCorrectByBytes))) }
    if let logLikelihood { metrics.append(("perplexity", .optional(logLikelihood))) }
    return metrics
  }
}

extension TaskOutcome {
  fileprivate var outputType: String {
    switch chosen.documents.first?.judgement {
    case .lastWord: "loglikelihood"
    case .exactMatch: "generate_until"
    case .multipleChoice, .greedyMatch, nil: "multiple_choice"
    }
  }
}

extension Document {
  fileprivate var firstPrompt: String { requests.first?.context ?? generation?.context ?? "" }

  fileprivate var target: String {
    switch judgement {
    case .multipleChoice(let gold, _): String(gold)
    case .lastWord: requests.first?.continuation ?? ""
    case .greedyMatch: CanonicalJSON.strings(requests.map(\.continuation)).text
    case .exactMatch(let answers, _): CanonicalJSON.strings(answers).text
    }
  }

  fileprivate var arguments: CanonicalJSON {
    let pairs: [CanonicalJSON] =
      if let generation {
        [
          [
            "arg_0": .string(generation.context),
            "arg_1": .string(CanonicalJSON.object(["until": .strings(generation.stops)]).text),
          ]
        ]
      } else {
        requests.map { ["arg_0": .string($0.context), "arg_1": .string($0.continuation)] }
      }
    return .object(
      Dictionary(uniqueKeysWithValues: pairs.enumerated().map { ("gen_args_\($0.offset)", $0.element) }))
  }
}
