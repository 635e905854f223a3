/// A benchmark: it turns the records of its published file into requests to a model, and says how the answers to them
/// are judged.
///
/// The texts are those of EleutherAI/lm-evaluation-harness, without examples ("0-shot") and without a description.
package protocol BenchmarkTask: Sendable {
  /// The name that the harness gives it.
  var name: String { get }

  var harness: HarnessProtocol { get }

  /// Which form of the texts and of the metric this is. Scores of different versions are not comparable.
  var version: String { get }

  /// What the harness calls the share of documents that are right.
  var accuracyName: String { get }

  /// How many documents the published file of the evaluated split holds.
  var publishedDocumentCount: Int { get }

  var layout: FileLayout { get }

  /// Whether the answers stand in a file of their own, one label a line.
  var needsLabelFile: Bool { get }

  /// The document that one record of the published file makes.
  func document(from record: Record) throws(TaskError) -> Document
}

extension BenchmarkTask {
  package var version: String { harness.version }
  package var accuracyName: String { "acc" }
  package var needsLabelFile: Bool { false }

  /// The documents of `files`, in file order.
  ///
  /// - Throws: the first thing wrong with either file; no record is ever left out.
  package func documents(from files: TaskFiles) throws(TaskError) -> [Document] {
    guard needsLabelFile == (files.labels != nil) else {
      throw needsLabelFile ? .labelFileMissing(task: name) : .labelFileUnused(task: name, file: files.labels ?? "")
    }
    return try DocumentReader(files: files, layout: layout).documents(document(from:))
  }
}

/// The published files of one split.
package struct TaskFiles: Sendable, Equatable {
  package let documents: String
  package let labels: String?

  package init(documents: String, labels: String? = nil) {
    self.documents = documents
    self.labels = labels
  }
}

/// A question to a model: how likely is `continuation` after `context`, and is it what greedy decoding would give?
///
/// Equality is that of the bytes, for texts that look alike may have different tokens.
package struct Request: Sendable, Equatable {
  package let context: String
  package let continuation: String

  package init(context: String, continuation: String) {
    self.context = context
    self.continuation = continuation
  }

  package static func == (one: Request, other: Request) -> Bool {
    one.context.utf8.elementsEqual(other.context.utf8)
      && one.continuation.utf8.elementsEqual(other.continuation.utf8)
  }
}

/// One item of a benchmark.
package struct Document: Sendable, Equatable {
  /// Its place in the published file, from zero.
  package let index: Int
  /// None in a document that has a generation.
  package let requests: [Request]
  package let generation: GenerationRequest?
  package let judgement: Judgement

  package init(index: Int, requests: [Request], judgement: Judgement) {
    self.index = index
    self.requests = requests
    generation = nil
    self.judgement = judgement
  }

  /// - Parameter answers: any of them is right.
  package init(index: Int, generation: GenerationRequest, answers: [String], comparison: ExactMatch) {
    self.index = index
    requests = []
    self.generation = generation
    judgement = .exactMatch(answers: answers, comparison)
  }
}

/// How the scores of a document's requests become right or wrong.
package enum Judgement: Sendable, Equatable {
  /// Right when request `gold` has the largest log-likelihood.
  ///
  /// The normalized accuracies divide by `choiceLengths`, which are nil where the benchmark has none.
  case multipleChoice(gold: Int, choiceLengths: ChoiceLengths?)

  /// Right when the continuation of any request is what greedy decoding would give.
  case greedyMatch

  /// As `greedyMatch`, for the one request; its log-likelihood also enters the perplexity.
  case lastWord

  /// Right when the generated text, cut at its stops, is one of the answers.
  case exactMatch(answers: [String], ExactMatch)
}

/// The lengths of a document's choices, without the space put before them.
package struct ChoiceLengths: Sendable, Equatable {
  /// In Unicode code points: the harness's "acc_norm" divides by them.
  package let characters: [Int]
  /// In bytes of UTF-8: the "acc_bytes" of its newer versions.
  package let bytes: [Int]

  package init(of choices: [String]) {
    characters = choices.map(\.unicodeScalars.count)
    bytes = choices.map(\.utf8.count)
  }
}
