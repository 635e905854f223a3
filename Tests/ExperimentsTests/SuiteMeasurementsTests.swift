import Experiments
import Foundation
import Testing

private let digest = String(repeating: "0a", count: 32)

private let bare = """
  suite: small
  seed: 7
  data: ../data
  models:
    - {name: tiny, folder: models/tiny, sha256: {config.json: \(digest)}}
  compressions: [{name: dense}]
  recoveries: [{name: none}]
  evaluation: {documents: 100, order: shuffled}
  tasks: [{task: piqa, files: [valid.jsonl, valid-labels.lst], sha256: [\(digest), \(digest)], documents: 1838}]
  """

private func suite(_ lines: String = "") throws -> Suite { try Suite(yaml: bare + "\n" + lines, file: "suite.yaml") }

@Suite struct SuiteMeasurementsTests {
  private let file = "corpus: c.jsonl, sha256: \(digest)"

  @Test func `a suite that measures nothing more has the text that it had`() throws {
    let found = try suite()
    #expect(found.perplexities.isEmpty && found.similarity == nil && found.latency == nil)
    let text = found.canonicalText()
    #expect(
      text
        == #"{"calibration":null,"compressions":[{"method":{"method":"dense"},"name":"dense"}],"evaluation":{"documents":100,"order":"shuffled"},"models":[{"name":"tiny","sha256":{"config.json":"\#(digest)"}}],"recoveries":[{"method":{"method":"none"},"name":"none"}],"seed":"7","suite":"small","tasks":[{"documents":1838,"sha256":["\#(digest)","\#(digest)"],"task":"piqa"}],"training":null}"#
    )
  }

  @Test func `perplexities of both protocols, similarity and latency can be asked for`() throws {
    let found = try suite(
      """
      perplexity:
        - {name: wikitext, \(file), source: wikitext, method: rolling, documents: 50}
        - {name: c4, \(file), source: c4, method: windows, length: 128, windows: 9}
        - {name: all, \(file), source: text, method: rolling, prefix: bos}
        - {name: plain, \(file), source: text, method: windows}
      similarity: {\(file), source: c4, samples: 8, length: 128}
      latency: {batch: 4, length: 128, repetitions: 5}
      """)
    #expect(
      found.perplexities.map(\.method) == [
        .rolling(documents: 50, prefix: .endOfText), .windows(length: 128, windows: 9),
        .rolling(documents: nil, prefix: .beginningElseEndOfText), .windows(length: 2048, windows: nil),
      ])
    #expect(found.perplexities[0].source == .wikitext)
    #expect(found.similarity?.samples == 8)
    #expect(found.latency == LatencySetting(batch: 4, length: 128, repetitions: 5))
    let text = found.canonicalText()
    #expect(text.contains(#""latency":{"batch":4,"length":128,"repetitions":5}"#))
    #expect(
      text.contains(
        #"{"documents":50,"method":"rolling","name":"wikitext","prefix":"eos","sha256":"\#(digest)","source":"wikitext"}"#
      ))
    #expect(!text.contains("c.jsonl"))
  }

  @Test(arguments: [
    ("perplexity: []", 10, "perplexity"),
    ("perplexity:\n  - {name: a, FILE, source: text, method: sliding}", 11, "sliding"),
    ("perplexity:\n  - {name: a, FILE, source: web, method: rolling}", 11, "web"),
    ("perplexity:\n  - {name: a, FILE, source: text, method: rolling, windows: 3}", 11, "windows"),
    ("perplexity:\n  - {name: a, FILE, source: text, method: windows, documents: 3}", 11, "documents"),
    ("perplexity:\n  - {name: a, FILE, source: text, method: rolling, documents: 0}", 11, "documents"),
    (
      "perplexity:\n  - {name: a, FILE, source: text, method: rolling}\n"
        + "  - {name: a, FILE, source: text, method: windows}", 12, "duplicateName"
    ),
    ("similarity: {FILE, source: c4, samples: 8}", 10, "length"),
    ("similarity: {FILE, source: c4, samples: 8, length: 128, layers: 3}", 10, "layers"),
    ("latency: {batch: 4, length: 128, repetitions: 1}", 10, "repetitions"),
    ("latency: {batch: 4, length: 128, repeats: 3}", 10, "repetitions"),
    ("perplexities: 3", 10, "perplexity"),
  ])
  func `what a measurement cannot mean is an error with its line`(lines: String, line: Int, word: String) throws {
    let error = try #require(
      #expect(throws: SuiteError.self) { try suite(lines.replacingOccurrences(of: "FILE", with: file)) })
    #expect(error.line == line && "\(error.problem)".contains(word), "\(error)")
  }
}
