import Comparison
import Foundation
import Results
import Testing

/// Accuracies on another kernel than the baseline's, where they are compared by statistics.
@Suite struct AccuracyComparisonTests {
  /// `right` documents right, the first `lost` of which are wrong now; `gained` of the others are right now.
  private func task(_ name: String, right: Int, of documents: Int, lost: Int = 0, gained: Int = 0) -> TaskResult {
    let correct = (0..<documents).map { place in
      place < right ? place >= lost : place < right + gained
    }
    return TaskResult(
      name: name, version: "1", correct: correct, answersDigest: digest("a"), scoresDigest: digest("s"))
  }

  private func checks(
    _ found: [TaskResult], _ expected: [TaskResult], rule: ComparisonRule = ComparisonRule()
  ) throws -> [Check] {
    try withTemporaryFolder { folder in
      let cell = try smallCell()
      try ResultFile.write(smallResult(cell, tasks: expected), to: Baseline.path(of: cell, in: folder))
      let comparison = Comparison(
        suite: "small", cells: [cell], found: [cell: smallResult(cell, tasks: found, kernel: "Zen")],
        baseline: Baseline(folder: folder, cells: [cell]), rule: rule)
      return comparison.checks
    }
  }

  private func accuracy(
    right: Int, of documents: Int, lost: Int = 0, gained: Int = 0, chance: Double? = nil,
    rule: ComparisonRule = ComparisonRule()
  ) throws -> Check {
    var found = task("piqa", right: right, of: documents, lost: lost, gained: gained)
    var expected = task("piqa", right: right, of: documents)
    (found.chance, expected.chance) = (chance, chance)
    return try #require(try checks([found], [expected], rule: rule).first { $0.name == "piqa accuracy" })
  }

  @Test func `a few flips of many documents are comparable`() throws {
    let check = try accuracy(right: 240, of: 400, lost: 4, gained: 3)
    #expect(check.verdict == .pass)
    #expect(check.detail == "comparable: 4 lost, 3 gained of 400; p = 1")
    // 0.6 less the lower end of Wilson's interval for 240 of 400, 0.5513.
    #expect(check.tolerance == "4.87 points")
    #expect(check.flips?.lostPlaces == [0, 1, 2, 3])
  }

  @Test func `the same flips of few documents are not`() throws {
    #expect(try accuracy(right: 9, of: 15, lost: 4, gained: 3).verdict == .inconclusive)
  }

  @Test func `half of the documents changing sides is not comparable, whatever the accuracy`() throws {
    let check = try accuracy(right: 200, of: 400, lost: 100, gained: 100)
    #expect(check.verdict == .inconclusive)
    #expect(check.detail.contains("a difference of"))
  }

  @Test func `with few documents the margin is half of what the baseline has above chance`() throws {
    #expect(try accuracy(right: 15, of: 20, lost: 1, chance: 0.5).tolerance == "12.50 points")
    #expect(try accuracy(right: 15, of: 20, lost: 1).tolerance == "21.87 points")
  }

  @Test func `a baseline at chance has nothing above it to keep, and only its own uncertainty counts`() throws {
    let check = try accuracy(right: 200, of: 400, lost: 4, gained: 3, chance: 0.5)
    #expect(check.verdict == .pass)
    // 0.5 less the lower end of Wilson's interval for 200 of 400, 0.4512.
    #expect(check.tolerance == "4.88 points")
  }

  @Test func `where no document is lost there is no loss`() throws {
    #expect(try accuracy(right: 0, of: 100, gained: 1).verdict == .pass)
    #expect(try accuracy(right: 5, of: 10, gained: 2).verdict == .pass)
    #expect(try accuracy(right: 5, of: 10, lost: 2).verdict == .inconclusive)
  }

  @Test func `a margin that is stated replaces the derived one, and allows a loss that is shown`() throws {
    let strict = ComparisonRule(margin: 0.5)
    #expect(try accuracy(right: 240, of: 400, lost: 4, gained: 3, rule: strict).verdict == .inconclusive)
    #expect(try accuracy(right: 6000, of: 10_000, lost: 30).verdict == .regression)
    #expect(try accuracy(right: 6000, of: 10_000, lost: 30, rule: strict).verdict == .pass)
    #expect(try accuracy(right: 6000, of: 10_000, lost: 60, rule: strict).verdict == .regression)
  }

  @Test func `the more accuracies are compared, the more each must show`() throws {
    func verdicts(tasks: Int) throws -> [Verdict] {
      let found = (0..<tasks).map { task("t\($0)", right: 60, of: 100, lost: $0 == 0 ? 8 : 0, gained: 0) }
      let expected = (0..<tasks).map { task("t\($0)", right: 60, of: 100) }
      return try checks(found, expected).filter { $0.name.hasSuffix("accuracy") }.map(\.verdict)
    }
    // p = 2/2⁸ = 0.0078: with six tests 0.047, with seven 0.055.
    #expect(try verdicts(tasks: 1) == [.regression])
    #expect(try verdicts(tasks: 6).first == .regression)
    #expect(try verdicts(tasks: 7).first == .inconclusive)
  }

  @Test func `the smallest loss that could be shown is known`() throws {
    let tasks = (0..<10).map { task("t\($0)", right: 60, of: 100 + $0) }
    try withTemporaryFolder { folder in
      let cell = try smallCell()
      try ResultFile.write(smallResult(cell, tasks: tasks), to: Baseline.path(of: cell, in: folder))
      let comparison = Comparison(
        suite: "small", cells: [cell], found: [cell: smallResult(cell, tasks: tasks)],
        baseline: Baseline(folder: folder, cells: [cell]))
      // 2/2⁹ = 0.0039 is at most 0.05/10.
      let accuracies = try #require(comparison.accuracies)
      #expect(accuracies.tests == 10)
      #expect(accuracies.documents == 100...109)
      #expect(accuracies.fewestShown == 9)
    }
  }

  @Test func `falling to what guessing gives is a regression however few the documents`() throws {
    let check = try accuracy(right: 6, of: 8, lost: 4, chance: 0.25)
    #expect(check.verdict == .regression)
    #expect(check.detail == "4 lost, 0 gained of 8: no more than guessing gives, 25.00 %")
    #expect(try accuracy(right: 6, of: 8, lost: 3, chance: 0.25).verdict == .inconclusive)
    // The baseline itself was not above chance.
    #expect(try accuracy(right: 3, of: 8, lost: 1, chance: 0.25).verdict == .inconclusive)
  }

  @Test func `everything right, and half of the errors gone at once, are too good to be taken`() throws {
    func suspicions(_ found: TaskResult, _ expected: TaskResult) throws -> [Check] {
      try checks([found], [expected]).filter { $0.name == "piqa plausibility" }
    }
    let perfect = try suspicions(task("piqa", right: 100, of: 100), task("piqa", right: 60, of: 100))
    #expect(perfect.map(\.verdict) == [.inconclusive])
    #expect(perfect.first?.detail.contains("every document is right") == true)
    let leap = try suspicions(task("piqa", right: 85, of: 100), task("piqa", right: 60, of: 100))
    #expect(leap.first?.detail.contains("more than half of the errors are gone") == true)
    #expect(try suspicions(task("piqa", right: 79, of: 100), task("piqa", right: 60, of: 100)).isEmpty)
    // One error of ten gone is no wonder.
    #expect(try suspicions(task("piqa", right: 10, of: 10), task("piqa", right: 9, of: 10)).isEmpty)
  }
}
