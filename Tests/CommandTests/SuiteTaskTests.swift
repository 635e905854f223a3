import Artifacts
import Foundation
import Models
import Testing

@Suite struct SuiteTaskTests {
  private func result(_ suite: borrowing SmallSuite, threads: Int) throws -> JSONValue {
    let results = "\(suite.folder)/results-\(threads)"
    let run = try Command.run([
      "run", suite.suiteFile, "--store", "\(suite.folder)/store-\(threads)", "-o", results, "--threads", "\(threads)",
    ])
    try #require(run.status == 0, "\(run.errors)")
    return try JSONValue(contentsOf: results + "/random/dense/prompt-3.json")
  }

  @Test func `a task may name its form, and answers are written where that asks for them`() throws {
    // Answers of up to 256 tokens are asked for.
    let suite = try SmallSuite(.init(maximumPositions: 320))
    let questions = (0..<5).map { #"{"question": "the fox \#($0)", "answer": {"aliases": ["the lamp", "a"]}}"# + "\n" }
    try suite.write("data/trivia.jsonl", questions.joined())
    let digest = try sha256(ofFile: suite.folder + "/data/trivia.jsonl")
    var text = try String(contentsOfFile: suite.suiteFile, encoding: .utf8)
    text.append("  - {task: triviaqa@0.4, files: [data/trivia.jsonl], sha256: [\(digest)], documents: 5}\n")
    try suite.write("suite.yaml", text)
    let one = try result(suite, threads: 1)
    let task = try #require(one["tasks"]?.array?.first { $0["name"]?.string == "triviaqa@0.4" })
    #expect(task["version"]?.string == "lm-evaluation-harness 0.4.12 (exact match of the generated answer)")
    #expect(task["documents"]?.integer == 5)
    #expect(task["notes"]?.array?.first?.string == "the file has 5 documents, the published one 17944")
    #expect(try result(suite, threads: 2)["tasks"] == one["tasks"])
  }

  @Test func `a form that a task does not have is an error`() throws {
    let suite = try SmallSuite()
    let text = try String(contentsOfFile: suite.suiteFile, encoding: .utf8)
    try suite.write("suite.yaml", text.replacing("task: arc_easy", with: "task: arc_easy@0.3"))
    let run = try Command.run(["run", suite.suiteFile])
    #expect(run.status != 0)
    #expect(run.errors.contains("arc_easy@0.3"), "\(run.errors)")
  }
}
