import Foundation
import Testing

@Suite struct GateTests {
  /// Runs the suite, and records its baseline.
  private func recorded(_ suite: borrowing SmallSuite) throws {
    let run = try Command.run(["run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", results(suite)])
    #expect(run.status == 0, "\(run.errors)")
    let accept = try Command.run(["accept", suite.suiteFile, "-o", results(suite), "--all", "--force"])
    #expect(accept.status == 0, "\(accept.errors)")
  }

  private func results(_ suite: borrowing SmallSuite) -> String { suite.folder + "/results" }

  private func compare(_ suite: borrowing SmallSuite) throws -> Command.Outcome {
    try Command.run(["compare", suite.suiteFile, "-o", results(suite)])
  }

  private func edit(_ path: String, _ change: (String) -> String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let changed = change(text)
    try #require(changed != text, "nothing was changed in \(path)")
    try changed.write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func `what was accepted holds, and a second run takes everything from the store`() throws {
    let suite = try SmallSuite()
    #expect(try compare(suite).status == 3, "nothing was run yet")
    try recorded(suite)
    let held = try compare(suite)
    #expect(held.status == 0, "\(held.output)")
    let again = try Command.run(["run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", results(suite)])
    #expect(again.status == 0)
    #expect(again.errors.contains("of which 27 are finished already"), "\(again.errors)")
    #expect(try compare(suite).status == 0)
  }

  @Test func `a missing baseline, a wrong count and a missing result have the statuses they should`() throws {
    let suite = try SmallSuite()
    try recorded(suite)
    let expected = suite.folder + "/expected/random/gptq-3bit"
    try edit(expected + "/lora-2.json") { $0.replacing(/"trainable" : \d+/, with: "\"trainable\" : 1") }
    let regression = try compare(suite)
    #expect(regression.status == 2, "\(regression.output)")
    #expect(regression.output.contains("trainable parameters"))

    try FileManager.default.removeItem(atPath: expected + "/lora-2.json")
    let missing = try compare(suite)
    #expect(missing.status == 5, "\(missing.output)")

    // A result cut short is not taken for a whole one.
    let path = results(suite) + "/random/dense/none.json"
    try edit(path) { String($0.prefix($0.count / 2)) }
    let truncated = try compare(suite)
    #expect(truncated.status == 3, "\(truncated.output)")
    #expect(truncated.output.contains("none.json"))
  }

  @Test func `documents that changed sides are told with their places in the file and their margins`() throws {
    let suite = try SmallSuite()
    try recorded(suite)
    try edit(suite.folder + "/expected/random/dense/none.json") { text in
      // Of two documents the other is said to have been right before, so that the accuracy is the same.
      text.replacing(/("correct" : "[01]*?)(01|10)/, maxReplacements: 1) {
        $0.output.1 + ($0.output.2 == "01" ? "10" : "01")
      }
    }
    let comparison = try compare(suite)
    #expect(comparison.status != 0)
    #expect(comparison.output.contains(/document \d+ \(by \d+\.\d{3} nats\)/), "\(comparison.output)")
  }

  @Test func `a run that cannot begin leaves no result of an earlier one`() throws {
    let suite = try SmallSuite()
    try recorded(suite)
    try suite.write("data/corpus.jsonl", "{\"text\": \"other\"}\n")
    let run = try Command.run(["run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", results(suite)])
    #expect(run.status == 69)
    #expect(try compare(suite).status == 3)
  }

  @Test func `a comparison is written as JSON, JUnit's XML and Markdown, with annotations on GitHub`() throws {
    let suite = try SmallSuite()
    try recorded(suite)
    try edit(suite.folder + "/expected/random/dense/none.json") {
      $0.replacing(/"trainable" : \d+/, with: "\"trainable\" : 1")
    }
    let (junit, markdown, summary) = (suite.folder + "/junit.xml", suite.folder + "/r.md", suite.folder + "/summary.md")
    try suite.write("summary.md", "before\n")
    let outcome = try Command.run(
      [
        "compare", suite.suiteFile, "-o", results(suite), "--json", "--junit", junit, "--markdown", markdown,
        "--step-summary",
      ], environment: ["GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary])
    #expect(outcome.status == 2)
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    #expect(object?["schema"] as? String == "recollect-comparison")
    #expect(object?["exitStatus"] as? Int == 2)
    #expect(try String(contentsOfFile: junit, encoding: .utf8).contains("<failure type=\"regression\""))
    let report = try String(contentsOfFile: markdown, encoding: .utf8)
    #expect(report.hasPrefix("# small: regression\n"))
    #expect(try String(contentsOfFile: summary, encoding: .utf8) == "before\n" + report)
    #expect(outcome.errors.contains("::error title=random / dense / none%3A trainable parameters::regression"))
  }

  @Test func `a quick run has the cells that the suite names for it, and compares those alone`() throws {
    let suite = try SmallSuite(.init(extraSuiteLine: "quick: [random/gptq-3bit/none, random/dense/idp-3-5]"))
    try recorded(suite)
    try FileManager.default.removeItem(atPath: results(suite))
    let run = try Command.run([
      "run", suite.suiteFile, "--quick", "--store", "\(suite.folder)/store", "-o", results(suite),
    ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try resultsWithoutTimes(results(suite)).keys.sorted() == [
        "random/dense/idp-3-5.json", "random/gptq-3bit/none.json",
      ])
    let quick = try Command.run(["compare", suite.suiteFile, "--quick", "-o", results(suite)])
    #expect(quick.status == 0, "\(quick.output)")
    #expect(try compare(suite).status == 3)
  }

  @Test func `the gate's own test sees every fault, those of computation too, and stores nothing`() throws {
    let suite = try SmallSuite()
    try recorded(suite)
    func files() throws -> [String] {
      try #require(FileManager.default.enumerator(atPath: suite.folder)).compactMap { $0 as? String }.sorted()
    }
    let before = try files()
    let outcome = try Command.run([
      "gate-test", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", results(suite), "--json",
    ])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let faults = try #require(object?["faults"] as? [[String: Any]])
    #expect(faults.count == 20)
    // The suite measures no times.
    let left = faults.filter { $0["outcome"] as? String != "caught" }.compactMap { $0["fault"] as? String }
    #expect(left == ["a ratio of times is twice as large"])
    #expect(try files() == before)
  }

  @Test func `the gate's own test needs a gate that is green without faults`() throws {
    let suite = try SmallSuite()
    try recorded(suite)
    try FileManager.default.removeItem(atPath: suite.folder + "/expected/random/dense/none.json")
    let outcome = try Command.run(["gate-test", suite.suiteFile, "-o", results(suite), "--files-only"])
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("is not green"))
  }

  @Test func `a baseline is recorded with its commit, and not from changes that nobody else has`() throws {
    let suite = try SmallSuite()
    let run = try Command.run(["run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", results(suite)])
    #expect(run.status == 0, "\(run.errors)")
    try suite.write(".gitignore", "store/\nresults/\n")
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for arguments in [["init", "-q"], ["add", "."], identity + ["commit", "-q", "-m", "all"]] {
      let git = Process()
      git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      git.arguments = ["git", "-C", suite.folder] + arguments
      try git.run()
      git.waitUntilExit()
      try #require(git.terminationStatus == 0)
    }
    try suite.write("notes.txt", "not committed")
    let accept = ["accept", suite.suiteFile, "-o", results(suite), "--all"]
    let dirty = try Command.run(accept)
    #expect(dirty.status == 64)
    #expect(dirty.errors.contains("notes.txt"))
    #expect(!FileManager.default.fileExists(atPath: suite.folder + "/expected"))
    try FileManager.default.removeItem(atPath: suite.folder + "/notes.txt")
    #expect(try Command.run(accept).status == 0)
    let file = suite.folder + "/expected/random/dense/none.json"
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains(/"commit" : "[0-9a-f]{40}"/))
    #expect(try compare(suite).status == 0)
  }

  @Test func `a limited run is marked, and cannot be accepted`() throws {
    let suite = try SmallSuite()
    let run = try Command.run([
      "run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", results(suite), "--limit", "4",
    ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("dense / none *"))
    let accept = try Command.run(["accept", suite.suiteFile, "-o", results(suite), "--all", "--force"])
    #expect(accept.status == 3)
    #expect(accept.errors.contains("--limit"))
    #expect(!FileManager.default.fileExists(atPath: suite.folder + "/expected"))
  }

  @Test func `a gate does not record its own baseline`() throws {
    let suite = try SmallSuite()
    let outcome = try Command.run(
      ["accept", suite.suiteFile, "-o", results(suite), "--all"], environment: ["CI": "true"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("CI is set"))
  }

  @Test func `a damaged stage is made anew`() throws {
    let suite = try SmallSuite()
    try recorded(suite)
    let store = suite.folder + "/store"
    for case let name as String in FileManager.default.enumerator(atPath: store)! where name.hasSuffix("summary.json") {
      try edit(store + "/" + name) { $0 + " " }
    }
    let again = try Command.run(["run", suite.suiteFile, "--store", store, "-o", results(suite)])
    #expect(again.status == 0)
    #expect(!again.errors.contains("are finished already"), "\(again.errors)")
    #expect(try compare(suite).status == 0)
  }
}
