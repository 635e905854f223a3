import Experiments
import Foundation
import Testing

/// What is said of a part of a suite alone: texts and recoveries of one compression, the cells of a quick run, the gate.
@Suite struct SuitePartsTests {
  /// The sound suite whose second compression has a text and recoveries of its own, and with a quick part.
  private func partedSuite(text: String = "wiki", recovery: String = "none", cell: String = "tiny/gptq-3bit/none")
    throws
    -> Suite
  {
    let other = String(repeating: "1b", count: 32)
    let changed = Suite.soundText.replacingOccurrences(
      of: "bits: 3}", with: "bits: 3, text: \(text), recoveries: [\(recovery), idp-26-50]}")
    return try Suite(
      yaml: changed + """

        texts: [{name: wiki, kind: wikitext, corpus: wiki.train.raw, sha256: \(other)}]
        quick: [tiny/dense/lora-4, \(cell)]
        """, file: "suite.yaml")
  }

  @Test func `a compression may have a text and recoveries of its own`() throws {
    let suite = try partedSuite()
    #expect(suite.recoveries(of: suite.compressions[1]).map(\.name) == ["none", "idp-26-50"])
    #expect(try suite.cells().count == 3 * 6 + 2)
    #expect(suite.calibration(of: suite.compressions[1])?.corpus == "wiki.train.raw")
    #expect(suite.calibration(of: suite.compressions[1])?.source == .wikitext)
    #expect(suite.calibration(of: suite.compressions[1])?.samples == 4)
    #expect(suite.training(of: suite.compressions[1])?.kind == .wikitext)
    #expect(suite.calibration(of: suite.compressions[2]) == suite.calibration)
    #expect(suite.training(of: suite.compressions[2]) == suite.training)
    #expect(try suite.quickCells().map(\.path) == ["tiny/dense/lora-4.json", "tiny/gptq-3bit/none.json"])
  }

  @Test(arguments: [
    ("wikki", "none", "tiny/gptq-3bit/none", "wikki"), ("wiki", "nome", "tiny/gptq-3bit/none", "nome"),
    // Not among the recoveries of that compression.
    ("wiki", "none", "tiny/gptq-3bit/lora-4", "tiny/gptq-3bit/lora-4"),
    ("wiki", "none", "tiny/dense/lora-4", "tiny/dense/lora-4"),
  ])
  func `texts, recoveries and quick cells must be there, and once`(
    text: String, recovery: String, cell: String, word: String
  ) throws {
    let error = try #require(
      #expect(throws: SuiteError.self) { try partedSuite(text: text, recovery: recovery, cell: cell) })
    #expect("\(error.problem)".contains(word))
  }

  @Test func `a quick run has some of the cells, and the gate's rule is said by the suite`() throws {
    #expect(try Suite.sound().quickCells().count == 24)
    #expect(try Suite.sound().gate == GateSettings())
    let chosen = try Suite.sound(
      replacing: "seed: 7",
      with: "seed: 7\n  quick: [tiny/gptq-3bit/lora-4, tiny/dense/none]\n  gate: {significance: 0.01, margin: 1.5}"
        .replacingOccurrences(of: "\n  ", with: "\n"))
    #expect(try chosen.quickCells().map(\.name) == ["tiny/dense/none", "tiny/gptq-3bit/lora-4"])
    #expect(chosen.gate.rule.significance == 0.01)
    #expect(chosen.gate.rule.margin == 1.5)
    #expect(chosen.gate.rule.latencyFactor == 1.25)
    // Neither changes a result.
    #expect(try chosen.canonicalText() == Suite.sound().canonicalText())
  }

  @Test(arguments: [
    ("quick: [tiny/gptq-3bits/none]", "tiny/gptq-3bit/none"), ("quick: []", "list"),
    ("quick: [tiny/dense/none, tiny/dense/none]", "duplicateName"), ("gate: {margin: 101}", "margin"),
    ("gate: {significance: 0}", "significance"), ("gate: {latencyFactor: 0.5}", "latencyFactor"),
    ("gate: {margins: 1}", "margin"),
  ])
  func `a cell that there is not and a rule that is none are refused`(line: String, word: String) throws {
    let error = try Suite.error(replacing: "seed: 7", with: "seed: 7\n\(line)")
    #expect(error.line == 3 && "\(error.problem)".contains(word), "\(error)")
  }
}
