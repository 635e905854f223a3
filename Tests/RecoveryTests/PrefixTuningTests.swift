import Models
import Recovery
import Tensors
import TestModels
import Testing
import Training

@Suite struct PrefixTuningTests {
  private let one = Workers(threadCount: 1)
  /// Sequences of different lengths.
  private let batch = [[3, 1, 4, 1, 5, 9, 2], [6, 5, 3], [5, 8, 9, 7, 9]]

  private static func models() throws -> [any LanguageModel] {
    [try Llama.random(), try OPT.random(), try OPT.random(isProjected: true)]
  }

  private func prefix(_ start: PrefixTuning.Start, tokenCount: Int = 3) -> PrefixTuning {
    PrefixTuning(tokenCount: tokenCount, start: start)
  }

  /// -log p of each token but the first, in nats.
  private func losses(_ tokens: [Int], _ model: some LanguageModel) -> [Double] {
    model.logits(of: tokens.dropLast()).logProbabilities(of: Array(tokens.dropFirst())).map { -$0.logProbability }
  }

  @Test func `a prefix of one token's keys and values is as long as two widths a block`() throws {
    let model = try Llama.random()
    // Two blocks of two key-value heads, four channels each: 2 · 2 · 8 numbers a token.
    let parameters = prefix(.normal(standardDeviation: 1)).initialParameters(of: model, seed: 1)
    #expect(parameters.names == ["prompt_embeddings"])
    #expect(parameters.values[0].rowCount == 3 && parameters.values[0].columnCount == 32)
  }

  @Test func `a prefix can begin as normal numbers`() throws {
    let model = try Llama.random()
    func table(_ deviation: Double, seed: UInt64 = 1) -> Matrix {
      prefix(.normal(standardDeviation: deviation), tokenCount: 100).initialParameters(of: model, seed: seed).values[0]
    }
    let found = table(0.5)
    let mean = found.elements.reduce(0) { $0 + Double($1) } / 3200
    let variance = found.elements.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 3200
    // Four standard errors: 0.5 / √3200 of the mean, and 0.5 / √(2 · 3200) of the deviation.
    #expect(abs(mean) < 4 * 0.00884 && abs(variance.squareRoot() - 0.5) < 4 * 0.00625)
    #expect(table(0.5) == found && table(0.5, seed: 2) != found)
    #expect(table(1).elements == found.elements.map { 2 * $0 })
  }

  @Test func `a prefix captured from tokens gives the loss with those tokens in front`() throws {
    for model in try Self.models() { try checkCapture(model) }
  }

  private func checkCapture(_ model: some LanguageModel) throws {
    let method = prefix(.tokens([7, 30, 2]))
    let parameters = method.initialParameters(of: model, seed: 1)
    let found = try method.gradient(parameters, batch: batch, model: model, workers: one)
    // The tokens in front, and the first behind them, are not predicted.
    let sum = batch.map { losses([7, 30, 2] + $0, model).dropFirst(3).reduce(0, +) }.reduce(0, +)
    // 6 + 2 + 4 tokens. Logits of the two ways differ by rounding, some 1e-6.
    #expect(abs(found.loss - sum / 12) < 1e-5)
  }

  @Test func `fewer tokens than the prefix has begin again, and more are cut`() throws {
    let model = try Llama.random()
    func table(_ tokens: [Int]) -> Matrix {
      prefix(.tokens(tokens), tokenCount: 5).initialParameters(of: model, seed: 1).values[0]
    }
    #expect(table([7, 30]) == table([7, 30, 7, 30, 7]))
    #expect(table([7, 30, 7, 30, 7, 9]) == table([7, 30, 7, 30, 7]))
    #expect(table([7, 30, 7, 30, 8]) != table([7, 30, 7, 30, 7]))
  }

  @Test(arguments: [PrefixTuning.Start.normal(standardDeviation: 1), .tokens([7, 30, 2]), .projected(width: 6)])
  func `the gradient is the slope of the loss in any direction`(start: PrefixTuning.Start) throws {
    for model in try Self.models() { try checkGradient(model, prefix(start)) }
  }

