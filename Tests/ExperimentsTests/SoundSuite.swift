import Experiments
import Foundation
import Testing

extension Suite {
  static let digest = String(repeating: "0a", count: 32)

  /// A suite of 21 lines with everything in it, which the tests then spoil line by line.
  static let soundText = """
    suite: small
    seed: 7
    data: ../data
    models:
      - {name: tiny, folder: models/tiny, sha256: {config.json: \(digest)}}
    calibration: {corpus: c4.jsonl, sha256: \(digest), samples: 4, length: 16, seed: 0}
    compressions:
      - {name: dense}
      - {name: gptq-3bit, method: gptq, bits: 3}
      - {name: gptq-4bit, method: gptq, bits: 4, dampeningFraction: 0.5}
      - {name: gptq-4bit-g32, method: gptq, bits: 4, groupSize: 32, blockSize: 64, dampeningFraction: 0.1}
    training: {corpus: c4.jsonl, sha256: \(digest), tokens: 400, batch: 8, length: 16}
    recoveries:
      - {name: none}
      - {name: lora-4, method: lora, rank: 4, alpha: 8, targets: all}
      - {name: prompt-26, method: prompt, tokens: 26, initialization: embedding-rows}
      - {name: prompt-50, method: prompt, tokens: 50, initialization: normal, scale: 0.5}
      - {name: prompt-24, method: prompt, tokens: 24}
      - {name: idp-26-50, method: idp, prompts: [prompt-26, prompt-50], queries: all}
    evaluation: {documents: 100, order: shuffled}
    tasks: [{task: piqa, files: [valid.jsonl, valid-labels.lst], sha256: [\(digest), \(digest)], documents: 1838}]
    """

  static func sound(replacing old: String = "", with new: String = "") throws -> Suite {
    if !old.isEmpty { try #require(soundText.contains(old), "the suite does not hold “\(old)”") }
    let text = old.isEmpty ? soundText : soundText.replacingOccurrences(of: old, with: new)
    return try Suite(yaml: text, file: "suite.yaml")
  }

  static func error(replacing old: String, with new: String) throws -> SuiteError {
    try #require(#expect(throws: SuiteError.self) { try sound(replacing: old, with: new) })
  }
}

/// A change to the sound suite, the line that the error must name, and the word that it must hold.
struct Spoiling: Sendable, CustomTestStringConvertible {
  let old: String
  let new: String
  let line: Int
  let word: String?
  let subject: String

  init(_ old: String, _ new: String, line: Int, _ word: String?, in subject: String = "") {
    self.old = old
    self.new = new
    self.line = line
    self.word = word
    self.subject = subject
  }

  var testDescription: String { "“\(old)” → “\(new)”" }

  func error() throws -> SuiteError { try Suite.error(replacing: old, with: new) }
}
