import Comparison
import Foundation
import Results
import Testing

@Suite struct ComparisonTests {
  /// Compares one cell's result with its stored baseline.
  private func compare(
    _ found: CellResult?, with expected: CellResult?, failures: [Cell: String] = [:], significance: Double = 0.05
  ) throws -> Comparison {
    try withTemporaryFolder { folder in
      let cell = try smallCell()
      if let expected { try ResultFile.write(expected, to: Baseline.path(of: cell, in: folder)) }
      return Comparison(
        suite: "small", cells: [cell], found: found.map { [cell: $0] } ?? [:], failures: failures,
        baseline: Baseline(folder: folder, cells: [cell]), rule: ComparisonRule(significance: significance))
    }
  }

  private func notHeld(_ comparison: Comparison) -> [String] {
    comparison.checks.filter { $0.verdict != .pass }.map { "\($0.name): \($0.verdict)" }
  }

  private func accuracyCheck(_ expected: String, _ found: String) throws -> Check {
    let cell = try smallCell()
    let comparison = try compare(
      smallResult(cell, tasks: [smallTask("piqa", found)], kernel: "Zen"),
      with: smallResult(cell, tasks: [smallTask("piqa", expected)]))
    return try #require(comparison.checks.first { $0.name == "piqa accuracy" })
  }

  @Test func `the same result holds in every check`() throws {
    let result = smallResult(try smallCell())
    let comparison = try compare(result, with: result)
    #expect(notHeld(comparison) == [])
    #expect(comparison.checks.count > 10)
    #expect(comparison.exitStatus() == 0)
  }

  @Test func `timing and environment are not compared`() throws {
    let expected = smallResult(try smallCell())
    var found = expected
    found.timing = Timing(threads: 9, secondsByStage: ["x": 1e6])
    found.environment.programVersion = "9"
    found.environment.operatingSystem = "other"
    #expect(notHeld(try compare(found, with: expected)) == [])
  }

