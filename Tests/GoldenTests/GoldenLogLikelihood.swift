import Evaluation
import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenLogLikelihood", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenLogLikelihood {
  static let workers = Workers(threadCount: 2)
  @Test(arguments: Golden.cases(of: "loglikelihood"))
  func `tokens, log-likelihoods, greedy flags and metrics are the reference's`(golden: GoldenCase) throws {
    try check(golden, try loadModel(folder: golden.path("model")))
  }

  private func check(_ golden: GoldenCase, _ model: some LanguageModel) throws {
    let tokenizer = try Tokenizer(folder: golden.path("tokenizer"))
    let isPlain = try golden.string("encoding") == "sentencepiece"
    let prefix = try golden.integer("prefix_token")
    let maximumLength = try golden.integer("max_length")
    let rows = try GoldenTask.rows(of: golden)
    #expect(rows.count == (try golden.integer("rows")))

    // The requests as our own tasks make them, where there are documents.
    let documents = GoldenTask.hasDocuments(golden) ? try GoldenTask.documents(for: golden) : nil
    let requests = documents?.flatMap(\.requests) ?? rows.map(\.request)
    try #require(requests.count == rows.count, "\(golden.name): \(requests.count) requests, expected \(rows.count)")

    let encoded = requests.map { request in
      encode(request, endOfText: prefix) { isPlain ? tokenizer.encodePlain($0) : tokenizer.encode($0) }
    }
    let tokenMismatches = zip(encoded, rows).count { found, row in
      found.context != row.contextTokens || found.continuation != row.continuationTokens
    }
    #expect(Double(tokenMismatches) <= (try golden.tolerance("token_mismatches")), "\(golden.name): tokens differ")

    let unscored = Set((golden.member("unscored_rows")?.array ?? []).compactMap(\.integer))
    func isUnscored(_ row: GoldenTask.Row) -> Bool {
      row.value["request_index"]?.integer.map(unscored.contains) ?? false
    }
    let scorer = LogLikelihoodScorer(model: model, maximumLength: maximumLength, workers: Self.workers)
    for (request, row) in zip(encoded, rows) where isUnscored(row) {
      #expect(throws: RequestError.self, "\(golden.name): \(row.request)") { try scorer.scores(of: [request]) }
    }
    let scored = zip(encoded, rows).filter { !isUnscored($0.1) }
    let scores = try scorer.scores(of: scored.map(\.0))
    let absolute = try golden.tolerance("loglikelihood_abs")
    let relative = try golden.tolerance("loglikelihood_rel")
    var worst = 0.0
    var greedyMismatches = 0
    for (score, (_, row)) in zip(scores, scored) {
      let expected = try #require(row.score, "\(golden.name): no recorded score")
      let deviation = abs(score.logLikelihood - expected.logLikelihood)
      worst = max(worst, deviation)
      #expect(
        deviation <= max(absolute, relative * abs(expected.logLikelihood)),
        "\(golden.name): \(row.request) has \(score.logLikelihood), expected \(expected.logLikelihood)")
      if score.isGreedy != expected.isGreedy { greedyMismatches += 1 }
    }
    #expect(Double(greedyMismatches) <= (try golden.tolerance("is_greedy_mismatches")), "\(golden.name): greedy flags")

    if let documents {
      let result = TaskScore(documents: documents, results: scores)
      try GoldenTask.compareMetrics(result, golden)
      try GoldenTask.compareFlags(result, golden)
    }
  }
}
