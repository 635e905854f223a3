import Foundation

/// What a model scored on one task: which documents it got right, and digests of everything it answered.
package struct TaskResult: Codable, Equatable, Sendable {
  package var name: String
  /// The version of the task's meaning: another one asks or scores differently, so the two cannot be compared.
  package var version: String
  /// The number of documents scored.
  package var documents: Int
  /// A `1` for each document answered right and a `0` for each answered wrong, in scored order.
  package var correct: String
  /// The share of documents answered right, in 0...1.
  package var accuracy: Double
  /// The standard error of the mean over documents, from the sample deviation (n - 1); nil for a single document.
  package var standardError: Double?
  /// The accuracy when each choice's log-likelihood is divided by its length; nil where the task has no choices.
  package var accuracyNormalized: Double?
  package var normalizedStandardError: Double?
  /// The accuracy that guessing gives: the mean over documents of one over the number of choices; nil without choices.
  package var chance: Double?
  package var perplexity: Double?
  /// SHA-256 of the text of the chosen answers.
  package var answersDigest: String
  /// SHA-256 of the bit patterns of all log-likelihoods; of written answers, of their texts.
  package var scoresDigest: String
  /// Where each input's prompt was chosen among several: of each prompt, how many choices it won, block by block.
  package var promptWins: [String]?
  /// What a reader should know, such as "accuracy is exactly chance".
  package var notes: [String]

  /// Counts the accuracies and their errors from the flags of the documents, in scored order.
  package init(
    name: String, version: String, correct: [Bool], correctNormalized: [Bool]? = nil, chance: Double? = nil,
    perplexity: Double? = nil, answersDigest: String, scoresDigest: String, promptWins: [String]? = nil,
    notes: [String] = []
  ) {
    if let correctNormalized {
      precondition(
        correctNormalized.count == correct.count, "\(correctNormalized.count) flags for \(correct.count) documents")
    }
    self.name = name
    self.version = version
    self.documents = correct.count
    self.correct = String(correct.map { $0 ? "1" : "0" })
    self.accuracy = Self.share(of: correct)
    self.standardError = Self.standardError(accuracy: accuracy, documents: documents)
    self.accuracyNormalized = correctNormalized.map(Self.share(of:))
    self.normalizedStandardError = accuracyNormalized.flatMap { [documents] in
      Self.standardError(accuracy: $0, documents: documents)
    }
    self.chance = chance
    self.perplexity = perplexity
    self.answersDigest = answersDigest
    self.scoresDigest = scoresDigest
    self.promptWins = promptWins
    self.notes = notes
  }

  private static func share(of flags: [Bool]) -> Double {
    Double(flags.count { $0 }) / Double(flags.count)
  }

  /// The standard error of a mean of zeros and ones, √(p(1 - p) / (n - 1)); nil for fewer than two documents.
  ///
  /// Source: EleutherAI/lm-evaluation-harness, `metrics.py`, `mean_stderr`.
  package static func standardError(accuracy: Double, documents: Int) -> Double? {
    guard documents > 1 else { return nil }
    return (accuracy * (1 - accuracy) / Double(documents - 1)).squareRoot()
  }
}

extension TaskResult {
  /// Everything in which the members contradict one another; empty for a sound result.
  package func problems() -> [ResultProblem] {
    var problems: [ResultProblem] = []
    func report(_ member: String, _ reason: String) {
      problems.append(ResultProblem(place: "tasks.\(name).\(member)", reason: reason))
    }
    let numbers = [
      ("accuracy", accuracy), ("standardError", standardError), ("accuracyNormalized", accuracyNormalized),
      ("normalizedStandardError", normalizedStandardError), ("chance", chance), ("perplexity", perplexity),
    ]
    for case (let member, let number?) in numbers where !number.isFinite {
      report(member, "\(number) is not a finite number")
    }
    guard documents > 0 else {
      report("documents", "\(documents) documents were scored")
      return problems
    }
    let flags = correct.utf8
    guard flags.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }) else {
      report("correct", "holds something other than 0 and 1")
      return problems
    }
    guard flags.count == documents else {
      report("correct", "\(flags.count) flags for \(documents) documents")
      return problems
    }
    let right = flags.count { $0 == UInt8(ascii: "1") }
    if accuracy.isFinite, accuracy != Double(right) / Double(documents) {
      report("accuracy", "\(accuracy) is not \(right)/\(documents)")
    }
    if let accuracyNormalized, accuracyNormalized.isFinite {
      let count = (accuracyNormalized * Double(documents)).rounded()
      if !(0...1).contains(accuracyNormalized) || count / Double(documents) != accuracyNormalized {
        report("accuracyNormalized", "\(accuracyNormalized) is no share of \(documents) documents")
      }
    }
    checkError(standardError, of: accuracy, member: "standardError", report)
    if let accuracyNormalized {
      checkError(normalizedStandardError, of: accuracyNormalized, member: "normalizedStandardError", report)
    } else if normalizedStandardError != nil {
      report("normalizedStandardError", "given without accuracyNormalized")
    }
    let wins = (promptWins ?? []).map { $0.split(separator: " ").map { Int($0) } }
    if wins.contains(where: { $0.count != wins[0].count || $0.contains { $0 ?? -1 < 0 } }) {
      report("promptWins", "is not a count for each block, of each prompt")
    }
    if let chance, chance.isFinite, !(0...1).contains(chance) { report("chance", "\(chance) is no share") }
    if let perplexity, perplexity < 1 { report("perplexity", "\(perplexity) is below 1") }
    return problems
  }

  /// The error is a function of accuracy and count; 1e-9 allows for a square root that rounds differently elsewhere.
  private func checkError(
    _ error: Double?, of accuracy: Double, member: String, _ report: (String, String) -> Void
  ) {
    guard accuracy.isFinite, (0...1).contains(accuracy), error?.isFinite ?? true else { return }
    switch (error, Self.standardError(accuracy: accuracy, documents: documents)) {
    case (nil, nil): return
    case (let found?, let expected?) where abs(found - expected) <= 1e-9: return
    case (let found, let expected):
      report(member, "\(Self.text(found)) where \(Self.text(expected)) follows from the accuracy")
    }
  }

  private static func text(_ number: Double?) -> String {
    number.map { "\($0)" } ?? "none"
  }
}
