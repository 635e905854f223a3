import Evaluation
import Foundation
import Tensors
import Testing

@Suite struct TaskScoreTests {
  func choices(_ index: Int, gold: Int, lengths: [Int]?, count: Int) -> Document {
    Document(
      index: index, requests: Array(repeating: Request(context: "c", continuation: " x"), count: count),
      judgement: .multipleChoice(
        gold: gold, choiceLengths: lengths.map { ChoiceLengths(of: $0.map { String(repeating: "x", count: $0) }) }))
  }

  func scored(_ logLikelihoods: Double...) -> [RequestScore] {
    logLikelihoods.map { RequestScore(logLikelihood: $0, isGreedy: false) }
  }

  @Test func `the largest log-likelihood is the model's choice, per code point in the normalized accuracy`() {
    let score = TaskScore(
      documents: [
        // Per code point: -2, -1.5.
        choices(0, gold: 0, lengths: [2, 4], count: 2),
        // Per code point: -1, -2, -3.
        choices(1, gold: 0, lengths: [5, 2, 1], count: 3),
        choices(5, gold: 1, lengths: [1, 1], count: 2),
      ],
      results: scored(-4, -6) + scored(-5, -4, -3) + scored(-1, -0.5))
    #expect(score.documents.map(\.index) == [0, 1, 5])
    #expect(score.documents.map(\.isCorrect) == [true, false, true])
    #expect(score.documents.map(\.isCorrectNormalized) == [false, true, true])
    #expect(score.documents.map(\.margin) == [2, 1, 0.5])
    #expect(score.documentCount == 3)
    #expect(score.accuracy == 2.0 / 3)
    #expect(score.normalizedAccuracy == 2.0 / 3)
    // Variance of (1, 0, 1): (1/9 + 4/9 + 1/9) / 2 = 1/3; over n, and the root: 1/3.
    #expect(abs((score.accuracyStandardError ?? 0) - 1.0 / 3) < 1e-15)
    #expect(score.perplexity == nil)
  }

  @Test func `by the bytes of the choices another may be right`() {
    let documents = [
      Document(
        index: 0, requests: Array(repeating: Request(context: "c", continuation: " x"), count: 2),
        judgement: .multipleChoice(gold: 1, choiceLengths: ChoiceLengths(of: ["ab", "éé"])))
    ]
    // Per character -1.5 and -2, per byte -1.5 and -1.
    let score = TaskScore(documents: documents, results: scored(-3, -4))
    #expect(score.accuracy == 0)
    #expect(score.normalizedAccuracy == 0)
    #expect(score.bytesAccuracy == 1)
    #expect(score.bytesAccuracyStandardError == nil)
    #expect(score.documents[0].logLikelihoods == [-3, -4])
  }

  @Test func `a written answer is cut and compared`() {
    let generation = GenerationRequest(context: "c", stops: ["."], maximumTokens: 9)
    let documents = (0..<2).map {
      Document(index: $0, generation: generation, answers: ["Foo", "x"], comparison: .master2023)
    }
    let score = TaskScore(
      documents: documents, outputs: [GeneratedAnswer(text: " foo. bar"), GeneratedAnswer(text: "bar", hasNaN: true)])
    #expect(score.documents.map(\.answer) == [" foo", "bar"])
    #expect(score.documents.map(\.isCorrect) == [true, false])
    #expect(score.documents.map(\.hasNaN) == [false, true])
    #expect(score.accuracy == 0.5)
    #expect(score.normalizedAccuracy == nil)
    #expect(score.perplexity == nil)
  }

  @Test func `without lengths there is no normalized accuracy`() {
    let score = TaskScore(documents: [choices(0, gold: 1, lengths: nil, count: 2)], results: scored(-2, -1))
    #expect(score.accuracy == 1)
    #expect(score.normalizedAccuracy == nil)
    #expect(score.normalizedAccuracyStandardError == nil)
    #expect(score.accuracyStandardError == nil)
  }

  @Test func `the first of equal choices is chosen`() {
    let score = TaskScore(
      documents: [choices(0, gold: 0, lengths: [1, 1], count: 2), choices(1, gold: 1, lengths: [1, 1], count: 2)],
      results: scored(-1, -1) + scored(-1, -1))
    #expect(score.documents.map(\.isCorrect) == [true, false])
    #expect(score.documents.map(\.margin) == [0, 0])
  }

  @Test func `a NaN is larger than any number, and the first one counts`() {
    let score = TaskScore(
      documents: [choices(0, gold: 1, lengths: [1, 1, 1], count: 3), choices(1, gold: 2, lengths: nil, count: 3)],
      results: scored(-1, .nan, 0) + scored(.infinity, .nan, .nan))
    #expect(score.documents.map(\.isCorrect) == [true, false])
    #expect(score.documents[0].isCorrectNormalized == true)
    #expect(score.documents[0].margin?.isNaN == true)
    #expect(score.documents.map(\.hasNaN) == [true, true])
  }

  @Test func `an empty choice has a normalized log-likelihood of minus infinity, or NaN`() {
    let score = TaskScore(
      documents: [choices(0, gold: 1, lengths: [0, 1], count: 2), choices(1, gold: 0, lengths: [0, 1], count: 2)],
      results: scored(-1, -9) + scored(0, -9))
    #expect(score.documents.map(\.isCorrectNormalized) == [true, true])
  }

  @Test func `one greedy alias is enough`() {
    let request = Request(context: "c", continuation: " x")
    let documents = [2, 1].enumerated().map {
      Document(index: $0.offset, requests: Array(repeating: request, count: $0.element), judgement: .greedyMatch)
    }
    let score = TaskScore(
      documents: documents,
      results: [false, true, false].map { RequestScore(logLikelihood: -1, isGreedy: $0) })
    #expect(score.documents.map(\.isCorrect) == [true, false])
    #expect(score.documents.map(\.margin) == [nil, nil])
    #expect(score.accuracy == 0.5)
    // Variance 1/2 over n = 2: the root of 1/4.
    #expect(score.accuracyStandardError == 0.5)
    #expect(score.normalizedAccuracy == nil)
    #expect(score.perplexity == nil)
  }

  @Test func `the perplexity is that of the mean log-likelihood of the last words`() throws {
    let request = Request(context: "c", continuation: " x")
    let documents = (0..<2).map { Document(index: $0, requests: [request], judgement: .lastWord) }
    let score = TaskScore(
      documents: documents,
      results: [
        RequestScore(logLikelihood: -log(2.0), isGreedy: true), RequestScore(logLikelihood: -log(8.0), isGreedy: false),
      ])
    // The geometric mean of 2 and 8.
    #expect(abs(try #require(score.perplexity) - 4) < 1e-14)
    // Resamples have the perplexities 2, 4, 4, 8 with equal chances: deviation √(19/4) = 2.18; ten thousand resamples
    // have it within some percent.
    let workers = Workers(threadCount: 2)
    let error = try #require(try score.perplexityStandardError(Bootstrap(iterations: 10_000), workers: workers))
    #expect(abs(error - 19.0.squareRoot() / 2) < 0.1)
    #expect(score.accuracy == 0.5)
    #expect(score.documents.map(\.logLikelihood) == [-log(2.0), -log(8.0)])
  }
}
