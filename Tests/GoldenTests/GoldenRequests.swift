import Evaluation
import Models
import Testing

/// The benchmarks' requests against those of the reference, and the scores made of its recorded results.
@Suite("GoldenRequests", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenRequests {
  static let cases = Golden.cases(of: "loglikelihood").filter(GoldenTask.hasDocuments)

  @Test(arguments: cases)
  func `the requests are those of the reference`(golden: GoldenCase) throws {
    let documents = try GoldenTask.documents(for: golden)
    let rows = try GoldenTask.rows(of: golden)
    let requests = documents.flatMap(\.requests)
    try #require(requests.count == rows.count, "\(golden.name): \(requests.count) requests, expected \(rows.count)")
    for (number, (request, row)) in zip(requests, rows).enumerated() where request != row.request {
      Issue.record("\(golden.name), row \(number): \(request), expected \(row.request)")
    }
    let golds = documents.flatMap { document -> [Int?] in
      guard case .multipleChoice(let gold, _) = document.judgement else { return document.requests.map { _ in nil } }
      return document.requests.map { _ in gold }
    }
    #expect(golds == rows.map { $0.value["gold"]?.integer }, "\(golden.name): the right choices")
  }

  @Test(arguments: cases)
  func `the recorded results give the recorded scores`(golden: GoldenCase) throws {
    let documents = try GoldenTask.documents(for: golden)
    let results = try GoldenTask.rows(of: golden).map { try #require($0.score, "\(golden.name): a row without score") }
    try #require(results.count == documents.reduce(0) { $0 + $1.requests.count }, "\(golden.name): rows")
    let score = TaskScore(documents: documents, results: results)
    try GoldenTask.compareMetrics(score, golden)
    try GoldenTask.compareFlags(score, golden)
    for (document, expected) in try GoldenTask.documents(score, golden) {
      // Differences and copies of the same doubles: no tolerance.
      let place = "\(golden.name), document \(document.index)"
      #expect(expected["margin"]?.double == document.margin, "\(place): margin")
      #expect(expected["ppl"]?.double == document.logLikelihood, "\(place): log-likelihood of the last word")
    }
  }
}

extension GoldenTask {
  /// The metrics, at the tolerances of the case.
  static func compareMetrics(_ score: TaskScore, _ golden: GoldenCase) throws {
    guard let expected = golden.member("expected_metrics")?.object else { return }
    let accuracy = try golden.tolerance("accuracy_abs")
    let standardError = try golden.tolerance("accuracy_stderr_rel")
    let perplexity = try golden.tolerance("perplexity_rel")
    for metric in expected {
      guard let value = metric.value.double else { continue }
      let (found, allowed): (Double?, Double) =
        switch metric.name {
        case "acc": (score.accuracy, accuracy)
        case "acc_norm": (score.normalizedAccuracy, accuracy)
        case "acc_stderr": (score.accuracyStandardError, standardError * value)
        case "acc_norm_stderr": (score.normalizedAccuracyStandardError, standardError * value)
        case "ppl": (score.perplexity, perplexity * value)
        default: throw GoldenError(description: "\(golden.name): an unknown metric \(metric.name)")
        }
      let number = try #require(found, "\(golden.name): no \(metric.name)")
      #expect(
        abs(number - value) <= allowed,
        "\(golden.name): \(metric.name) is \(number), expected \(value), tolerance \(allowed)")
    }
  }

  /// Each document's expected record beside its score.
  static func documents(_ score: TaskScore, _ golden: GoldenCase) throws -> [(DocumentScore, JSONValue)] {
    guard golden.member("per_document") != nil else { return [] }
    let expected = try golden.json("per_document").array ?? []
    try #require(score.documentCount == expected.count, "\(golden.name): documents")
    return Array(zip(score.documents, expected))
  }

  /// The flags of each document, which must be equal.
  static func compareFlags(_ score: TaskScore, _ golden: GoldenCase) throws {
    for (document, expected) in try documents(score, golden) {
      let place = "\(golden.name), document \(document.index)"
      #expect(expected["doc_index"]?.integer == document.index, "\(place)")
      #expect(expected["acc"]?.double == (document.isCorrect ? 1 : 0), "\(place): acc")
      #expect(expected["acc_norm"]?.double == document.isCorrectNormalized.map { $0 ? 1 : 0 }, "\(place): acc_norm")
    }
  }
}
