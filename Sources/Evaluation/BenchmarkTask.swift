/// A benchmark that is scored by log-likelihoods: it turns the records of its published file into requests to a model,
/// and says how the answers to them are judged.
///
/// The texts are those of EleutherAI/lm-evaluation-harness as of 2023 (branch master, 0bf683b4), without examples
/// ("0-shot") and without a description.
package protocol BenchmarkTask: Sendable {
  /// The name that the harness gives it.
  var name: String { get }

  /// Which form of the texts and of the metric this is. Scores of different versions are not comparable.
  var version: String { get }

  /// How many documents the published file of the evaluated split holds.
  var publishedDocumentCount: Int { get }

  var layout: FileLayout { get }

  /// Whether the answers stand in a file of their own, one label a line.
  var needsLabelFile: Bool { get }

  /// The document that one record of the published file makes.
  func document(from record: Record) throws(TaskError) -> Document
}

extension BenchmarkTask {
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
  package let requests: [Request]
  package let judgement: Judgement

  package init(index: Int, requests: [Request], judgement: Judgement) {
    self.index = index
    self.requests = requests
    self.judgement = judgement
  }
}

/// How the scores of a document's requests become right or wrong.
package enum Judgement: Sendable, Equatable {
  /// Right when request `gold` has the largest log-likelihood.
  ///
  /// `choiceLengths` counts the Unicode code points of each choice without the space put before it; the normalized
  /// accuracy divides by them. nil where the benchmark has no normalized accuracy.
  case multipleChoice(gold: Int, choiceLengths: [Int]?)

  /// Right when the continuation of any request is what greedy decoding would give.
  case greedyMatch

  /// As `greedyMatch`, for the one request; its log-likelihood also enters the perplexity.
  case lastWord
}
