import Artifacts
import Foundation
import Testing

/// A suite that measures perplexities, similarity and times beside its tasks.
@Suite struct MeasuredSuiteTests {
  private static func lines(_ corpus: String) -> String {
    """
    perplexity:
        - {name: rolled, corpus: data/corpus.jsonl, sha256: \(corpus), source: c4, method: rolling, documents: 5}
        - {name: cut, corpus: data/corpus.jsonl, sha256: \(corpus), source: c4, method: windows, length: 40, windows: 6}
    similarity: {corpus: data/corpus.jsonl, sha256: \(corpus), source: c4, samples: 3, length: 24}
    latency: {batch: 2, length: 16, repetitions: 2}
    """
  }

  /// A sound suite with the measurements added.
  private func measured(_ suite: borrowing SmallSuite) throws {
    let text = try String(contentsOfFile: suite.suiteFile, encoding: .utf8)
    let corpus = try sha256(ofFile: suite.folder + "/data/corpus.jsonl")
    try suite.write("suite.yaml", text + "\n" + Self.lines(corpus))
  }

  private func run(
    _ suite: borrowing SmallSuite, to folder: String = "results", store: String = "store", _ options: [String] = []
  ) throws -> Command.Outcome {
    try Command.run(
      ["run", suite.suiteFile, "--store", "\(suite.folder)/\(store)", "-o", "\(suite.folder)/\(folder)", "--quiet"]
        + options)
  }

  private func result(_ suite: borrowing SmallSuite, _ cell: String, in folder: String = "results") throws
    -> [String: Any]
  {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(suite.folder)/\(folder)/random/\(cell).json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func latency(_ suite: borrowing SmallSuite, in folder: String = "results") throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(suite.folder)/\(folder)/latency.json"))
  }

