import Models
import Tensors
import TestModels
import Testing
import Training

/// Models of which every tensor is trained.
enum WholeModel: CaseIterable {
  case llama
  /// Whose head is its embedding.
  case tiedLlama
  case opt

  func make() throws -> any LanguageModel {
    switch self {
    case .llama: return try Llama.random(seed: 7)
    case .tiedLlama:
      var llama = try Llama.random(seed: 8)
      llama.separateHead = nil
      return llama
    case .opt: return try OPT.random(seed: 7)
    }
  }
}

@Suite struct WholeModelGradientTests {
  private let batch = [[3, 1, 4, 1, 5, 9, 26], [2, 7, 18, 28, 1]]

  /// The mean loss by the forward pass alone, summed in double precision.
  private func loss(_ model: some LanguageModel) -> Double {
    let sums = batch.map { tokens in
      let rows = 0..<tokens.count - 1
      return -model.logits(of: tokens).rows(rows).logProbabilities(of: Array(tokens.dropFirst()))
        .reduce(0) { $0 + $1.logProbability }
    }
    return sums.reduce(0, +) / Double(batch.reduce(0) { $0 + $1.count - 1 })
  }

  private func loss(_ model: some LanguageModel, moving name: String, along direction: Matrix, by step: Float) -> Double
  {
    var parameters = model.tensorParameters
    let index = parameters.names.firstIndex(of: name)!
    let value = parameters.values[index]
    parameters.values[index] = Matrix(
      rows: value.rowCount, columns: value.columnCount,
      zip(value.elements, direction.elements).map { $0 + step * $1 })
    return loss(model.with(parameters))
  }

  private func check(_ model: some LanguageModel) throws {
    let parameters = model.tensorParameters
    let result = try model.wholeGradient(batch, workers: Workers(threadCount: 2))
    // The same sums but for the order of those within the exponentials.
    #expect(abs(result.loss - loss(model)) < 2e-6)
    for (name, gradient) in zip(parameters.names, result.gradients) {
      let random = randomMatrix(gradient.rowCount, gradient.columnCount, seed: 11)
      for direction in [gradient, random] {
        let length = direction.elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        try #require(length > 0, "\(name) has no gradient at all")
        let unit = Matrix(
          rows: direction.rowCount, columns: direction.columnCount, direction.elements.map { $0 / Float(length) })
        let step: Float = 1 / 64
        func difference(_ step: Float) -> Double {
          let ahead = loss(model, moving: name, along: unit, by: step)
          let back = loss(model, moving: name, along: unit, by: -step)
          return (ahead - back) / Double(2 * step)
        }
        // By two steps, so that the error is of the fourth order.
        let expected = (4 * difference(step) - difference(2 * step)) / 3
        let slope = zip(gradient.elements, unit.elements).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        // Losses of single precision, with an error of some 3e-7, are divided by a step of 1/32.
        #expect(abs(slope - expected) < 1e-4, "\(name)")
      }
    }
  }

  @Test(arguments: WholeModel.allCases)
  func `every tensor's gradient is that of finite differences`(kind: WholeModel) throws { try check(kind.make()) }

  @Test(arguments: WholeModel.allCases)
  func `tensors put back give the same model`(kind: WholeModel) throws {
    func check(_ model: some LanguageModel) {
      #expect(model.with(model.tensorParameters).logits(of: batch[0]) == model.logits(of: batch[0]))
    }
    try check(kind.make())
  }

  @Test func `the gradient does not depend on how many sequences run at once`() throws {
    func check(_ model: some LanguageModel) throws {
      let results = try [1, 2, 3].map { try model.wholeGradient(batch, workers: Workers(threadCount: $0)) }
      for result in results {
        #expect(result.loss == results[0].loss)
        #expect(result.gradients == results[0].gradients)
      }
    }
    try check(WholeModel.opt.make())
  }

  @Test func `a model that is trained whole learns its batch by heart`() throws {
    func check(_ model: some LanguageModel) throws -> [Double] {
      var parameters = model.tensorParameters
      let recipe = TrainingRecipe(
        stepCount: 60, batchSize: 2, learningRate: 0.01, schedule: .constant, options: AdamWOptions())
      return try parameters.train(
        by: recipe, batch: { _ in batch },
        gradient: { try model.with($0).wholeGradient($1, workers: Workers(threadCount: 1)) })
    }
    for kind in WholeModel.allCases {
      let losses = try check(kind.make())
      #expect(losses[59] < losses[0] / 10, "\(kind)")
    }
  }
}