  @Test func `on the same kernel another bit in a score is a regression`() throws {
    let cell = try smallCell()
    var tasks = smallResult(cell).tasks
    tasks[0].scoresDigest = digest("s1")
    let comparison = try compare(smallResult(cell, tasks: tasks), with: smallResult(cell))
    #expect(notHeld(comparison) == ["piqa answers: regression"])
    #expect(
      comparison.checks.first { $0.name == "piqa answers" }?.detail == "same kernel (Haswell), different bits: scores")
    #expect(comparison.exitStatus() == 2)
  }

  @Test func `on the same kernel other answers are a regression even where the accuracy is inconclusive`() throws {
    let cell = try smallCell()
    let comparison = try compare(
      smallResult(cell, tasks: [smallTask("piqa", "1101100101"), smallTask("sciq", sciqFlags)]), with: smallResult(cell)
    )
    #expect(notHeld(comparison) == ["piqa answers: regression", "piqa accuracy: inconclusive"])
  }

  @Test func `on the same kernel other training losses and another compression error are regressions`() throws {
    let expected = smallResult(try smallCell())
    var found = expected
    found.training?.losses[0] = 2.5.nextUp
    found.compression?.errorSum = 0.1.nextUp
    #expect(notHeld(try compare(found, with: expected)) == ["compression: regression", "training: regression"])
  }

  @Test func `on another kernel other bits are no matter while the same documents are right`() throws {
    let cell = try smallCell()
    let tasks = smallResult(cell).tasks.map { smallTask($0.name, $0.correct, scores: "other") }
    let comparison = try compare(smallResult(cell, tasks: tasks, kernel: "Zen"), with: smallResult(cell))
    #expect(notHeld(comparison) == [])
  }

  @Test func `six documents lost and none gained are a regression`() throws {
    let check = try accuracyCheck("11111111", "00000011")
    #expect(check.verdict == .regression)
    #expect(check.expected == "100.00 %")
    #expect(check.found == "25.00 %")
    #expect(check.detail == "6 lost, 0 gained of 8; p = 0.031")
  }

  @Test func `six documents gained and none lost are an improvement`() throws {
    #expect(try accuracyCheck("00000011", "11111111").verdict == .improvement)
  }

  @Test(arguments: ["00000111", "11111110"])
  func `five flips or fewer are inconclusive`(found: String) throws {
    let check = try accuracyCheck("11111111", found)
    #expect(check.verdict == .inconclusive)
    #expect(check.detail.contains("0.05 needs more flips than"))
  }

  @Test func `equal accuracies with other documents right are inconclusive`() throws {
    let check = try accuracyCheck("11110000", "00001111")
    #expect(check.verdict == .inconclusive)
    #expect(check.detail.hasPrefix("4 lost, 4 gained of 8; p = 1, 0.05 needs at least 8 one way; a difference of 85.0"))
  }

  @Test func `an accuracy that falls to zero is a regression however few the documents`() throws {
    let check = try accuracyCheck("10", "00")
    #expect(check.verdict == .regression)
    #expect(check.detail.contains("nothing is right any more"))
  }

  @Test func `a zero that the baseline has too is held`() throws {
    #expect(try accuracyCheck("00", "00").verdict == .pass)
  }

  @Test func `the significance can be chosen`() throws {
    let cell = try smallCell()
    let comparison = try compare(
      smallResult(cell, tasks: [smallTask("piqa", "00000011")], kernel: "Zen"),
      with: smallResult(cell, tasks: [smallTask("piqa", "11111111")]), significance: 0.01)
    #expect(notHeld(comparison) == ["piqa accuracy: inconclusive"])
    #expect(comparison.exitStatus() == 6)
  }

  @Test func `each digest that differs makes the baseline stale, and is named`() throws {
    let expected = smallResult(try smallCell())
    var found = expected
    found.provenance["question"] = digest("other")
    found.provenance["model/config.json"] = nil
    found.provenance["training"] = digest("new")
    #expect(
      notHeld(try compare(found, with: expected)) == [
        "provenance model/config.json: baselineStale", "provenance question: baselineStale",
        "provenance training: baselineStale",
      ])
    #expect(try compare(found, with: expected).exitStatus() == 5)
  }

  @Test func `flags of other documents are not paired`() throws {
    let expected = smallResult(try smallCell())
    var found = expected
    found.provenance["task/piqa"] = digest("other")
    let comparison = try compare(found, with: expected)
    #expect(notHeld(comparison) == ["provenance task/piqa: baselineStale"])
    #expect(!comparison.checks.contains { $0.name == "piqa accuracy" })
    #expect(comparison.checks.contains { $0.name == "sciq accuracy" })
  }

  @Test func `seed, parameters, documents, tasks and versions must be equal`() throws {
    let expected = smallResult(try smallCell())
    var found = expected
    found.seed = 1
    found.parameters = ParameterCount(trainable: 1665, formula: nil)
    found.tasks[0].version = "2"
    #expect(
      notHeld(try compare(found, with: expected)) == [
        "seed: baselineStale", "trainable parameters: regression", "formula parameters: regression",
        "piqa version: baselineStale",
      ])
    let shorter = smallResult(expected.cell, tasks: [smallTask("piqa", "110")])
    #expect(
      notHeld(try compare(shorter, with: expected)) == ["tasks: regression", "piqa documents: regression"])
  }

  @Test func `a missing cell fails with its reason`() throws {
    let cell = try smallCell()
    let comparison = try compare(nil, with: smallResult(cell), failures: [cell: "out of memory"])
    #expect(notHeld(comparison) == ["result: cellFailed"])
    #expect(comparison.checks[0].detail == "out of memory")
    #expect(comparison.exitStatus() == 3)
    #expect(try compare(nil, with: smallResult(cell)).exitStatus() == 3)
  }

  @Test func `a missing baseline fails`() throws {
    let comparison = try compare(smallResult(smallCell()), with: nil)
    #expect(notHeld(comparison) == ["baseline: baselineMissing"])
    #expect(comparison.exitStatus() == 5)
  }

  @Test func `a baseline marked as not comparable is no baseline`() throws {
    let cell = try smallCell()
    let comparison = try compare(smallResult(cell), with: smallResult(cell, notComparableReason: "--limit 4"))
    #expect(notHeld(comparison) == ["baseline: baselineMissing"])
  }

  @Test func `no tasks, no documents, a NaN and a shortened run fail the cell`() throws {
    let cell = try smallCell()
    let sound = smallResult(cell)
    var nan = sound
    nan.tasks[1].accuracy = .nan
    var empty = sound
    empty.tasks[0] = smallTask("piqa", "")
    let unfit = [
      smallResult(cell, tasks: []), nan, empty, smallResult(cell, notComparableReason: "--limit 4"),
    ]
    for result in unfit {
      let comparison = try compare(result, with: sound)
      #expect(comparison.checks.allSatisfy { $0.verdict == .cellFailed })
      #expect(comparison.exitStatus() == 3)
    }
  }

  @Test func `a result of another suite or cell fails`() throws {
    let sound = smallResult(try smallCell())
    var other = sound
    other.suite = "large"
    other.cell = try smallCell("lora-4")
    #expect(notHeld(try compare(other, with: sound)) == ["suite: cellFailed", "cell: cellFailed"])
  }

  @Test func `a result that does not say what it was made from fails the cell`() throws {
    let sound = smallResult(try smallCell())
    var found = sound
    found.provenance = [:]
    #expect(notHeld(try compare(found, with: sound)) == ["provenance: cellFailed"])
  }

  @Test func `two cells of one name fail`() throws {
    let cell = try smallCell()
    try withTemporaryFolder { folder in
      try ResultFile.write(smallResult(cell), to: Baseline.path(of: cell, in: folder))
      let comparison = Comparison(
        suite: "small", cells: [cell, cell], found: [cell: smallResult(cell)],
        baseline: Baseline(folder: folder, cells: [cell]))
      #expect(notHeld(comparison) == ["name: cellFailed"])
    }
  }

  @Test func `cells that are not asked for are not missing, and their baselines not unused`() throws {
    let (quick, slow) = (try smallCell(), try smallCell("lora-4"))
    try withTemporaryFolder { folder in
      for cell in [quick, slow] { try ResultFile.write(smallResult(cell), to: Baseline.path(of: cell, in: folder)) }
      let comparison = Comparison(
        suite: "small", cells: [quick], found: [quick: smallResult(quick)],
        baseline: Baseline(folder: folder, cells: [quick, slow]))
      #expect(notHeld(comparison) == [])
      #expect(comparison.exitStatus() == 0)
    }
  }

  @Test(arguments: ["kernel", "OpenBLAS", "architecture", "provenance"])
  func `bits are compared only where nothing excuses a difference`(what: String) throws {
    let expected = smallResult(try smallCell())
    var found = smallResult(expected.cell, tasks: expected.tasks.map { smallTask($0.name, $0.correct, scores: "s1") })
    #expect(notHeld(try compare(found, with: expected)) == ["piqa answers: regression", "sciq answers: regression"])
    switch what {
    case "kernel": found.environment.kernel = "Zen"
    case "OpenBLAS": found.environment.openBLAS = "0.3.26"
    case "architecture": found.environment.architecture = "arm64"
    default: found.provenance["question"] = digest("other")
    }
    let comparison = try compare(found, with: expected)
    #expect(!comparison.checks.contains { $0.verdict == .regression })
    #expect(comparison.checks.contains { $0.name == "bits" && $0.detail.contains("not compared") })
  }

  @Test func `another way to combine prompts, another method and other steps are regressions on any kernel`() throws {
    let expected = smallResult(try smallCell())
    var found = smallResult(expected.cell, kernel: "Zen")
    found.prompting = PromptingSummary(
      prompts: ["a", "b"], method: "concatenation", selection: nil, positions: "contiguous", positionCount: 8)
    found.compression?.method = "gptq 4 bits"
    found.training?.steps = 3
    #expect(
      notHeld(try compare(found, with: expected)) == [
        "prompting: regression", "compression: regression", "training: regression",
      ])
  }

  @Test func `where bits can be compared other choices of prompts are a regression`() throws {
    var expected = smallResult(try smallCell())
    expected.tasks[0].promptWins = ["7 3", "3 7"]
    var found = expected
    found.tasks[0].promptWins = ["3 7", "7 3"]
    let comparison = try compare(found, with: expected)
    #expect(notHeld(comparison) == ["piqa answers: regression"])
    #expect(comparison.checks.first { $0.name == "piqa answers" }?.detail.hasSuffix("choices of prompts") == true)
    found.environment.kernel = "Zen"
    #expect(notHeld(try compare(found, with: expected)) == [])
  }

  @Test func `a suite without cells fails`() {
    let comparison = Comparison(
      suite: "small", cells: [], found: [:], baseline: Baseline(folder: "/nowhere", cells: []))
    #expect(comparison.exitStatus() == 3)
  }

  @Test func `the gravest verdict makes the exit status`() {
    #expect(Verdict.exitStatus(of: Verdict.allCases) == 3)
    #expect(Verdict.exitStatus(of: [.pass, .regression, .baselineMissing, .inconclusive]) == 2)
    #expect(Verdict.exitStatus(of: [.inconclusive, .baselineUnused]) == 5)
    #expect(Verdict.exitStatus(of: [.inconclusive, .improvement, .pass]) == 6)
    #expect(Verdict.exitStatus(of: [.improvement, .pass]) == 0)
    #expect(Verdict.exitStatus(of: [.improvement, .pass], strictImprovement: true) == 4)
    #expect(Verdict.exitStatus(of: []) == 3)
  }
}
