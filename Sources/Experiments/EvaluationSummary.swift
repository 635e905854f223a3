import Artifacts
import Evaluation
import Foundation
import Results
import Tensors

extension EvaluationResult {
  /// - Parameters:
  ///   - vocabularySize: of the model; a perplexity above it is flagged.
  ///   - workers: for the bootstrap of perplexities.
  package init(
    of outcomes: [TaskOutcome], model: EvaluatedFolder, adapters: [EvaluatedFolder], settings: Settings,
    vocabularySize: Int, workers: Workers, environment: Environment
  ) throws {
    let byName = Dictionary(outcomes.map { ($0.encoded.name, $0.score) }) { first, _ in first }
    var averages = Benchmark.Domain.allCases.compactMap { domain in
      AverageScore(of: domain, among: byName).map { AverageAccuracy(domain.rawValue, $0, domain.tasks) }
    }
    if let all = AverageScore(ofAllAmong: byName) { averages.append(AverageAccuracy("all", all, Benchmark.names)) }
    self.init(
      notComparableReasons: Self.notComparableReasons(outcomes.map(\.chosen)), model: ScoredModel(model),
      adapters: adapters.map(ScoredModel.init), settings: settings,
      tasks: try outcomes.map {
        try BenchmarkScore(
          $0, maximumLength: settings.maximumLength, vocabularySize: vocabularySize, workers: workers)
      }, averages: averages, environment: environment)
  }

  private static func notComparableReasons(_ tasks: [ChosenTask]) -> [String] {
    tasks.compactMap { chosen in
      let (name, published) = (chosen.task.name, chosen.task.publishedDocumentCount)
      if chosen.isLimited {
        return "\(chosen.documents.count) of the \(chosen.fileDocumentCount) documents of \(name) were scored"
      }
      return chosen.fileDocumentCount == published
        ? nil : "the file of \(name) has \(chosen.fileDocumentCount) documents, the published one \(published)"
    }
  }
}

extension ScoredModel {
  package init(_ folder: EvaluatedFolder) { self.init(name: folder.name, sha256: folder.digests) }
}

extension AverageAccuracy {
  fileprivate init(_ name: String, _ score: AverageScore, _ tasks: [String]) {
    self.init(name: name, accuracy: Estimate(score.mean, standardError: score.standardError), tasks: tasks)
  }
}

extension BenchmarkScore {
  fileprivate init(_ outcome: TaskOutcome, maximumLength: Int, vocabularySize: Int, workers: Workers) throws {
    let (chosen, encoded, score) = (outcome.chosen, outcome.encoded, outcome.score)
    let bits = outcome.scores.flatMap { score in
      withUnsafeBytes(of: score.logLikelihood.bitPattern.littleEndian, Array.init)
    }
    let flags = chosen.flags + score.flags(asked: chosen.documents, vocabularySize: vocabularySize)
    // A bootstrap over scores that are no numbers says nothing.
    let hasBroken = score.documents.contains(where: \.hasNaN)
    self.init(
      name: encoded.name, harness: chosen.task.harness.rawValue, version: encoded.version, sha256: chosen.digests,
      order: chosen.selection.order.rawValue, documents: score.documentCount, fileDocuments: chosen.fileDocumentCount,
      publishedDocuments: chosen.task.publishedDocumentCount, accuracyName: chosen.task.accuracyName,
      accuracy: Estimate(score.accuracy, standardError: score.accuracyStandardError),
      normalizedAccuracy: score.normalizedAccuracy.map {
        Estimate($0, standardError: score.normalizedAccuracyStandardError)
      },
      bytesAccuracy: score.bytesAccuracy.map { Estimate($0, standardError: score.bytesAccuracyStandardError) },
      perplexity: try score.perplexity.map {
        Estimate($0, standardError: hasBroken ? nil : try score.perplexityStandardError(workers: workers))
      },
      correct: score.documents.map { $0.isCorrect ? "1" : "0" }.joined(),
      answersDigest: Artifacts.sha256(score.documents.map(\.answer).joined(separator: "\n").utf8),
      scoresDigest: chosen.isGenerated ? nil : Artifacts.sha256(bits),
      promptWins: (outcome.scores.compactMap(\.wins) + outcome.answers.compactMap(\.wins)).sums,
      cutContexts: encoded.requests.count { $0.isCut(at: maximumLength) }, flags: flags.map(\.text))
  }
}
