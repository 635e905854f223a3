import Comparison
import Foundation
import Results
import Testing

@Suite struct AcceptanceTests {
  private func acceptance(of results: [CellResult], in folder: String) -> Acceptance {
    let cells = results.map(\.cell)
    return Acceptance(
      suite: "small", cells: cells, found: Dictionary(uniqueKeysWithValues: zip(cells, results)),
      baseline: Baseline(folder: folder, cells: cells))
  }

  @Test func `looking at the differences writes nothing`() throws {
    try withTemporaryFolder { folder in
      let result = smallResult(try smallCell())
      #expect(acceptance(of: [result], in: folder).differences.map(\.change) == [.new])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func `an accepted result is the baseline from then on`() throws {
    try withTemporaryFolder { folder in
      var result = smallResult(try smallCell())
      let path = Baseline.path(of: result.cell, in: folder)
      #expect(try acceptance(of: [result], in: folder).accept([result.cell]) == [path])
      #expect(try ResultFile.read(path) == result)
      result.timing.threads = 9
      let again = acceptance(of: [result], in: folder)
      #expect(again.differences.map(\.change) == [.unchanged])
      #expect(try again.accept([result.cell]) == [])
      #expect(try ResultFile.read(path).timing.threads == 2)
    }
  }

  @Test func `the commit is recorded, and no change of the environment alone is taken`() throws {
    try withTemporaryFolder { folder in
      let result = smallResult(try smallCell())
      let path = Baseline.path(of: result.cell, in: folder)
      _ = try acceptance(of: [result], in: folder).accept([result.cell], commit: "0123abc")
      #expect(try ResultFile.read(path).environment.commit == "0123abc")
      let again = acceptance(of: [result], in: folder)
      #expect(again.differences.map(\.change) == [.unchanged])
      #expect(try again.accept([result.cell], commit: "other") == [])
    }
  }

  @Test func `recording twice gives the same bytes`() throws {
    let result = smallResult(try smallCell())
    let files = try (0..<2).map { _ in
      try withTemporaryFolder { folder in
        _ = try acceptance(of: [result], in: folder).accept([result.cell], commit: "0123abc")
        return try Data(contentsOf: URL(fileURLWithPath: Baseline.path(of: result.cell, in: folder)))
      }
    }
    #expect(files[0] == files[1])
  }

  @Test func `a ratio of times that moved within its noise is no change`() throws {
    func latency(_ ratio: Double) -> CellLatency {
      CellLatency(
        batch: 1, length: 8, repetitions: 9, disturbed: 0, seconds: 1, ratio: ratio, lower: ratio * 0.99,
        upper: ratio * 1.01)
    }
    try withTemporaryFolder { folder in
      var result = smallResult(try smallCell())
      result.latency = latency(1.2)
      _ = try acceptance(of: [result], in: folder).accept([result.cell])
      result.latency = latency(1.25)
      #expect(acceptance(of: [result], in: folder).differences.map(\.change) == [.unchanged])
      result.latency = latency(2.4)
      #expect(
        acceptance(of: [result], in: folder).differences.map(\.change)
          == [.changed(["latency ratio: 1.200 [1.188, 1.212] → 2.400 [2.376, 2.424]"])])
    }
  }

  @Test func `each measurement that changed is shown`() throws {
    try withTemporaryFolder { folder in
      let old = smallResult(try smallCell())
      _ = try acceptance(of: [old], in: folder).accept([old.cell])
      var new = old
      new.tasks[0].promptWins = ["3 7", "7 3"]
      new.tasks[0].chance = 0.5
      new.perplexities = [
        CellPerplexity(
          name: "c4", method: "windows", window: 8, tokens: 1, negativeLogLikelihood: 0, tokenPerplexity: 1)
      ]
      guard case .changed(let lines) = acceptance(of: [new], in: folder).differences[0].change else {
        Issue.record("nothing changed")
        return
      }
      #expect(
        lines.sorted() == [
          "perplexity of c4: none → 1.0 (windows of 8, 1 tokens)", "piqa chance: none → 0.5",
          "piqa choices of prompts: none → 3 7, 7 3",
        ])
    }
  }

  @Test func `each field that changed is shown, old and new`() throws {
    try withTemporaryFolder { folder in
      let old = smallResult(try smallCell())
      _ = try acceptance(of: [old], in: folder).accept([old.cell])
      var new = smallResult(old.cell, tasks: [smallTask("piqa", "1111100110"), smallTask("sciq", sciqFlags)])
      new.parameters.formula = nil
      new.training?.losses[1] = 2
      new.provenance["question"] = digest("d9")
      #expect(
        acceptance(of: [new], in: folder).differences.map(\.change) == [
          .changed([
            "average accuracy: 0.8 → 0.85", "piqa accuracy: 0.6 → 0.7", "piqa correct: 0 lost, 1 gained of 10",
            "piqa normalized accuracy: 0.6 → 0.7",
            "piqa answers: \(digest("a 1101100110")) → \(digest("a 1111100110"))",
            "formula parameters: 1664 → none", "losses: 1 of 2 differ",
            "provenance question: \(digest("d0")) → \(digest("d9"))",
          ])
        ])
    }
  }

  @Test func `a result that may not be compared is refused, and nothing is written`() throws {
    try withTemporaryFolder { folder in
      let sound = smallResult(try smallCell())
      let limited = smallResult(try smallCell("lora-4"), notComparableReason: "--limit 4")
      let acceptance = acceptance(of: [sound, limited], in: folder)
      #expect(throws: AcceptanceError.refused(limited.cell, reasons: ["comparable: --limit 4"])) {
        try acceptance.accept([sound.cell, limited.cell])
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func `a result that fell to zero and an unsound one are refused`() throws {
    try withTemporaryFolder { folder in
      let old = smallResult(try smallCell())
      _ = try acceptance(of: [old], in: folder).accept([old.cell])
      let zero = smallResult(old.cell, tasks: [smallTask("piqa", "0000000000"), smallTask("sciq", sciqFlags)])
      var nan = old
      nan.tasks[0].perplexity = .nan
      for result in [zero, nan] {
        #expect(throws: AcceptanceError.self) { try acceptance(of: [result], in: folder).accept([old.cell]) }
      }
      #expect(try ResultFile.read(Baseline.path(of: old.cell, in: folder)) == old)
    }
  }

  @Test func `a cell without a result cannot be accepted`() throws {
    let cell = try smallCell()
    #expect(throws: AcceptanceError.unknownCell(cell)) { try acceptance(of: [], in: "/nowhere").accept([cell]) }
  }
}
