import Models
import Recovery
import Tensors
import TestModels
import Testing
import Training

@Suite struct LossTokensTests {
  private let one = Workers(threadCount: 1)
  private let batch = [[3, 1, 4, 1, 5], [9, 2, 6]]
  private let methods: [AdapterMethod] = [
    .lowRank(LowRankAdaptation(rank: 2, alpha: 4, targets: ["q_proj"])),
    .prompt(PromptTuning(tokenCount: 3, initialization: .tokens([7, 30, 2]))),
    .prefix(PrefixTuning(tokenCount: 3, start: .tokens([7, 30, 2]))),
  ]

  private func gradient(_ method: AdapterMethod, _ tokens: LossTokens) throws -> BatchGradient {
    let model = try Llama.random()
    return try method.gradient(
      method.initialParameters(of: model, seed: 1), batch: batch, model: model, workers: one, tokens: tokens)
  }

  @Test func `behind a prompt the first token counts too, unless those that follow it alone are asked for`() throws {
    let model = try Llama.random()
    func losses(_ tokens: [Int]) -> [Double] {
      model.logits(of: tokens.dropLast()).logProbabilities(of: Array(tokens.dropFirst())).map { -$0.logProbability }
    }
    // Behind the two predictions of the prompt itself.
    let all = batch.map { Array(losses([7, 30, 2] + $0).dropFirst(2)) }
    let predicted = all.joined().reduce(0, +) / 8
    let following = all.map { $0.dropFirst() }.joined().reduce(0, +) / 6
    #expect(try abs(gradient(methods[1], .predicted).loss - predicted) < 1e-5)
    for tokens in [LossTokens.following, .summedFollowing] {
      #expect(try abs(gradient(methods[1], tokens).loss - following) < 1e-5)
    }
  }

  @Test func `without rows in front the first token never counts`() throws {
    for method in [methods[0], methods[2]] {
      let (predicted, following) = (try gradient(method, .predicted), try gradient(method, .following))
      #expect(predicted.loss == following.loss && predicted.gradients == following.gradients)
    }
  }

  @Test func `summed over sequences, gradients are as many times as large as a sequence has tokens that count`() throws
  {
    for method in methods {
      let (mean, sum) = (try gradient(method, .following), try gradient(method, .summedFollowing))
      #expect(sum.loss == mean.loss)
      for (index, gradient) in sum.gradients.enumerated() {
        // Six tokens in two sequences; sums of rounded numbers.
        let largest = gradient.elements.map(abs).max() ?? 0
        #expect(
          zip(gradient.elements, mean.gradients[index].elements).allSatisfy { abs($0 - 3 * $1) <= 1e-5 * largest })
      }
    }
  }
}
