import Models
import Recovery
import TestModels
import Testing

@Suite struct ParameterCountsTests {
  private let llama7B = AdaptedShape(
    .llama(
      ModelShape(
        vocabularySize: 32000, width: 4096, embeddingWidth: 4096, blockCount: 32, headCount: 32, keyValueHeadCount: 32,
        headWidth: 128, maximumPositions: 2048, hasPositionTable: false), feedForwardWidth: 11008, tiesHead: false))
  private let opt6B = AdaptedShape(
    .opt(
      ModelShape(
        vocabularySize: 50272, width: 4096, embeddingWidth: 4096, blockCount: 32, headCount: 32, keyValueHeadCount: 32,
        headWidth: 128, maximumPositions: 2048, hasPositionTable: true), feedForwardWidth: 16384))

  private func lowRank<Model: LanguageModel>(
    _ rank: Int, _ targets: LowRankTargets, _ model: Model.Type
  ) -> AdapterMethod {
    .lowRank(LowRankAdaptation(rank: rank, alpha: 1, targets: targets.roles(of: model)))
  }

  @Test(arguments: [2, 3, 4]) func `the sets of layers give the counts of the paper's tables`(rank: Int) {
    let llama = lowRank(rank, .paper, Llama.self).parameterCounts(of: llama7B)
    #expect(llama.exact == 2_236_416 * rank)  // 4.4, 6.7, 8.9 million
    #expect(llama.formula == 32 * (8 * 4096 + 4 * 11008) * rank)
    #expect(llama.explanation?.contains("gate_proj") == true)
    #expect(lowRank(rank, .all, Llama.self).parameterCounts(of: llama7B).exact == 2_498_560 * rank)
    for targets in [LowRankTargets.paper, .all] {
      #expect(lowRank(rank, targets, OPT.self).parameterCounts(of: opt6B).exact == 2_359_296 * rank)
    }
    // Two square layers.
    #expect(lowRank(rank, .queryValue, OPT.self).parameterCounts(of: opt6B).exact == 32 * 2 * 2 * 4096 * rank)
  }

  @Test func `a prompt has a width a token, by all three counts`() {
    for (tokens, count) in [(26, 106_496), (50, 204_800), (100, 409_600)] {
      let method = AdapterMethod.prompt(PromptTuning(tokenCount: tokens, initialization: .embeddingRows))
      #expect(
        method.parameterCounts(of: llama7B)
          == ParameterCounts(formula: count, exact: count, trained: count, explanation: nil))
    }
  }

  @Test func `a prefix has twice what the paper's formula says`() {
    for (tokens, formula) in [(24, 3_145_728), (26, 3_407_872), (100, 13_107_200)] {
      let counts = AdapterMethod.prefix(PrefixTuning(tokenCount: tokens)).parameterCounts(of: llama7B)
      #expect(counts.formula == formula && counts.exact == 2 * formula && counts.trained == counts.exact)
      #expect(counts.explanation?.contains("keys and values are two") == true)
    }
  }

  @Test func `of a projected prefix more is trained than is kept`() throws {
    let model = try Llama.random()
    let method = AdapterMethod.prefix(PrefixTuning(tokenCount: 3, start: .projected(width: 5)))
    let counts = method.parameterCounts(of: AdaptedShape(model))
    #expect(counts.exact == 3 * 32)
    // Three rows of 8; 8 to 5 and 5 to 32 with biases.
    #expect(counts.trained == 3 * 8 + 5 * 9 + 32 * 6)
    #expect(counts.explanation?.contains("projection") == true)
  }

  @Test func `the counts of shapes are those of the tensors`() throws {
    try check(Llama.random())
    try check(OPT.random())
    try check(OPT.random(isProjected: true))
  }

  private func check(_ model: some LanguageModel) throws {
    let methods: [AdapterMethod] = [
      .lowRank(LowRankAdaptation(rank: 3, alpha: 1, targets: ["q_proj", "k_proj", "fc2", "down_proj"])),
      .prompt(PromptTuning(tokenCount: 3, initialization: .embeddingRows)),
      .prefix(PrefixTuning(tokenCount: 3)), .prefix(PrefixTuning(tokenCount: 3, start: .projected(width: nil))),
    ]
    for method in methods {
      let counts = method.parameterCounts(of: AdaptedShape(model))
      let parameters = method.initialParameters(of: model, seed: 1)
      #expect(counts.trained == parameters.count)
      #expect(counts.exact == method.stored(parameters).count)
    }
  }
}
