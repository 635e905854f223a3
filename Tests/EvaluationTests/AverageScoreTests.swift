import Evaluation
import Testing

@Suite struct AverageScoreTests {
  /// One score with so many right of four.
  func score(_ right: Int) -> TaskScore {
    let request = Request(context: "c", continuation: " x")
    let documents = (0..<4).map { Document(index: $0, requests: [request], judgement: .greedyMatch) }
    return TaskScore(
      documents: documents, results: (0..<4).map { RequestScore(logLikelihood: -1, isGreedy: $0 < right) })
  }

  @Test func `errors add as those of independent scores`() {
    let average = AverageScore(of: [(0.5, 0.3), (0.7, 0.4)])
    #expect(average.mean == 0.6)
    // √(0.09 + 0.16) / 2
    #expect(average.standardError == 0.25)
    #expect(average.taskCount == 2)
    #expect(AverageScore(of: [(0.5, 0.3), (0.7, nil)]).standardError == nil)
  }

  @Test func `a domain has an average when it has all its tasks`() throws {
    var scores = ["hellaswag": score(1), "lambada_openai": score(2)]
    #expect(AverageScore(of: .language, among: scores) == nil)
    scores["winogrande"] = score(4)
    let language = try #require(AverageScore(of: .language, among: scores))
    #expect(language.mean == (0.25 + 0.5 + 1) / 3)
    #expect(language.taskCount == 3)
    #expect(AverageScore(of: .world, among: scores) == nil)
    #expect(AverageScore(ofAllAmong: scores) == nil)
    for name in Benchmark.names { scores[name] = score(2) }
    #expect(AverageScore(of: .world, among: scores)?.taskCount == 5)
    #expect(AverageScore(of: .common, among: scores)?.taskCount == 1)
    #expect(AverageScore(ofAllAmong: scores)?.mean == 0.5)
  }

  @Test func `a paired difference counts the documents in which the two differ`() throws {
    let difference = try #require(PairedDifference(score(1), score(3)))
    // 0, 1, 1, 0: variance 1/3 over n = 4.
    #expect(difference.mean == 0.5)
    #expect(abs(try #require(difference.standardError) - (1.0 / 12).squareRoot()) < 1e-15)
    #expect(difference.documentCount == 4)
    #expect(PairedDifference([1], [3]).standardError == nil)
    // Equal in all but the mean: no noise.
    #expect(PairedDifference([1, 2, 5], [2, 3, 6]).standardError == 0)
  }

  @Test func `scores of other documents make no pairs`() {
    let request = Request(context: "c", continuation: " x")
    let other = TaskScore(
      documents: (1..<5).map { Document(index: $0, requests: [request], judgement: .greedyMatch) },
      results: Array(repeating: RequestScore(logLikelihood: -1, isGreedy: true), count: 4))
    #expect(PairedDifference(score(1), other) == nil)
  }
}
