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

  @Test func `each field that changed is shown, old and new`() throws {
    try withTemporaryFolder { folder in
      let old = smallResult(try smallCell())
      _ = try acceptance(of: [old], in: folder).accept([old.cell])
      var new = smallResult(old.cell, tasks: [smallTask("piqa", "1111100110"), smallTask("sciq", sciqFlags)])
      new.parameters.formula = nil
      new.training?.losses[1] = 2
      new.provenance["suite"] = "d9"
      #expect(
        acceptance(of: [new], in: folder).differences.map(\.change) == [
          .changed([
            "average accuracy: 0.8 → 0.85", "piqa accuracy: 0.6 → 0.7", "piqa correct: 0 lost, 1 gained of 10",
            "piqa normalized accuracy: 0.6 → 0.7", "piqa answers: a 1101100110 → a 1111100110",
            "formula parameters: 1664 → none", "losses: 1 of 2 differ", "provenance suite: d0 → d9",
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
