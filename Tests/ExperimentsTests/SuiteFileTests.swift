import Compression
import Experiments
import Foundation
import Models
import Testing

private let digest = String(repeating: "0a", count: 32)

/// A suite of 21 lines with everything in it, which the tests then spoil line by line.
private let sound = """
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

private func suite(replacing old: String = "", with new: String = "") throws -> Suite {
  if !old.isEmpty { try #require(sound.contains(old), "the suite does not hold “\(old)”") }
  let text = old.isEmpty ? sound : sound.replacingOccurrences(of: old, with: new)
  return try Suite(yaml: text, file: "suite.yaml")
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

  func error() throws -> SuiteError {
    try #require(#expect(throws: SuiteError.self) { try suite(replacing: old, with: new) })
  }
}

@Suite struct SuiteFileTests {
  private func error(replacing old: String, with new: String) throws -> SuiteError {
    try Spoiling(old, new, line: 0, nil).error()
  }

  private func gptq(
    bits: Int, groupSize: Int?, blockSize: Int?, dampeningFraction: Double?
  ) -> CompressionSettings {
    var settings = CompressionSettings(.gptq)
    settings.bits = bits
    settings.groupSize = groupSize
    settings.blockSize = blockSize
    settings.dampeningFraction = dampeningFraction
    return settings
  }

  private func compression(_ text: String) throws -> CompressionMethod {
    let old = "{name: gptq-3bit, method: gptq, bits: 3}"
    return try suite(replacing: old, with: "{name: other, \(text)}").compressions[1].method
  }

  @Test func `every method and option can be asked for, and the text of older ones stays`() throws {
    #expect(
      try compression("method: gptq, bits: 3").canonical.text
        == #"{"bits":3,"blockSize":128,"dampeningFraction":0.01,"groupSize":null,"method":"gptq"}"#)
    #expect(
      try compression("method: gptq, bits: 3, actOrder: true, trueSequential: true, mse: false").canonical.text
        == #"{"actOrder":1,"bits":3,"blockSize":128,"dampeningFraction":0.01,"groupSize":null,"method":"gptq","trueSequential":1}"#
    )
    #expect(
      try compression("method: sparsegpt, pattern: '2:4'").canonical.text
        == #"{"blockSize":128,"dampeningFraction":0.01,"method":"sparsegpt","pattern":"2:4"}"#)
    #expect(try compression("method: wanda, sparsity: 0.5").canonical.text == #"{"method":"wanda","sparsity":0.5}"#)
    #expect(try !compression("method: rtn, bits: 4").needsCalibration)
    for (text, word) in [
      ("method: wanda, bits: 3", "bits"), ("method: rtn", "bits"), ("method: magnitude, pattern: 2", "pattern"),
      ("method: sparsegpt, sparsity: 0.5, pattern: '2:4'", "sparsity"), ("method: gptq, bits: 3, mse: maybe", "mse"),
    ] {
      let error = try #require(#expect(throws: SuiteError.self) { try compression(text) })
      #expect(error.line == 9 && "\(error.problem)".contains(word), "\(text): \(error)")
    }
  }

  @Test func `every knob is explicit after reading`() throws {
    let suite = try suite()
    #expect(suite.name == "small")
    #expect(suite.seed == 7)
    #expect(suite.models == [ModelSetting(name: "tiny", folder: "models/tiny", sha256: ["config.json": digest])])
    #expect(
      suite.compressions.map(\.method) == [
        .dense,
        .layerwise(gptq(bits: 3, groupSize: nil, blockSize: nil, dampeningFraction: nil)),
        .layerwise(gptq(bits: 4, groupSize: nil, blockSize: nil, dampeningFraction: 0.5)),
        .layerwise(gptq(bits: 4, groupSize: 32, blockSize: 64, dampeningFraction: 0.1)),
      ])
    #expect(
      suite.recoveries.map(\.method) == [
        .none, .lora(LoRASetting(rank: 4, alpha: 8, targets: .all)),
        .prompt(PromptSetting(tokens: 26, initialization: .embeddingRows)),
        .prompt(PromptSetting(tokens: 50, initialization: .normal(scale: 0.5))),
        .prompt(PromptSetting(tokens: 24, initialization: .embeddingRows)),
        .idp(
          IDPSetting(
            prompts: ["prompt-26", "prompt-50"],
            selection: PromptSelection(
              score: .logitMean, layers: .each, heads: .mean, queries: .all, support: .input),
            positions: nil)),
      ])
    #expect(suite.evaluation == EvaluationSetting(documents: 100, order: .shuffled))
    #expect(suite.tasks[0].files == ["valid.jsonl", "valid-labels.lst"])
  }

  @Test func `recoveries begin, drop and adapt as they are told`() throws {
    func recovery(_ text: String) throws -> RecoveryMethod {
      try suite(replacing: "{name: prompt-24, method: prompt, tokens: 24}", with: "{name: other, \(text)}").recoveries[
        4
      ]
      .method
    }
    #expect(try recovery("method: prefix, tokens: 3") == .prefix(PrefixSetting(tokens: 3)))
    #expect(
      try recovery("method: prefix, tokens: 3, initialization: text, text: Once upon")
        == .prefix(PrefixSetting(tokens: 3, initialization: .text("Once upon"))))
    #expect(
      try recovery("method: prefix, tokens: 3, initialization: projection, width: 8")
        == .prefix(PrefixSetting(tokens: 3, initialization: .projection(width: 8))))
    #expect(
      try recovery("method: prompt, tokens: 3, initialization: text, text: Once upon")
        == .prompt(PromptSetting(tokens: 3, initialization: .text("Once upon"))))
    #expect(
      try recovery("method: lora, rank: 2, alpha: 2, targets: \"v_proj,q_proj\", dropout: 0.1")
        == .lora(LoRASetting(rank: 2, alpha: 2, targets: .named(["q_proj", "v_proj"]), dropout: 0.1)))
    for (text, word) in [
      ("method: prefix, tokens: 3, text: Once", "text"), ("method: prefix, tokens: 3, initialization: text", "text"),
      ("method: prefix, tokens: 3, width: 8", "width"), ("method: lora, rank: 2, alpha: 2, dropout: 1", "dropout"),
    ] {
      let error = try #require(#expect(throws: SuiteError.self) { try recovery(text) })
      #expect(error.line == 18 && "\(error.problem)".contains(word), "\(text): \(error)")
    }
    // What is not asked for leaves the digests of suites as they were.
    #expect(try !suite().canonicalText().contains("dropout") && !suite().canonicalText().contains("lossTokens"))
  }

  @Test func `the training recipe defaults to the paper's`() throws {
    let training = try #require(try suite().training)
    #expect(training.learningRate == 2e-4)
    #expect(training.weightDecay == 1e-5)
    #expect(training.betas == [0.9, 0.999])
    #expect(training.epsilon == 1e-8)
    #expect(training.maximumGradientNorm == nil)
    // 400 tokens at 8 × 16 = 128 a step: three steps see 384, so it takes four.
    #expect(training.steps == 4)
    let other = try suite(
      replacing: "length: 16}\nrecoveries",
      with: "length: 16, learningRate: 1e-3, betas: [0.8, 0.9], epsilon: 1e-6, schedule: linear, warmupSteps: 2, "
        + "maximumGradientNorm: 1}\nrecoveries")
    #expect(other.training?.betas == [0.8, 0.9])
    #expect(other.training?.maximumGradientNorm == 1)
    #expect(other.training?.schedule == .linear)
  }

  /// The sound suite whose second compression has a text and recoveries of its own, and with a quick part.
  private func partedSuite(text: String = "wiki", recovery: String = "none", cell: String = "tiny/gptq-3bit/none")
    throws
    -> Suite
  {
    let other = String(repeating: "1b", count: 32)
    let changed = sound.replacingOccurrences(
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

  @Test func `artifacts take the place of a data folder`() throws {
    let fetched = try suite(replacing: "data: ../data", with: "artifacts: [world-text, world-tasks]")
    #expect(fetched.artifacts == ["world-text", "world-tasks"])
    #expect(try fetched.canonicalText() == suite().canonicalText())
    let both = try #require(
      #expect(throws: SuiteError.self) { try suite(replacing: "data: ../data", with: "data: ../data\nartifacts: [a]") })
    #expect(both.line == 3)
  }

  @Test func `the cells are the whole grid`() throws {
    let cells = try suite().cells()
    #expect(cells.count == 1 * 4 * 6)
    #expect(cells[7].path == "tiny/gptq-3bit/lora-4.json")
  }

  @Test func `all documents can be asked for`() throws {
    #expect(try suite(replacing: "documents: 100", with: "documents: all").evaluation.documents == nil)
  }

  @Test(arguments: [
    Spoiling("seed: 7", "sed: 7", line: 2, "seed"),
    Spoiling("bits: 3}", "bits: 3, groupsize: 64}", line: 9, "groupSize"),
    Spoiling("tokens: 24}", "tokens: 24, score: logit-mean}", line: 18, nil),
    Spoiling("{name: dense}", "{name: dense, bits: 3}", line: 8, nil),
    Spoiling("samples: 4", "sample: 4", line: 6, "samples"),
    Spoiling("order: shuffled", "ordre: shuffled", line: 20, "order"),
    Spoiling("task: piqa,", "task: piqa, count: 3,", line: 21, nil),
    Spoiling("folder: models/tiny,", "folder: models/tiny, shasum: x,", line: 5, nil),
  ])
  func `an unknown key is refused with the nearest known one`(spoiling: Spoiling) throws {
    let error = try spoiling.error()
    #expect(error.line == spoiling.line)
    guard case .unknownKey(_, in: _, let nearest, known: _) = error.problem else {
      Issue.record("\(error.problem)")
      return
    }
    #expect(nearest == spoiling.word)
  }

  @Test func `a key given twice is refused`() throws {
    let error = try error(replacing: "bits: 3}", with: "bits: 3, bits: 4}")
    #expect(error == SuiteError(file: "suite.yaml", line: 9, problem: .duplicateKey("bits")))
  }

  @Test(arguments: [
    Spoiling("suite: small\n", "", line: 1, "suite", in: "suite"),
    Spoiling(", bits: 3", "", line: 9, "bits", in: "compression"),
    Spoiling("{name: gptq-3bit, method: gptq, bits: 3}", "{name: gptq-3bit}", line: 9, "method", in: "compression"),
    Spoiling(", alpha: 8", "", line: 15, "alpha", in: "recovery"),
    Spoiling("normal, scale: 0.5", "normal", line: 17, "scale", in: "recovery"),
    Spoiling(", length: 16, seed: 0", ", length: 16", line: 6, "seed", in: "calibration"),
    Spoiling(", documents: 1838", "", line: 21, "documents", in: "task"),
    Spoiling("evaluation: {documents: 100, order: shuffled}\n", "", line: 1, "evaluation", in: "suite"),
  ])
  func `a missing key is named with what lacks it`(spoiling: Spoiling) throws {
    #expect(
      try spoiling.error()
        == SuiteError(
          file: "suite.yaml", line: spoiling.line, problem: .missingKey(#require(spoiling.word), in: spoiling.subject)))
  }

  @Test func `calibration and training are needed only where something uses them`() throws {
    let calibration = "calibration: {corpus: c4.jsonl, sha256: \(digest), samples: 4, length: 16, seed: 0}\n"
    #expect(try error(replacing: calibration, with: "").problem == .missingKey("calibration", in: "suite"))
    let dense = """
      suite: small
      seed: 0
      data: .
      models: [{name: tiny, folder: tiny, sha256: {config.json: \(digest)}}]
      compressions: [{name: dense}]
      recoveries: [{name: none}]
      evaluation: {documents: all, order: file}
      tasks: [{task: piqa, files: [a], sha256: [\(digest)], documents: 3}]
      """
    let suite = try Suite(yaml: dense, file: "suite.yaml")
    #expect(suite.calibration == nil)
    #expect(suite.training == nil)
  }

  @Test(arguments: [
    Spoiling("bits: 3", "bits: three", line: 9, "bits"),
    Spoiling("bits: 3", "bits: \"3\"", line: 9, "bits"),
    Spoiling("bits: 3", "bits: 3.0", line: 9, "bits"),
    Spoiling("bits: 3", "bits: [3]", line: 9, "bits"),
    Spoiling("dampeningFraction: 0.5", "dampeningFraction: nan", line: 10, "dampeningFraction"),
    Spoiling("dampeningFraction: 0.5", "dampeningFraction: 0x1p-1", line: 10, "dampeningFraction"),
    Spoiling("data: ../data", "data:", line: 3, "data"),
    Spoiling("{name: none}", "none", line: 14, "recovery"),
    Spoiling("[prompt-26, prompt-50]", "prompt-26", line: 19, "prompts"),
    Spoiling("[prompt-26, prompt-50]", "[]", line: 19, "prompts"),
    Spoiling("sha256: {config.json: \(digest)}", "sha256: \(digest)", line: 5, "sha256"),
    Spoiling("{documents: 100, order: shuffled}", "all", line: 20, "evaluation"),
    Spoiling("alpha: 8", "alpha: {}", line: 15, "alpha"),
  ])
  func `a value of the wrong kind is refused`(spoiling: Spoiling) throws {
    let error = try spoiling.error()
    #expect(error.line == spoiling.line)
    guard case .wrongKind(key: spoiling.word, _, _) = error.problem else {
      Issue.record("\(error.problem)")
      return
    }
  }

  @Test(arguments: [
    Spoiling("bits: 3", "bits: 1", line: 9, "bits"),
    Spoiling("seed: 7", "seed: -1", line: 2, "seed"),
    Spoiling("dampeningFraction: 0.5", "dampeningFraction: 2", line: 10, "dampeningFraction"),
    Spoiling("groupSize: 32", "groupSize: 0", line: 11, "groupSize"),
    Spoiling("dampeningFraction: 0.1", "dampeningFraction: 0", line: 11, "dampeningFraction"),
    Spoiling("tokens: 400,", "tokens: 100,", line: 12, "tokens"),
    Spoiling("rank: 4", "rank: 0", line: 15, "rank"),
    Spoiling("documents: 100", "documents: 0", line: 20, "documents"),
    Spoiling("[valid.jsonl, valid-labels.lst]", "[valid.jsonl]", line: 21, "sha256"),
    Spoiling("suite: small", "suite: ../small", line: 1, "suite"),
    Spoiling("name: gptq-4bit,", "name: gptq 4bit,", line: 10, "name"),
    Spoiling("{config.json: \(digest)}", "{config.json: abc}", line: 5, "config.json"),
    Spoiling("embedding-rows", "embedding-rows, scale: 2", line: 16, "scale"),
    Spoiling("length: 16}\nrecoveries", "length: 16, betas: [0.9]}\nrecoveries", line: 12, "betas"),
    Spoiling("length: 16}\nrecoveries", "length: 16, warmupSteps: 5}\nrecoveries", line: 12, "warmupSteps"),
  ])
  func `a value out of range is refused`(spoiling: Spoiling) throws {
    let error = try spoiling.error()
    #expect(error.line == spoiling.line)
    guard case .outOfRange(key: spoiling.word, _, _) = error.problem else {
      Issue.record("\(error.problem)")
      return
    }
  }

  @Test(arguments: [
    Spoiling("method: gptq", "method: gtpq", line: 9, "gptq"),
    Spoiling("method: lora", "method: full", line: 15, nil),
    Spoiling("targets: all", "targets: al", line: 15, "all"),
    Spoiling("queries: all", "queries: al", line: 19, "all"),
    Spoiling("task: piqa", "task: piqua", line: 21, "piqa"),
    Spoiling("order: shuffled", "order: random", line: 20, nil),
    Spoiling("embedding-rows", "embedding-row", line: 16, "embedding-rows"),
  ])
  func `a word outside of its set is refused with the nearest one`(spoiling: Spoiling) throws {
    let error = try spoiling.error()
    #expect(error.line == spoiling.line)
    guard case .unknownValue(_, _, let nearest, _) = error.problem else {
      Issue.record("\(error.problem)")
      return
    }
    #expect(nearest == spoiling.word)
  }

  @Test func `two cells of one name are refused with both lines`() throws {
    #expect(
      try error(replacing: "name: gptq-4bit,", with: "name: gptq-3bit,")
        == SuiteError(file: "suite.yaml", line: 10, problem: .duplicateName("gptq-3bit", firstLine: 9)))
    #expect(
      try error(replacing: "name: lora-4", with: "name: none").problem == .duplicateName("none", firstLine: 14))
  }

  @Test func `every reading of a choice among prompts has a name`() throws {
    func selection(_ words: String) throws -> PromptSelection {
      let method = try suite(replacing: "queries: all}", with: "\(words)}").recoveries.last?.method
      guard case .idp(let setting)? = method else {
        Issue.record("\(words): no choice among prompts")
        return PromptSelection()
      }
      return setting.selection
    }
    for score in PromptSelection.Score.allCases {
      #expect(try selection("score: \(score.rawValue)") == PromptSelection(score: score))
    }
    for (word, layers) in [("each", PromptSelection.Layers.each), ("first", .first), ("last", .last), ("mean", .mean)] {
      #expect(try selection("layers: \(word)") == PromptSelection(layers: layers))
    }
    for before in PromptSelection.Before.allCases {
      #expect(
        try selection("layers: 12, before: \(before.rawValue)") == PromptSelection(layers: .block(12, before: before)))
    }
    for heads in PromptSelection.Heads.allCases {
      #expect(try selection("heads: \(heads.rawValue)") == PromptSelection(heads: heads))
    }
    for queries in PromptSelection.Queries.allCases {
      #expect(try selection("queries: \(queries.rawValue)") == PromptSelection(queries: queries))
    }
    #expect(
      try selection("score: weight-mean, support: prompts") == PromptSelection(score: .weightMean, support: .prompts))
  }

  @Test(
    arguments: [
      ("layers: 3", "before"), ("layers: each, before: all-prompts", "before"), ("layers: -1", "layers"),
      ("layers: middle", "layers"), ("support: prompts", "support"),
      ("score: separate-mass, support: prompts", "support"), ("layers: last, queries: each", "queries"),
      ("layers: 3, before: second-pass, queries: each", "queries"), ("score: logits", "score"),
      ("positions: centered", "positions"),
    ])
  func `readings that are unknown or cannot go together are refused`(words: String, key: String) throws {
    let error = try error(replacing: "queries: all}", with: "\(words)}")
    #expect(error.line == 19)
    switch error.problem {
    case .missingKey(let found, _), .outOfRange(let found, _, _), .unknownValue(let found, _, _, _):
      #expect(found == key)
    default: Issue.record("\(error.problem)")
    }
  }

  @Test func `prompts can be made one`() throws {
    let suite = try suite(
      replacing: "method: idp, prompts: [prompt-26, prompt-50], queries: all}",
      with: "method: concatenation, prompts: [prompt-26, prompt-50]}")
    #expect(suite.recoveries.last?.method == .concatenation(prompts: ["prompt-26", "prompt-50"]))
  }

  @Test func `a recovery may choose only among prompts of the suite`() throws {
    let known = ["prompt-26", "prompt-50", "prompt-24"]
    #expect(
      try error(replacing: "[prompt-26, ", with: "[prompt-27, ")
        == SuiteError(
          file: "suite.yaml", line: 19,
          problem: .unknownPrompt("prompt-27", recovery: "idp-26-50", nearest: "prompt-26", known: known)))
    #expect(
      try error(replacing: "[prompt-26, ", with: "[lora-4, ").problem
        == .unknownPrompt("lora-4", recovery: "idp-26-50", nearest: nil, known: known))
    #expect(
      try error(replacing: "[prompt-26, ", with: "[prompt-50, ").problem
        == .duplicateName("prompt-50", firstLine: 19))
  }

  @Test(arguments: ["seed: 7\n\tbad", "seed: [7", "seed: 7: 8", "seed: *nothing"])
  func `a text that is no YAML names its line`(new: String) throws {
    let error = try error(replacing: "seed: 7", with: new)
    #expect((2...4).contains(error.line))
    guard case .syntax = error.problem else {
      Issue.record("\(error.problem)")
      return
    }
  }

  @Test func `an empty file and one that is not there are errors`() {
    #expect(throws: SuiteError.self) { try Suite(yaml: "", file: "suite.yaml") }
    #expect(throws: SuiteError.self) { try Suite(contentsOf: "/nowhere/suite.yaml") }
  }

  @Test func `the canonical text depends on the meaning alone`() throws {
    let text = try suite().canonicalText()
    #expect(try suite(replacing: "folder: models/tiny", with: "folder: elsewhere").canonicalText() == text)
    #expect(try suite(replacing: "data: ../data", with: "data: /mnt").canonicalText() == text)
    #expect(try suite(replacing: "corpus: c4.jsonl", with: "corpus: moved.jsonl").canonicalText() == text)
    #expect(try suite(replacing: "bits: 3}", with: "bits: 3, blockSize: 128}").canonicalText() == text)
    #expect(try suite(replacing: "{name: none}", with: "{method: none, name: none}").canonicalText() == text)
    for (old, new) in [
      ("bits: 3}", "bits: 3, blockSize: 64}"), ("seed: 7", "seed: 8"), ("scale: 0.5", "scale: 0.25"),
      ("tokens: 24", "tokens: 25"), ("documents: 100", "documents: all"), ("rank: 4", "rank: 5"),
      ("blockSize: 64", "blockSize: 32"), ("samples: 4", "samples: 5"), ("batch: 8", "batch: 4"),
    ] {
      #expect(try suite(replacing: old, with: new).canonicalText() != text, "\(new)")
    }
  }

  @Test func `a quick run has some of the cells, and the gate's rule is said by the suite`() throws {
    #expect(try suite().quickCells().count == 24)
    #expect(try suite().gate == GateSettings())
    let chosen = try suite(
      replacing: "seed: 7",
      with: "seed: 7\n  quick: [tiny/gptq-3bit/lora-4, tiny/dense/none]\n  gate: {significance: 0.01, margin: 1.5}"
        .replacingOccurrences(of: "\n  ", with: "\n"))
    #expect(try chosen.quickCells().map(\.name) == ["tiny/dense/none", "tiny/gptq-3bit/lora-4"])
    #expect(chosen.gate.rule.significance == 0.01)
    #expect(chosen.gate.rule.margin == 1.5)
    #expect(chosen.gate.rule.latencyFactor == 1.25)
    // Neither changes a result.
    #expect(try chosen.canonicalText() == suite().canonicalText())
  }

  @Test(arguments: [
    ("quick: [tiny/gptq-3bits/none]", "tiny/gptq-3bit/none"), ("quick: []", "list"),
    ("quick: [tiny/dense/none, tiny/dense/none]", "duplicateName"), ("gate: {margin: 101}", "margin"),
    ("gate: {significance: 0}", "significance"), ("gate: {latencyFactor: 0.5}", "latencyFactor"),
    ("gate: {margins: 1}", "margin"),
  ])
  func `a cell that there is not and a rule that is none are refused`(line: String, word: String) throws {
    let error = try error(replacing: "seed: 7", with: "seed: 7\n\(line)")
    #expect(error.line == 3 && "\(error.problem)".contains(word), "\(error)")
  }

  @Test func `the canonical text is sorted and without white space`() throws {
    let text = try suite().compressions[1].canonical.text
    #expect(
      text
        == #"{"method":{"bits":3,"blockSize":128,"dampeningFraction":0.01,"groupSize":null,"method":"gptq"},"#
        + #""name":"gptq-3bit"}"#)
  }

  @Test func `the suite of stories is sound`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let suite = try Suite(contentsOf: root.appendingPathComponent("Baselines/stories/suite.yaml").path)
    #expect(try suite.cells().count == 10)
    #expect(suite.tasks.map(\.documents) == [2376, 1172, 1838, 1267, 5153, 2032, 1000])
    #expect(suite.training?.steps == 391)
  }
}
