import Experiments
import Models
import Recovery
import Results
import Testing

@Suite struct ParameterCountTests {
  /// Two blocks of width 8, with two heads of width 4 and a feed-forward layer of width 20.
  private let shape = AdaptedShape(
    .llama(
      ModelShape(
        vocabularySize: 32, width: 8, embeddingWidth: 8, blockCount: 2, headCount: 2, keyValueHeadCount: 2,
        headWidth: 4, maximumPositions: 64, hasPositionTable: false), feedForwardWidth: 20, tiesHead: false))

  @Test func `nothing trained is zero parameters, and no formula`() {
    #expect(ParameterCount([], of: shape) == ParameterCount(trainable: 0))
  }

  @Test func `the counts of several prompts add up`() {
    let prompts = [5, 3].map { AdapterMethod.prompt(PromptTuning(tokenCount: $0, initialization: .embeddingRows)) }
    #expect(ParameterCount(prompts, of: shape) == ParameterCount(trainable: 64, exact: 64, formula: 64))
  }

  @Test func `what differs has a reason, told once`() {
    let lowRank = AdapterMethod.lowRank(
      LowRankAdaptation(rank: 2, alpha: 1, targets: LowRankTargets.all.roles(of: Llama.self)))
    let count = ParameterCount([lowRank], of: shape)
    // Two blocks of four square layers and three of 8 × 20; the formula has two of these.
    #expect(count.trainable == 2 * 2 * (4 * 16 + 3 * 28) && count.exact == count.trainable)
    #expect(count.formula == 2 * 2 * (8 * 8 + 4 * 20) && count.note?.contains("gate_proj") == true)

    let prefix = AdapterMethod.prefix(PrefixTuning(tokenCount: 3, start: .projected(width: 5)))
    let twice = ParameterCount([prefix, prefix], of: shape)
    // A key and a value in each block; trained are three rows of 8, and layers from 8 to 5 and from 5 to 32.
    #expect(twice.exact == 2 * 3 * 32 && twice.formula == 2 * 3 * 16)
    #expect(twice.trainable == 2 * (3 * 8 + 5 * 9 + 32 * 6))
    #expect(twice.note?.contains("keys and values are two") == true && twice.note?.contains("a projection") == true)
    #expect(twice.note == ParameterCount([prefix], of: shape).note)
  }
}