  private func checkGradient(_ model: some LanguageModel, _ method: PrefixTuning) throws {
    let parameters = method.initialParameters(of: model, seed: 1)
    let found = try method.gradient(parameters, batch: batch, model: model, workers: one)
    var stream = RandomStream(seed: 6, purpose: "direction")
    for index in parameters.values.indices {
      let direction = parameters.values[index].elements.map { _ in stream.nextNormal() }
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      func loss(_ step: Float) throws -> Double {
        var moved = parameters
        moved.values[index].withMutableElements { elements in
          for place in elements.indices { elements[place] += step * direction[place] / length }
        }
        return try method.gradient(moved, batch: batch, model: model, workers: one).loss
      }
      let slope = try (8 * (loss(0.02) - loss(-0.02)) - (loss(0.04) - loss(-0.04))) / 0.24
      let expected = zip(found.gradients[index].elements, direction).reduce(0) {
        $0 + Double($1.0) * Double($1.1 / length)
      }
      // Four points leave no third derivative. A loss that is right to 1e-6 gives a slope right to 18e-6 / 0.24 = 75e-6.
      #expect(abs(slope - expected) < 1e-4, "\(parameters.names[index])")
    }
    #expect(found.gradients.allSatisfy { $0.elements.contains { abs($0) > 1e-3 } })
  }

  @Test func `a projected prefix is what its layers make of a row for each token`() throws {
    let model = try Llama.random()
    let method = prefix(.projected(width: nil), tokenCount: 2)
    var parameters = method.initialParameters(of: model, seed: 1)
    #expect(
      parameters.names == [
        "embedding.weight", "transform.0.weight", "transform.0.bias", "transform.2.weight", "transform.2.bias",
      ])
    #expect(parameters.values.map(\.rowCount) == [2, 8, 1, 32, 1])
    #expect(parameters.values.map(\.columnCount) == [8, 8, 8, 8, 32])
    let bound = 1 / Float(8).squareRoot()
    for value in parameters.values[1...] { #expect(value.elements.allSatisfy { abs($0) <= bound }) }
    // Of zeros in front the last layer's bias alone is left.
    parameters.values[3] = Matrix(rows: 32, columns: 8)
    let bias = parameters.values[4]
    #expect(method.table(parameters) == bias.stacked(on: bias))
    // It is stored as a prefix without a projection.
    #expect(AdapterMethod.prefix(method).stored(parameters).values == [bias.stacked(on: bias)])
  }

  @Test func `one thread and two give the same bits`() throws {
    let model = try Llama.random()
    let method = prefix(.normal(standardDeviation: 1))
    let parameters = method.initialParameters(of: model, seed: 1)
    let first = try method.gradient(parameters, batch: batch, model: model, workers: one)
    let again = try method.gradient(parameters, batch: batch, model: model, workers: Workers(threadCount: 2))
    #expect(again.loss == first.loss && again.gradients == first.gradients)
  }

  @Test func `training lowers the loss`() throws {
    let model = try Llama.random()
    let method = prefix(.tokens([7, 30, 2]))
    var parameters = method.initialParameters(of: model, seed: 1)
    var losses: [Double] = []
    for _ in 0..<30 {
      let found = try method.gradient(parameters, batch: batch, model: model, workers: one)
      losses.append(found.loss)
      for (index, gradient) in found.gradients.enumerated() {
        var step = gradient
        step.multiply(by: -0.5)
        parameters.values[index].add(step)
      }
    }
    #expect(losses[29] < 0.9 * losses[0])
  }

  @Test func `a prefix that goes beyond a table of positions is refused`() throws {
    let model = try OPT.random()  // 320 positions; the longest sequence of the batch has seven tokens.
    func gradient(_ tokenCount: Int) throws -> BatchGradient {
      let method = prefix(.normal(standardDeviation: 1), tokenCount: tokenCount)
      return try method.gradient(
        method.initialParameters(of: model, seed: 1), batch: batch, model: model, workers: one)
    }
    #expect(throws: PositionError(needed: 321, available: 320)) { try gradient(314) }
    #expect(try gradient(313).loss.isFinite)
  }
}
