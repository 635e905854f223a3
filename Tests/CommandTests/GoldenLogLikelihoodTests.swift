import Foundation
import Models
import Testing

/// The folder of reference numbers: the one that RECOLLECT_GOLDEN names, else `../shared/golden` beside the project.
private let goldenFolder: String = {
  if let named = ProcessInfo.processInfo.environment["RECOLLECT_GOLDEN"] { return named }
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return root.appendingPathComponent("../shared/golden").standardizedFileURL.path
}()

@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: goldenFolder + "/index.json"),
    "no reference numbers here: RECOLLECT_GOLDEN names no folder with an index.json"))
struct GoldenLogLikelihoodTests {
  @Test func `the command's log-likelihoods are the reference's`() throws {
    let cases = try #require(try JSONValue(contentsOf: goldenFolder + "/index.json")["cases"]?.array)
    for golden in cases where golden["suite"]?.string == "loglikelihood" { try check(golden) }
  }

  private func check(_ golden: JSONValue) throws {
    func path(_ member: String) throws -> String { goldenFolder + "/" + (try #require(golden[member]?.string)) }
    func tolerance(_ name: String) throws -> Double { try #require(golden["tolerance"]?[name]?.double) }
    let name = try #require(golden["name"]?.string)
    // The command takes model and tokenizer from one folder, and the latter's own end of text.
    guard try path("model") == path("tokenizer") else { return }
    let text = try String(contentsOfFile: path("requests"), encoding: .utf8)
    let unscored = Set((golden["unscored_rows"]?.array ?? []).compactMap(\.integer))
    var lines: [Substring] = []
    var rows: [JSONValue] = []
    for line in text.split(separator: "\n") {
      let row = try JSONValue(parsing: String(line))
      guard row["task"] == golden["task"] else { continue }
      if let index = row["request_index"]?.integer, unscored.contains(index) { continue }
      lines.append(line)
      rows.append(row)
    }
    let outcome = try Command.run(
      [
        "loglikelihood", "--model", try path("model"), "--requests", "-", "--max-length",
        String(try #require(golden["max_length"]?.integer)),
      ], input: lines.joined(separator: "\n"))
    try #require(outcome.status == 0, "\(name): \(outcome.errors)")
    let found = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    try #require(!rows.isEmpty && found.count == rows.count, "\(name): \(found.count) of \(rows.count) lines")
    var greedyMismatches = 0
    for (result, row) in zip(found, rows) {
      let expected = try #require(row["loglikelihood"]?.double)
      let deviation = abs(try #require(result["logLikelihood"]?.double) - expected)
      let allowed = max(try tolerance("loglikelihood_abs"), try tolerance("loglikelihood_rel") * abs(expected))
      #expect(deviation <= allowed, "\(name): off by \(deviation) from \(expected)")
      #expect(result["tokens"]?.integer == row["continuation_tokens"]?.array?.count, "\(name): tokens")
      greedyMismatches += result["isGreedy"] == row["is_greedy"] ? 0 : 1
    }
    #expect(Double(greedyMismatches) <= (try tolerance("is_greedy_mismatches")), "\(name): greedy flags")
  }
}
