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

  @Test func `a run that cannot begin leaves no result of an earlier one`() throws {
    let suite = try SmallSuite()
    try recorded(suite)
    try suite.write("data/corpus.jsonl", "{\"text\": \"other\"}\n")
    let run = try Command.run(["run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", results(suite)])
    #expect(run.status == 69)
    #expect(try compare(suite).status == 3)
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
