import Experiments
import Models
import Testing

/// Every compression and recovery that a suite can ask for.
@Suite struct SuiteMethodTests {
  private func compression(_ text: String) throws -> CompressionMethod {
    let old = "{name: gptq-3bit, method: gptq, bits: 3}"
    return try Suite.sound(replacing: old, with: "{name: other, \(text)}").compressions[1].method
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

  @Test func `recoveries begin, drop and adapt as they are told`() throws {
    func recovery(_ text: String) throws -> RecoveryMethod {
      try Suite.sound(replacing: "{name: prompt-24, method: prompt, tokens: 24}", with: "{name: other, \(text)}")
        .recoveries[
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
    #expect(
      try !Suite.sound().canonicalText().contains("dropout") && !Suite.sound().canonicalText().contains("lossTokens"))
  }

  @Test func `every reading of a choice among prompts has a name`() throws {
    func selection(_ words: String) throws -> PromptSelection {
      let method = try Suite.sound(replacing: "queries: all}", with: "\(words)}").recoveries.last?.method
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
    let error = try Suite.error(replacing: "queries: all}", with: "\(words)}")
    #expect(error.line == 19)
    switch error.problem {
    case .missingKey(let found, _), .outOfRange(let found, _, _), .unknownValue(let found, _, _, _):
      #expect(found == key)
    default: Issue.record("\(error.problem)")
    }
  }

  @Test func `prompts can be made one`() throws {
    let suite = try Suite.sound(
      replacing: "method: idp, prompts: [prompt-26, prompt-50], queries: all}",
      with: "method: concatenation, prompts: [prompt-26, prompt-50]}")
    #expect(suite.recoveries.last?.method == .concatenation(prompts: ["prompt-26", "prompt-50"]))
  }

  @Test func `a recovery may choose only among prompts of the suite`() throws {
    let known = ["prompt-26", "prompt-50", "prompt-24"]
    #expect(
      try Suite.error(replacing: "[prompt-26, ", with: "[prompt-27, ")
        == SuiteError(
          file: "suite.yaml", line: 19,
          problem: .unknownPrompt("prompt-27", recovery: "idp-26-50", nearest: "prompt-26", known: known)))
    #expect(
      try Suite.error(replacing: "[prompt-26, ", with: "[lora-4, ").problem
        == .unknownPrompt("lora-4", recovery: "idp-26-50", nearest: nil, known: known))
    #expect(
      try Suite.error(replacing: "[prompt-26, ", with: "[prompt-50, ").problem
        == .duplicateName("prompt-50", firstLine: 19))
  }
}
