import Comparison
import Foundation
import Results
import Testing

@Suite struct GateTestTests {
  private func cells() throws -> [Cell] { [try smallCell(), try smallCell("idp-3-5")] }

  private func result(_ cell: Cell, kernel: String = "Haswell") -> CellResult {
    var result = smallResult(cell, kernel: kernel)
    guard cell.recovery == "idp-3-5" else { return result }
    result.tasks[1].promptWins = ["3 1", "1 3"]
    result.latency = CellLatency(
      batch: 4, length: 8, repetitions: 9, disturbed: 8, seconds: 1, ratio: 1.25, lower: 1, upper: 1.5)
    return result
  }

  /// A gate over results that are their own baseline, but for what the change makes of the results.
  private func withGate<Result>(
    kernel: String = "Haswell", change: (inout CellResult) -> Void = { _ in }, _ body: (GateTest) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      for cell in try cells() {
        try ResultFile.write(result(cell), to: "\(folder)/expected/\(cell.path)")
        var found = result(cell, kernel: kernel)
        change(&found)
        try ResultFile.write(found, to: "\(folder)/results/\(cell.path)")
      }
      return try body(
        GateTest(
          suite: "small", results: folder + "/results", baseline: folder + "/expected", allCells: cells(),
          cells: cells(), rule: ComparisonRule()))
    }
  }

  @Test(arguments: StoredFault.allCases)
  func `each fault turns a green gate red, for its own reason`(fault: StoredFault) throws {
    try withGate { gate in
      #expect(gate.clean().exitStatus() == 0)
      let outcome = try #require(try gate.outcomes(of: [fault]).first)
      #expect(outcome.verdict == .caught, "\(outcome.reason)")
      #expect([2, 3, 5].contains(outcome.status))
    }
  }

  @Test func `a ratio that a busy machine found smaller is doubled from the baseline's, and caught`() throws {
    func smaller(_ result: inout CellResult) {
      guard var latency = result.latency else { return }
      (latency.ratio, latency.lower, latency.upper) = (1.2, 0.96, 1.44)
      result.latency = latency
    }
    try withGate(change: smaller) { gate in
      let outcome = try #require(try gate.outcomes(of: [.doubledLatency]).first)
      #expect(outcome.verdict == .caught, "\(outcome.reason)")
    }
  }

  @Test func `the files themselves stay as they are`() throws {
    try withGate { gate in
      func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for folder in [gate.results, gate.baseline] {
          for case let name as String in try #require(FileManager.default.enumerator(atPath: folder)) {
            files[folder + name] = FileManager.default.contents(atPath: "\(folder)/\(name)")
          }
        }
        return files
      }
      let before = try files()
      _ = try gate.outcomes()
      #expect(try files() == before)
      #expect(before.count >= 4)
    }
  }

  @Test func `what only bits show is not asked of another kernel, and what is not measured of no cell`() throws {
    try withGate(kernel: "Zen", change: { $0.latency?.disturbed = 0 }) { gate in
      let outcomes = try gate.outcomes(of: [.shiftedGold, .swappedPrompts, .accuracyZero])
      #expect(outcomes.map(\.verdict) == [.notApplicable, .notApplicable, .caught])
    }
    try withTemporaryFolder { folder in
      let cell = try smallCell()
      for part in ["expected", "results"] { try ResultFile.write(result(cell), to: "\(folder)/\(part)/\(cell.path)") }
      let gate = GateTest(
        suite: "small", results: folder + "/results", baseline: folder + "/expected", allCells: [cell], cells: [cell],
        rule: ComparisonRule())
      #expect(
        try gate.outcomes(of: [.doubledLatency, .swappedPrompts]).map(\.verdict) == [.notApplicable, .notApplicable])
    }
  }

  @Test func `a gate that stays green, or is red for another reason or elsewhere too, is found out`() throws {
    let cell = try smallCell()
    let expected = [ExpectedCheck(cell, "piqa answers", .regression)]
    try withGate { gate in
      let green = gate.outcome(title: "none", result: result(cell), expecting: expected)
      #expect(green.verdict == .missed)
      #expect(green.reason == "the comparison is green")
      var other = result(cell)
      other.parameters.trainable += 1
      let wrong = gate.outcome(title: "other", result: other, expecting: expected)
      #expect(wrong.verdict == .missed)
      #expect(wrong.reason.hasPrefix("red, but for another reason: \(cell): trainable parameters"))
    }
    try withGate(change: { if $0.cell != cell { $0.parameters.trainable += 1 } }) { gate in
      var found = result(cell)
      found.tasks[0].scoresDigest = digest("other")
      let elsewhere = gate.outcome(title: "elsewhere", result: found, expecting: expected)
      #expect(elsewhere.verdict == .missed)
      #expect(elsewhere.reason.hasPrefix("another cell is red too"))
    }
  }
}
