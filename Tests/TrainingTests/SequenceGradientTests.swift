import Foundation
import Models
import Tensors
import TestModels
import Testing
import Training

/// Standard normal numbers times `scale`, the same ones for the same seed.
private func randomMatrix(_ rowCount: Int, _ columnCount: Int, seed: UInt64, scale: Float) -> Matrix {
  let elements = TestModels.randomMatrix(rowCount, columnCount, seed: seed).elements
  return Matrix(rows: rowCount, columns: columnCount, elements.map { scale * $0 })
}

/// An architecture's random model with a low-rank update of rank two (neither factor zero) beside every linear layer.
enum AdaptedModel: CaseIterable {
  case llama
  case opt
  /// In the form of OPT-350m.
  case projectedOPT

  func make() throws -> any LanguageModel {
    switch self {
    case .llama: adapted(try Llama.random(seed: 5))
    case .opt: adapted(try OPT.random(seed: 5))
    case .projectedOPT: adapted(try OPT.random(seed: 5, isProjected: true))
    }
  }

  private func adapted(_ model: some LanguageModel) -> any LanguageModel {
    var model = model
    for (index, name) in model.linearNames.enumerated() {
      let weight = model[name].weight
      model[name].update = LowRankUpdate(
        a: randomMatrix(2, weight.columnCount, seed: 200 + UInt64(index), scale: 0.25),
        b: randomMatrix(weight.rowCount, 2, seed: 300 + UInt64(index), scale: 0.5), scale: 0.5)
    }
    return model
  }
}

extension Matrix {
  /// self + factor × direction
  fileprivate func moved(along direction: Matrix, by factor: Float) -> Matrix {
    Matrix(rows: rowCount, columns: columnCount, zip(elements, direction.elements).map { $0 + factor * $1 })
  }

