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

  /// What `compare` says of a baseline whose file was changed.
  private func complaint(_ change: (String) -> String) throws -> String {
    try withTemporaryFolder { folder in
      let cell = try smallCell()
      let path = Baseline.path(of: cell, in: folder)
      let text = String(decoding: try ResultFile.encode(smallResult(cell), file: path), as: UTF8.self)
      try ResultFile.write(smallResult(cell), to: path)
      let changed = change(text)
      try #require(changed != text)
      try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
      let comparison = Comparison(
        suite: "small", cells: [cell], found: [cell: smallResult(cell)],
        baseline: Baseline(folder: folder, cells: [cell]))
      #expect(comparison.checks.map(\.verdict) == [.baselineMissing])
      #expect(comparison.exitStatus() == 5)
      let detail = comparison.checks[0].detail
      #expect(detail.contains(path), "\(detail)")
      return detail.replacingOccurrences(of: path, with: "FILE")
    }
  }

  private func replacing(_ old: String, _ new: String) throws -> String {
    try complaint { $0.replacingOccurrences(of: old, with: new) }
  }

  @Test func `a baseline that cannot be used is named with the place of its trouble`() throws {
    #expect(
      try replacing("\"schemaVersion\" : 1", "\"schemaVersion\" : 2")
        == "the baseline cannot be used: FILE: written in version 2 of the format, this program reads version 1")
    #expect(
      try complaint { String($0.prefix($0.count / 2)) }
        == "the baseline cannot be used: FILE: the result ends before its end")
    #expect(try complaint { _ in "" }.contains("the result ends before its end"))
    #expect(try replacing("\"seed\" : 0,", "").hasSuffix("FILE: “seed” is missing"))
    #expect(try replacing("\"seed\" : 0,", "\"seed\" : 0, \"sed\" : 0,").hasSuffix("FILE: unknown members: sed"))
    #expect(try replacing("\"seed\" : 0,", "\"seed\" : ,").contains("FILE: no valid JSON: "))
  }

  @Test func `a baseline edited by hand is refused where it contradicts itself`() throws {
    #expect(
      try replacing("\"accuracy\" : 0.6,", "\"accuracy\" : 0.7,").contains("FILE: tasks.piqa.accuracy: 0.7 is not 6/10")
    )
    #expect(try replacing(piqaFlags, "1101100111").contains("tasks.piqa.accuracy: 0.6 is not 7/10"))
    #expect(try replacing("\"documents\" : 10,", "\"documents\" : 11,").contains("tasks.piqa.correct: 10 flags for 11"))
    #expect(
      try replacing(digest("s0"), digest("s0").dropLast() + "x").contains("tasks.piqa.scoresDigest: “7330"))
    #expect(try replacing(digest("d0"), "").contains("provenance.question: “” is no SHA-256 digest"))
  }

  @Test func `a folder that does not exist holds no baselines`() throws {
    let baseline = Baseline(folder: "/nowhere", cells: [try smallCell()])
    #expect(baseline.results.isEmpty)
    #expect(baseline.unusedFiles.isEmpty)
  }
}
