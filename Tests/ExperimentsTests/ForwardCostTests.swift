import Experiments
import Models
import Recovery
import Testing

@Suite struct ForwardCostTests {
  /// One head of two channels, three in the feed-forward layer; one sequence of two tokens.
  private func cost(
    _ change: ForwardChange = ForwardChange(), blockCount: Int = 1, batch: Int = 1, pieces: Int = 1
  ) -> ForwardCost {
    let shape = ModelShape(
      vocabularySize: 9, width: 2, embeddingWidth: 2, blockCount: 1, headCount: 1, keyValueHeadCount: 1, headWidth: 2,
      maximumPositions: 16, hasPositionTable: false)
    return ForwardCost(
      of: AdaptedShape(.llama(shape, feedForwardWidth: 3, tiesHead: true)), changed: change, blockCount: blockCount,
      batch: batch, length: 2, pieces: pieces)
  }

  private func lowRank(_ execution: LowRankExecution) -> ForwardChange {
    let targets = LowRankTargets.all.roles(of: Llama.self)
    return ForwardChange(lowRank: (LowRankAdaptation(rank: 1, alpha: 1, targets: targets), execution))
  }

  @Test func `a block multiplies by its weights for each token, and attends to each pair`() {
    // 34 weights for two tokens; scores and mixture of two channels for three pairs.
    #expect(cost().multiplyAdds == 34 * 2 + 2 * 2 * 3)
    // Four layers 2 → 2 of 2 · 4 + 4 numbers, three of 2 · 5 + 6; attention 2 · 2 · 4; norms and sums 2 · (8 + 12); the
    // gate 3 · 2 · 3.
    let numbers: Double = 4 * 12 + 3 * 16 + 16 + 40 + 18
    #expect(cost().numbers == numbers)
    #expect(cost(blockCount: 5).multiplyAdds == 5 * cost().multiplyAdds)
  }

  @Test func `weights are read once for each piece`() {
    #expect(cost(batch: 2, pieces: 2).numbers == 2 * cost().numbers)
    #expect(cost(batch: 2, pieces: 1).numbers == 2 * cost().numbers - 34)
  }

  @Test func `a merged LoRA is nothing, one beside the layers is two products each, step by step two passes more`() {
    #expect(cost(lowRank(.merged)) == cost())
    // r (in + out) for two tokens: four layers of 4, three of 5.
    let multiplyAdds = Double(2 * (4 * 4 + 3 * 5))
    #expect(cost(lowRank(.beside)).multiplyAdds - cost().multiplyAdds == multiplyAdds)
    #expect(cost(lowRank(.stepByStep)).multiplyAdds - cost().multiplyAdds == multiplyAdds)
    // A reads 2 · (in + 1) + in, B reads and writes 2 · (1 + 2 out) + out.
    let beside: Double = 4 * (8 + 12) + 2 * (8 + 17) + (11 + 12)
    #expect(cost(lowRank(.beside)).numbers - cost().numbers == beside)
    // B writes 2 · (1 + out) + out, the scaling 2 · 2 out, the sum 3 · 2 out.
    let stepByStep: Double = 4 * (8 + 28) + 2 * (8 + 41) + (11 + 28)
    #expect(cost(lowRank(.stepByStep)).numbers - cost().numbers == stepByStep)
  }

  @Test func `a prompt is attended to, and several have their mean length and a score each`() {
    let one = cost(ForwardChange(inFront: [4]))
    #expect(one.multiplyAdds - cost().multiplyAdds == 2 * 2 * 2 * 4)
    #expect(one.numbers - cost().numbers == 2 * 4 * 2)
    let several = cost(ForwardChange(inFront: [2, 6]))
    #expect(several.multiplyAdds - one.multiplyAdds == 2 * 2 * 2)
    #expect(several.numbers - one.numbers == 2 * 2)
  }

  @Test func `each step takes as long as the slower of computing and moving`() {
    func rates(_ multiplyAdds: Double, _ bytes: Double) -> MachineRates {
      MachineRates(name: "", multiplyAddsPerSecond: multiplyAdds, bytesPerSecond: bytes, bytesOfNumber: 2)
    }
    let cost = cost()
    #expect(abs(cost.seconds(at: rates(10, .infinity)) - cost.multiplyAdds / 10) < 1e-9)
    #expect(abs(cost.seconds(at: rates(.infinity, 10)) - 2 * cost.numbers / 10) < 1e-9)
    // The layers take longer to compute, norms and sums to move.
    let both = cost.seconds(at: rates(5, 30))
    #expect(both > max(cost.multiplyAdds / 5, 2 * cost.numbers / 30))
    #expect(both < cost.multiplyAdds / 5 + 2 * cost.numbers / 30)
  }

  @Test func `at Llama-7b's shape a LoRA that runs beside costs an A100 a few percent, a prompt less`() {
    let shape = ModelShape(
      vocabularySize: 32_000, width: 4096, embeddingWidth: 4096, blockCount: 32, headCount: 32, keyValueHeadCount: 32,
      headWidth: 128, maximumPositions: 2048, hasPositionTable: false)
    func seconds(_ change: ForwardChange) -> Double {
      ForwardCost(
        of: AdaptedShape(.llama(shape, feedForwardWidth: 11_008, tiesHead: false)), changed: change, blockCount: 32,
        batch: 16, length: 1024, pieces: 1
      ).seconds(at: MachineRates.accelerators[0])
    }
    let dense = seconds(ForwardChange())
    // 6.6 G multiply-adds a token, 16,384 tokens, 156 T multiply-adds a second: 0.7 s, and attention and passes.
    #expect((0.7...0.9).contains(dense))
    let prompt = seconds(ForwardChange(inFront: [100])) / dense
    let beside = seconds(lowRank(.beside)) / dense
    let stepByStep = seconds(lowRank(.stepByStep)) / dense
    #expect(prompt > 1 && prompt < beside && beside < stepByStep)
    // Far from the paper's 0.62 ÷ 0.37 = 1.68.
    #expect(stepByStep < 1.3)
  }
}