  /// Σ self ⊙ other, in double precision.
  fileprivate func dot(_ other: Matrix) -> Double {
    zip(elements, other.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}

@Suite struct SequenceGradientTests {
  private let model: any LanguageModel
  private let tokens = [3, 1, 4, 1, 5, 9, 26]
  /// Predicted by rows 1 to 5: neither the first row nor the last has a target.
  private let targets = [7, 30, 0, 7, 12]
  private let firstTargetRow = 1

  init() throws { model = try AdaptedModel.llama.make() }

  /// The loss by the forward pass alone, summed in double precision.
  private func loss(_ model: some LanguageModel, _ embeddings: Matrix) -> Double {
    var pass = ForwardPass()
    let hidden = model.normalized(model.runBlocks(embeddings, &pass))
    let rows = firstTargetRow..<firstTargetRow + targets.count
    return -model.logits(hidden).rows(rows).logProbabilities(of: targets).reduce(0) { $0 + $1.logProbability }
  }

  /// Directions of length one: the gradient's own, in which a wrong gradient promises too much, and a random one.
  private func directions(_ gradient: Matrix) -> [Matrix] {
    [gradient, randomMatrix(gradient.rowCount, gradient.columnCount, seed: 1)].map { matrix in
      let length = Float(matrix.dot(matrix).squareRoot())
      return Matrix(rows: matrix.rowCount, columns: matrix.columnCount, matrix.elements.map { $0 / length })
    }
  }

  /// f′(0) by the central differences of two steps, 4/3 of the shorter's and -1/3 of the longer's: exact to step⁴.
  private func derivative(_ function: (Float) -> Double) -> Double {
    let step: Float = 1 / 64
    let short = (function(step) - function(-step)) / Double(2 * step)
    let long = (function(2 * step) - function(-2 * step)) / Double(4 * step)
    return (4 * short - long) / 3
  }

  // The forward pass runs in single precision: five log-probabilities, each with an error of some 1e-6, are divided by
  // a step of 1/32. What is left of the Taylor series is below that: 64⁻⁴ = 6e-8. Gradients are 0.1 to 7 long.
  private let tolerance = 4e-4

  private func gradient(weight: Float = 1) -> SequenceGradient { gradient(model, weight: weight) }

  private func gradient(_ model: some LanguageModel, weight: Float = 1) -> SequenceGradient {
    model.gradient(
      embeddings: model.embedded(tokens), targets: targets, firstTargetRow: firstTargetRow, weight: weight)
  }

  @Test func `the loss is the sum of the targets' negative log-probabilities`() {
    // The same sum from the same logits but for the order of sums within the exponentials: below 1e-6 each.
    #expect(abs(gradient().loss - loss(model, model.embedded(tokens))) < 5e-6)
  }

  @Test(arguments: AdaptedModel.allCases)
  func `the embeddings' gradient is that of finite differences`(kind: AdaptedModel) throws {
    let model = try kind.make()
    let gradient = gradient(model).embeddings
    for direction in directions(gradient) {
      let expected = derivative { loss(model, model.embedded(tokens).moved(along: direction, by: $0)) }
      #expect(abs(gradient.dot(direction) - expected) < tolerance)
    }
  }

  @Test(arguments: AdaptedModel.allCases)
  func `the gradients of both factors of an update are those of finite differences`(kind: AdaptedModel) throws {
    try checkUpdates(kind.make())
  }

  private func checkUpdates(_ model: some LanguageModel) throws {
    let embeddings = model.embedded(tokens)
    let gradients = gradient(model).updates.updates
    for name in model.linearNames {
      let update = try #require(model[name].update)
      let gradient = try #require(gradients[name])
      for direction in directions(gradient.a) {
        let expected = derivative { step in
          var moved = model
          moved[name].update?.a = update.a.moved(along: direction, by: step)
          return loss(moved, embeddings)
        }
        #expect(abs(gradient.a.dot(direction) - expected) < tolerance, "A of \(name)")
      }
      for direction in directions(gradient.b) {
        let expected = derivative { step in
          var moved = model
          moved[name].update?.b = update.b.moved(along: direction, by: step)
          return loss(moved, embeddings)
        }
        #expect(abs(gradient.b.dot(direction) - expected) < tolerance, "B of \(name)")
      }
    }
  }

  @Test(arguments: AdaptedModel.allCases)
  func `no gradient is nearly zero, or the differences would show nothing`(kind: AdaptedModel) throws {
    let model = try kind.make()
    let gradient = gradient(model)
    #expect(gradient.updates.updates.count == model.linearNames.count)
    for matrix in [gradient.embeddings] + gradient.updates.updates.values.flatMap({ [$0.a, $0.b] }) {
      #expect(matrix.dot(matrix).squareRoot() > 100 * tolerance)
    }
  }

  @Test func `layers without an update have no gradient`() throws {
    var model = try Llama.random(seed: 5)
    let values = [0, 1].map { LinearName(block: $0, path: "self_attn.v_proj") }
    for name in values {
      model[name].update = LowRankUpdate(
        a: randomMatrix(2, 16, seed: 200, scale: 0.25), b: randomMatrix(8, 2, seed: 300, scale: 0.5), scale: 0.5)
    }
    let found = gradient(model)
    #expect(Set(found.updates.updates.keys) == Set(values))
  }

  @Test(arguments: AdaptedModel.allCases)
  func `what is kept of the activations changes no bit`(kind: AdaptedModel) throws {
    try checkKept(kind.make())
  }

  private func checkKept(_ model: some LanguageModel) throws {
    func gradient(keptBytes: Int) -> SequenceGradient {
      model.gradient(
        embeddings: model.embedded(tokens), targets: targets, firstTargetRow: firstTargetRow, weight: 1,
        pass: TrainingPass(keptBytes: keptBytes))
    }
    let all = gradient(keptBytes: 1 << 20)
    // Of none of the two blocks, and of the last.
    let width = model.blocks[0].linears.reduce(0) { $0 + $1.weight.rowCount + $1.weight.columnCount }
    for bytes in [0, 6 * 4 * width] {
      let found = gradient(keptBytes: bytes)
      #expect(found.loss == all.loss && found.embeddings == all.embeddings)
      for (name, update) in all.updates.updates {
        let other = try #require(found.updates.updates[name])
        #expect(other.a == update.a && other.b == update.b)
      }
    }
  }

  @Test(arguments: AdaptedModel.allCases)
  func `nothing goes back below what is trained, and what is has the same gradient`(kind: AdaptedModel) throws {
    try checkLowest(kind.make())
  }

  private func checkLowest(_ model: some LanguageModel) throws {
    // One layer after the other, of the second block and of the first, is the only one that is trained.
    for name in model.linearNames.reversed() {
      var only = model
      for other in model.linearNames where other != name { only[other].update = nil }
      func gradient(trainsEmbeddings: Bool) -> SequenceGradient {
        only.gradient(
          embeddings: only.embedded(tokens), targets: targets, firstTargetRow: firstTargetRow, weight: 1,
          pass: TrainingPass(trainsEmbeddings: trainsEmbeddings))
      }
      let (found, whole) = (gradient(trainsEmbeddings: false), gradient(trainsEmbeddings: true))
      #expect(found.loss == whole.loss && found.embeddings.count == 0)
      let update = try #require(found.updates.updates[name])
      #expect(found.updates.updates.count == 1)
      #expect(update.a == whole.updates.updates[name]?.a && update.b == whole.updates.updates[name]?.b)
    }
  }

  @Test func `the weight multiplies gradients, and not the loss`() throws {
    let (whole, half) = (gradient(), gradient(weight: 0.5))
    #expect(half.loss == whole.loss)
    // A power of two scales every rounding along.
    #expect(half.embeddings.elements == whole.embeddings.elements.map { 0.5 * $0 })
    for (name, update) in whole.updates.updates {
      #expect(try #require(half.updates.updates[name]).b.elements == update.b.elements.map { 0.5 * $0 })
    }
  }

  @Test func `tokens behind the last target have no gradient`() {
    let found = gradient().embeddings
    #expect(found.row(6).allSatisfy { $0 == 0 })
    for row in 0..<6 { #expect(found.row(row).contains { $0 != 0 }) }
  }

  @Test func `more targets than are held at once add up as in one piece`() {
    // Logits are held for 256 rows at a time: 300 targets against the sum over two halves.
    let tokens = (0..<301).map { $0 * 7 % 32 }
    let embeddings = model.embedded(tokens)
    let targets = Array(tokens.dropFirst())
    func gradient(_ range: Range<Int>) -> SequenceGradient {
      model.gradient(
        embeddings: embeddings, targets: Array(targets[range]), firstTargetRow: range.lowerBound, weight: 1 / 300)
    }
    let (whole, first, second) = (gradient(0..<300), gradient(0..<100), gradient(100..<300))
    #expect(abs(whole.loss - first.loss - second.loss) < 1e-4)
    let sum = first.embeddings.moved(along: second.embeddings, by: 1)
    let difference = whole.embeddings.moved(along: sum, by: -1)
    // Single-precision sums over 300 rows.
    #expect(difference.dot(difference).squareRoot() < 1e-5 * whole.embeddings.dot(whole.embeddings).squareRoot())
  }
}
