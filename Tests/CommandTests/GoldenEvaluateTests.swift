import Foundation
import Models
import Testing

/// The folder `../shared` beside the project, with reference numbers, checkpoints and published files.
private let shared: String = {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return root.appendingPathComponent("../shared").standardizedFileURL.path
}()
private let summaryFile = shared + "/golden/g04_loglikelihood/stories260K.summary.json"

@Suite(
  .enabled(
    if: [summaryFile, shared + "/checkpoints/stories260K", shared + "/data"]
      .allSatisfy(FileManager.default.fileExists(atPath:)),
    "no reference numbers here: there is no ../shared with golden, checkpoints and data"))
struct GoldenEvaluateTests {
  @Test func `accuracies of nine benchmarks are the reference's`() throws {
    let summary = try JSONValue(contentsOf: summaryFile)
    let expected = try #require(summary["aggregate"]?.object)
    let outcome = try Command.run([
      "evaluate", "--model", shared + "/checkpoints/stories260K", "--tasks",
      expected.map(\.name).joined(separator: ","), "--data", shared + "/data", "--file",
      "hellaswag=\(shared)/data/hellaswag/hellaswag.jsonl", "--order", "file", "--limit", "40", "--max-length",
      String(try #require(summary["max_length"]?.integer)), "--journal",
      FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path, "--json",
      "--quiet",
    ])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let result = try JSONValue(parsing: outcome.output)
    let scores = try #require(result["tasks"]?.array)
    #expect(scores.count == expected.count)
    for (score, reference) in zip(scores, expected) {
      let name = reference.name
      #expect(score["name"]?.string == name)
      #expect(score["documents"] == reference.value["n"], "\(name)")
      #expect(score["cutContexts"] == reference.value["truncated"], "\(name)")
      for (member, key) in [("accuracy", "acc"), ("normalizedAccuracy", "acc_norm")] {
        #expect(score[member]?["value"]?.double == reference.value[key]?.double, "\(name): \(key)")
        if let error = reference.value[key + "_stderr"]?.double {
          // Sums in another order.
          #expect(abs((score[member]?["standardError"]?.double ?? .nan) - error) < 1e-12, "\(name): \(key)")
        }
      }
      if let perplexity = reference.value["ppl"]?.double {
        // exp of a mean of forty log-likelihoods that agree to a few parts in a million.
        #expect(abs((score["perplexity"]?["value"]?.double ?? .nan) / perplexity - 1) < 1e-4, "\(name): perplexity")
      }
      for (place, document) in (summary["per_doc"]?[name]?.array ?? []).enumerated() {
        let flag = score["correct"]?.string?.utf8.dropFirst(place).first
        #expect(flag == UInt8(ascii: document["acc"]?.double == 1 ? "1" : "0"), "\(name), document \(place)")
      }
    }
    #expect(result["averages"]?.array?.compactMap { $0["name"]?.string } == ["world", "common", "language", "all"])
  }
}
