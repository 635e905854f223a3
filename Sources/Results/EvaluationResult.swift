/// What scoring a model on benchmarks gave, and all that determines it. Times are left out: the same question has the
/// same bytes, whatever the number of threads and however often it was interrupted.
package struct EvaluationResult: Codable, Equatable, Sendable {
  package static let schema = "recollect-evaluation"
  /// The version of this structure.
  package static let currentSchemaVersion = 1

  package var schema = Self.schema
  package var schemaVersion = Self.currentSchemaVersion
  /// False where fewer documents were scored than the published files have, or other ones; the reasons are then given.
  package var isComparable: Bool
  package var notComparableReasons: [String]
  package var model: ScoredModel
  package var adapters: [ScoredModel]
  package var settings: Settings
  /// In the order in which they were asked for.
  package var tasks: [BenchmarkScore]
  /// Of those domains of which all benchmarks were scored.
  package var averages: [AverageAccuracy]
  package var environment: Environment

  package struct Settings: Codable, Equatable, Sendable {
    /// The tokens that the model reads at most, behind its prompts.
    package var maximumLength: Int
    /// Documents of a task at most; nil for all.
    package var limit: Int?
    /// nil without several prompts.
    package var prompting: PromptingSummary?
    /// What a reader should know about them.
    package var notes: [String]

    package init(maximumLength: Int, limit: Int?, prompting: PromptingSummary? = nil, notes: [String]) {
      self.maximumLength = maximumLength
      self.limit = limit
      self.prompting = prompting
      self.notes = notes
    }
  }

  package init(
    notComparableReasons: [String], model: ScoredModel, adapters: [ScoredModel], settings: Settings,
    tasks: [BenchmarkScore], averages: [AverageAccuracy], environment: Environment
  ) {
    isComparable = notComparableReasons.isEmpty
    self.notComparableReasons = notComparableReasons
    self.model = model
    self.adapters = adapters
    self.settings = settings
    self.tasks = tasks
    self.averages = averages
    self.environment = environment
  }
}

/// A model or an adapter that was scored, by what its files hold.
package struct ScoredModel: Codable, Equatable, Sendable {
  /// Of its folder.
  package var name: String
  /// SHA-256 by the names of files.
  package var sha256: [String: String]

  package init(name: String, sha256: [String: String]) {
    self.name = name
    self.sha256 = sha256
  }
}

/// A number and its standard error.
package struct Estimate: Codable, Equatable, Sendable {
  /// nil for what is not finite.
  package var value: Double?
  /// nil for a single document, and for what is not finite.
  package var standardError: Double?

  package init(_ value: Double, standardError: Double?) {
    self.value = value.isFinite ? value : nil
    self.standardError = standardError.flatMap { $0.isFinite ? $0 : nil }
  }
}

/// What a model scored on one benchmark.
package struct BenchmarkScore: Codable, Equatable, Sendable {
  package var name: String
  /// The form of the harness that was followed: "2023" or "0.4".
  package var harness: String
  /// Which texts and metric these are; scores of different versions are not comparable.
  package var version: String
  /// SHA-256 of the documents' file, and of the labels' where there is one.
  package var sha256: [String]
  /// In which order documents were taken: "file" or "shuffled".
  package var order: String
  /// Scored ones.
  package var documents: Int
  package var fileDocuments: Int
  package var publishedDocuments: Int
  /// What the harness calls the accuracy.
  package var accuracyName: String
  package var accuracy: Estimate
  package var normalizedAccuracy: Estimate?
  package var bytesAccuracy: Estimate?
  package var perplexity: Estimate?
  /// A `1` for each document that is right and a `0` for each other, in scored order.
  package var correct: String
  /// SHA-256 of the answers, one a line.
  package var answersDigest: String
  /// SHA-256 of the bit patterns of all log-likelihoods; nil where the model wrote answers.
  package var scoresDigest: String?
  /// Where each input's prompt was chosen among several: of each prompt, how many choices it won, block by block.
  package var promptWins: [String]?
  /// Requests whose contexts lost their beginning.
  package var cutContexts: Int
  /// What a reader should know before believing it.
  package var flags: [String]

  package init(
    name: String, harness: String, version: String, sha256: [String], order: String, documents: Int, fileDocuments: Int,
    publishedDocuments: Int, accuracyName: String, accuracy: Estimate, normalizedAccuracy: Estimate?,
    bytesAccuracy: Estimate?, perplexity: Estimate?, correct: String, answersDigest: String, scoresDigest: String?,
    promptWins: [String]? = nil, cutContexts: Int, flags: [String]
  ) {
    self.name = name
    self.harness = harness
    self.version = version
    self.sha256 = sha256
    self.order = order
    self.documents = documents
    self.fileDocuments = fileDocuments
    self.publishedDocuments = publishedDocuments
    self.accuracyName = accuracyName
    self.accuracy = accuracy
    self.normalizedAccuracy = normalizedAccuracy
    self.bytesAccuracy = bytesAccuracy
    self.perplexity = perplexity
    self.correct = correct
    self.answersDigest = answersDigest
    self.scoresDigest = scoresDigest
    self.promptWins = promptWins
    self.cutContexts = cutContexts
    self.flags = flags
  }
}

/// The mean accuracy over the benchmarks of a domain, or over all.
package struct AverageAccuracy: Codable, Equatable, Sendable {
  /// "world", "common", "language" or "all".
  package var name: String
  package var accuracy: Estimate
  package var tasks: [String]

  package init(name: String, accuracy: Estimate, tasks: [String]) {
    self.name = name
    self.accuracy = accuracy
    self.tasks = tasks
  }
}