  @Test func `each cell has what the suite measures, to the same bits on any number of threads`() throws {
    let suite = try SmallSuite()
    try measured(suite)
    let outcome = try run(suite, ["--threads", "2"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let other = try run(suite, to: "other", store: "other-store", ["--threads", "1"])
    try #require(other.status == 0, "\(other.errors)")
    for cell in ["dense/none", "dense/prompt-3", "gptq-3bit/lora-2", "gptq-3bit/idp-3-5"] {
      let (found, again) = (try result(suite, cell), try result(suite, cell, in: "other"))
      let perplexities = try #require(found["perplexities"] as? [NSDictionary])
      #expect(perplexities.map { $0["name"] as? String } == ["rolled", "cut"])
      #expect(perplexities.allSatisfy { ($0["tokenPerplexity"] as? Double ?? 0) > 1 })
      #expect(perplexities[0]["wordPerplexity"] != nil && perplexities[1]["wordPerplexity"] == nil)
      #expect(perplexities[1]["tokens"] as? Int == 6 * 39)
      #expect(perplexities == again["perplexities"] as? [NSDictionary])
      let similarity = try #require(found["similarity"] as? NSDictionary)
      #expect(similarity == again["similarity"] as? NSDictionary)
      let attention = try #require(similarity["attentionByRow"] as? [Double])
      #expect(attention.count == 2)
      #expect(cell == "dense/none" ? attention == [1, 1] : attention[1] < 1)
      let times = found["latency"] as? [String: Any]
      #expect((times == nil) == cell.hasSuffix("none"))
      if let times {
        #expect((times["ratio"] as? Double ?? 0) > 0 && (times["predictedRatio"] as? Double ?? 0) >= 1)
        #expect(times["repetitions"] as? Int == 2)
      }
    }
  }

  @Test func `times are kept for a second run, measured again when asked to, and never taken from another program's`()
    throws
  {
    let suite = try SmallSuite()
    try measured(suite)
    try #require(try run(suite).status == 0)
    let first = try latency(suite)
    let cell = try result(suite, "gptq-3bit/lora-2")
    try #require(try run(suite).status == 0)
    #expect(try latency(suite) == first)
    #expect(try result(suite, "gptq-3bit/lora-2")["latency"] as? NSDictionary == cell["latency"] as? NSDictionary)
    try #require(try run(suite, ["--measure-latency"]).status == 0)
    let again = try latency(suite)
    #expect(again != first)

    let foreign = try #require(String(data: again, encoding: .utf8))
      .replacing(/"program" : "\w+"/, with: "\"program\" : \"another\"")
    try suite.write("results/latency.json", foreign)
    try #require(try run(suite).status == 0)
    #expect(try !String(decoding: latency(suite), as: UTF8.self).contains("another"))
  }

  @Test func `what a suite measures is part of its question, but for times`() throws {
    let suite = try SmallSuite()
    try #require(try run(suite).status == 0)
    func question() throws -> String? {
      (try result(suite, "dense/none")["provenance"] as? [String: String])?["question"]
    }
    let bare = try question()
    let text = try String(contentsOfFile: suite.suiteFile, encoding: .utf8)
    try suite.write("suite.yaml", text + "\nlatency: {batch: 2, length: 16, repetitions: 2}\n")
    try #require(try run(suite).status == 0)
    #expect(try question() == bare)
    try suite.write("suite.yaml", text)
    try measured(suite)
    try #require(try run(suite).status == 0)
    #expect(try question() != bare)
    let provenance = try result(suite, "dense/none")["provenance"] as? [String: String]
    #expect(provenance?["perplexity/rolled"] != nil && provenance?["similarity"] != nil)
  }

  @Test func `a corpus of other bytes is refused, and texts that are too short fail their cells`() throws {
    let suite = try SmallSuite()
    try measured(suite)
    let text = try String(contentsOfFile: suite.suiteFile, encoding: .utf8)
    try suite.write("suite.yaml", text.replacing("samples: 3, length: 24", with: "samples: 3, length: 5000"))
    let short = try run(suite)
    #expect(short.status == 3)
    #expect(short.errors.contains("corpus.jsonl: 0 texts have 5000 tokens, and 3 are needed"), "\(short.errors)")
    try suite.write("data/other.jsonl", "{\"text\": \"x\"}\n")
    try suite.write(
      "suite.yaml",
      text.replacing("source: c4, samples", with: "source: c4, samples")
        .replacing("similarity: {corpus: data/corpus.jsonl", with: "similarity: {corpus: data/other.jsonl"))
    let other = try run(suite)
    #expect(other.status == 69 && other.errors.contains("other.jsonl"), "\(other.errors)")
  }

  @Test func `a plan names every cell, and stored stages take nothing`() throws {
    let suite = try SmallSuite()
    try measured(suite)
    func plan(_ options: String...) throws -> [String: Any] {
      let outcome = try Command.run(
        ["plan", suite.suiteFile, "--store", "\(suite.folder)/store", "--json", "--quiet"] + options)
      try #require(outcome.status == 0, "\(outcome.errors)")
      return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }
    let before = try plan("--machines", "3")
    let cells = try #require(before["cells"] as? [[String: Any]])
    #expect(cells.count == 10)
    // Of the first: two tasks, two texts, similarity; of the third: its prompt's training too.
    #expect(cells.prefix(3).map { $0["stages"] as? Int } == [5, 6, 6])
    #expect(before["storedStages"] as? Int == 0)
    #expect((before["seconds"] as? Double ?? 0) > (before["secondsOnMachines"] as? Double ?? .infinity))
    #expect((before["memoryBytes"] as? Int ?? 0) > 1_000_000 && (before["diskBytes"] as? Int ?? 0) > 10_000)
    try #require(try run(suite).status == 0)
    let after = try plan()
    // 27 of the tasks' suite, and three more a cell.
    #expect(after["storedStages"] as? Int == 57)
    #expect((after["cells"] as? [[String: Any]])?.allSatisfy { $0["stages"] as? Int == 0 } == true)
    let text = try Command.run(["plan", suite.suiteFile, "--store", "\(suite.folder)/store", "--machines", "2"])
    #expect(text.output.contains("random / gptq-3bit / idp-3-5") && text.output.contains("on 2 such machines"))
    #expect(text.output.contains("57 stages are stored already"))
  }
}
