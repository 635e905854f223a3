import Comparison
import Foundation
import Results
import Testing

@Suite struct BaselineTests {
  @Test func `files that no cell uses are listed and fail`() throws {
    try withTemporaryFolder { folder in
      let cell = try smallCell()
      let renamed = try smallCell("prompt-26")
      try ResultFile.write(smallResult(cell), to: Baseline.path(of: cell, in: folder))
      try ResultFile.write(smallResult(renamed), to: Baseline.path(of: renamed, in: folder))
      try Data().write(to: URL(fileURLWithPath: folder + "/notes.txt"))
      try Data().write(to: URL(fileURLWithPath: folder + "/.gitkeep"))
      let baseline = Baseline(folder: folder, cells: [cell])
      #expect(baseline.unusedFiles == ["notes.txt", "tiny/gptq-3bit/prompt-26.json"])
      let comparison = Comparison(
        suite: "small", cells: [cell], found: [cell: smallResult(cell)], baseline: baseline)
      #expect(comparison.checks.filter { $0.verdict == .baselineUnused }.count == 2)
      #expect(comparison.exitStatus() == 5)
    }
  }

  @Test func `a damaged file and one in another cell's place are no baselines`() throws {
    try withTemporaryFolder { folder in
      let cell = try smallCell()
      let other = try smallCell("prompt-26")
      let path = Baseline.path(of: cell, in: folder)
      try ResultFile.write(smallResult(cell), to: path)
      try ResultFile.write(smallResult(cell), to: Baseline.path(of: other, in: folder))
      try Data("{".utf8).write(to: URL(fileURLWithPath: path))
      let baseline = Baseline(folder: folder, cells: [cell, other])
      #expect(baseline.results.isEmpty)
      #expect(baseline.damaged[cell] == .truncated(file: path))
      #expect(baseline.damaged.count == 2)
      let comparison = Comparison(
        suite: "small", cells: [cell], found: [cell: smallResult(cell)], baseline: baseline)
      #expect(comparison.exitStatus() == 5)
    }
  }

  @Test func `a folder that does not exist holds no baselines`() throws {
    let baseline = Baseline(folder: "/nowhere", cells: [try smallCell()])
    #expect(baseline.results.isEmpty)
    #expect(baseline.unusedFiles.isEmpty)
  }
}
