import Experiments
import Testing

/// What is wrong with a suite file is said with its line.
@Suite struct SuiteErrorTests {
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
    let error = try Suite.error(replacing: "bits: 3}", with: "bits: 3, bits: 4}")
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
    Spoiling("sha256: {config.json: \(Suite.digest)}", "sha256: \(Suite.digest)", line: 5, "sha256"),
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
    Spoiling("{config.json: \(Suite.digest)}", "{config.json: abc}", line: 5, "config.json"),
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
      try Suite.error(replacing: "name: gptq-4bit,", with: "name: gptq-3bit,")
        == SuiteError(file: "suite.yaml", line: 10, problem: .duplicateName("gptq-3bit", firstLine: 9)))
    #expect(
      try Suite.error(replacing: "name: lora-4", with: "name: none").problem == .duplicateName("none", firstLine: 14))
  }

  @Test(arguments: ["seed: 7\n\tbad", "seed: [7", "seed: 7: 8", "seed: *nothing"])
  func `a text that is no YAML names its line`(new: String) throws {
    let error = try Suite.error(replacing: "seed: 7", with: new)
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
}
