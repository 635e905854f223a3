import Models
import Recovery
import Tensors
import TestModels
import Testing
import Training

@Suite struct LowRankAdaptationTests {
  private let method = LowRankAdaptation(rank: 2, alpha: 6, targets: ["q_proj", "v_proj", "down_proj"])
  private let one = Workers(threadCount: 1)
  /// Sequences of different lengths.
  private let batch = [[3, 1, 4, 1, 5, 9, 2], [6, 5, 3], [5, 8, 9, 7, 9]]

  /// Parameters whose B is not zero: both factors have gradients.
  private func trained(_ model: Llama) -> ParameterSet {
    var parameters = method.initialParameters(of: model, seed: 1)
    var stream = RandomStream(seed: 4, purpose: "trained")
    for index in parameters.values.indices {
      parameters.values[index].withMutableElements {
        for place in $0.indices { $0[place] += 0.3 * stream.nextNormal() }
      }
    }
    return parameters
  }

  @Test func `at first the adapted model is the base to the bit`() throws {
    let base = try Llama.random()
    let adapted = method.install(method.initialParameters(of: base, seed: 1), in: base)
    #expect(adapted.logits(of: batch[0]) == base.logits(of: batch[0]))
  }

  @Test func `parameters are counted by rank times the sum of both widths`() throws {
    let model = try Llama.random()
    // A block's q_proj is 16 × 16, v_proj 8 × 16, down_proj 16 × 24: 2 · (32 + 24 + 40) = 192, for two blocks.
    #expect(method.parameterCount(of: model) == 384)
    let parameters = method.initialParameters(of: model, seed: 1)
    #expect(parameters.count == 384)
    // All seven: 32 + 24 + 24 + 32 + 3 · 40 = 232.
    let all = LowRankAdaptation(
      rank: 3, alpha: 1,
      targets: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])
    #expect(all.parameterCount(of: model) == 3 * 232 * 2)
  }

  @Test func `the factors are named as PEFT names them, A before B`() throws {
    let model = try Llama.random()
    let parameters = method.initialParameters(of: model, seed: 1)
    #expect(parameters.names.count == 12)
    #expect(
      parameters.names[..<4] == [
        "model.layers.0.self_attn.q_proj.lora_A.weight", "model.layers.0.self_attn.q_proj.lora_B.weight",
        "model.layers.0.self_attn.v_proj.lora_A.weight", "model.layers.0.self_attn.v_proj.lora_B.weight",
      ])
    #expect(parameters.names.last == "model.layers.1.mlp.down_proj.lora_B.weight")
  }

  @Test func `A is uniform within one over the root of its width, and B zero`() throws {
    let model = try Llama.random()
    let wide = LowRankAdaptation(rank: 40, alpha: 1, targets: ["q_proj", "down_proj"])
    let parameters = wide.initialParameters(of: model, seed: 1)
    for (name, value) in zip(parameters.names, parameters.values) {
      if name.contains("lora_B") {
        #expect(value == Matrix(rows: 16, columns: 40))
        continue
      }
      let bound = 1 / Float(value.columnCount).squareRoot()  // 1/4 and 1/√24
      #expect(value.rowCount == 40 && value.columnCount == (name.contains("q_proj") ? 16 : 24))
      let elements = value.elements
      #expect(elements.allSatisfy { $0 >= -bound && $0 < bound })
      // The largest of 640 numbers or more falls short of the bound by a twentieth once in 0.95⁶⁴⁰ < 1e-14.
      #expect(elements.max() ?? 0 > 0.95 * bound && elements.min() ?? 0 < -0.95 * bound)
    }
  }

  @Test func `the start is the seed's, and no two layers share it`() throws {
    let model = try Llama.random()
    let parameters = method.initialParameters(of: model, seed: 1)
    #expect(method.initialParameters(of: model, seed: 1) == parameters)
    #expect(method.initialParameters(of: model, seed: 2).values[0] != parameters.values[0])
    // Both are the A of a q_proj.
    #expect(parameters.values[0] != parameters.values[6])
  }

  @Test func `an update is alpha over rank times B A, added to the weight`() throws {
    let base = try Llama.random()
    let parameters = trained(base)
    var merged = base
    for (index, layer) in method.layers(of: base).enumerated() {
      // 6 / 2
      var weight = base[layer].weight.matrix
      weight.setProduct(
        parameters.values[2 * index + 1].slice(), parameters.values[2 * index].slice(), scale: 3, adding: true)
      merged[layer].weight = Weight(weight)
    }
    let adapted = method.install(parameters, in: base).logits(of: batch[0]).elements
    // Logits of a few units, from sums in another order: some 1e-6 of them.
    #expect(zip(adapted, merged.logits(of: batch[0]).elements).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(zip(adapted, base.logits(of: batch[0]).elements).contains { abs($0 - $1) > 0.1 })
  }

  @Test func `only targeted layers are adapted, and the given model is not`() throws {
    let base = try Llama.random()
    let adapted = method.install(trained(base), in: base)
    for name in base.linearNames {
      #expect((adapted[name].update != nil) == ["q_proj", "v_proj", "down_proj"].contains(name.role))
      #expect(base[name].update == nil)
      #expect(adapted[name].weight == base[name].weight)
    }
  }

  @Test func `the loss is the mean over all tokens that have one before them`() throws {
    let base = try Llama.random()
    let parameters = trained(base)
    let found = try method.gradient(parameters, batch: batch, model: base, workers: one)
    let adapted = method.install(parameters, in: base)
    var sum = 0.0
    for sequence in batch {
      let outcomes = adapted.logits(of: sequence.dropLast()).logProbabilities(of: Array(sequence.dropFirst()))
      sum -= outcomes.reduce(0) { $0 + $1.logProbability }
    }
    // 6 + 2 + 4 tokens. Logits of the two ways differ by rounding, some 1e-6.
    #expect(abs(found.loss - sum / 12) < 1e-5)
  }

  @Test func `the gradient is the slope of the loss in any direction`() throws {
    let model = try Llama.random()
    let parameters = trained(model)
    let found = try method.gradient(parameters, batch: batch, model: model, workers: one)
    var stream = RandomStream(seed: 6, purpose: "direction")
    // One parameter at a time, so that none hides behind another.
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

  @Test func `one thread and two give the same bits`() throws {
    let model = try Llama.random()
    let parameters = trained(model)
    let first = try method.gradient(parameters, batch: batch, model: model, workers: one)
    for threadCount in [1, 2] {
      let again = try method.gradient(
        parameters, batch: batch, model: model, workers: Workers(threadCount: threadCount))
      #expect(again.loss == first.loss && again.gradients == first.gradients)
    }
  }

  @Test func `training lowers the loss, and the same seed gives the same parameters`() throws {
    let model = try Llama.random()
    func train() throws -> (ParameterSet, [Double]) {
      var parameters = method.initialParameters(of: model, seed: 1)
      let recipe = TrainingRecipe(
        stepCount: 30, batchSize: 3, learningRate: 0.02, schedule: .constant, options: AdamWOptions(weightDecay: 0))
      let losses = try parameters.train(
        by: recipe, batch: { _ in batch },
        gradient: { try method.gradient($0, batch: $1, model: model, workers: Workers(threadCount: 2)) })
      return (parameters, losses)
    }
    let (parameters, losses) = try train()
    #expect(losses[29] < 0.5 * losses[0])
    #expect(try train() == (parameters, losses))
  }

  // MARK: Dropout

  @Test func `the gradient is the slope of the loss with the same inputs dropped`() throws {
    let model = try Llama.random()
    let method = LowRankAdaptation(rank: 2, alpha: 6, targets: method.targets, dropoutRate: 0.3)
    let parameters = trained(model)
    func gradient(_ parameters: ParameterSet) throws -> BatchGradient {
      try method.gradient(
        parameters, batch: batch, model: model, workers: one, place: TrainingPlace(seed: 5, step: 2))
    }
    let found = try gradient(parameters)
    var stream = RandomStream(seed: 6, purpose: "direction")
    for index in parameters.values.indices {
      let direction = parameters.values[index].elements.map { _ in stream.nextNormal() }
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      func loss(_ step: Float) throws -> Double {
        var moved = parameters
        moved.values[index].withMutableElements { elements in
          for place in elements.indices { elements[place] += step * direction[place] / length }
        }
        return try gradient(moved).loss
      }
      let slope = try (8 * (loss(0.02) - loss(-0.02)) - (loss(0.04) - loss(-0.04))) / 0.24
      let expected = zip(found.gradients[index].elements, direction).reduce(0) {
        $0 + Double($1.0) * Double($1.1 / length)
      }
      // As without dropout; the inputs are up to 1 / 0.7 times as large.
      #expect(abs(slope - expected) < 2e-4, "\(parameters.names[index])")
    }
  }

  @Test func `nothing is dropped outside of training, and by step and sequence other inputs in it`() throws {
    let model = try Llama.random()
    let dropping = LowRankAdaptation(rank: 2, alpha: 6, targets: method.targets, dropoutRate: 0.3)
    let parameters = trained(model)
    func loss(_ batch: [[Int]], _ place: TrainingPlace?, threads: Int = 1) throws -> Double {
      let workers = Workers(threadCount: threads)
      return try dropping.gradient(parameters, batch: batch, model: model, workers: workers, place: place).loss
    }
    #expect(
      try loss(batch, nil) == method.gradient(parameters, batch: batch, model: model, workers: one).loss)
    let place = TrainingPlace(seed: 5, step: 2)
    let found = try loss(batch, place)
    #expect(try loss(batch, place, threads: 2) == found)
    #expect(try loss(batch, TrainingPlace(seed: 5, step: 3)) != found)
    #expect(try loss(batch, TrainingPlace(seed: 6, step: 2)) != found)
    // The same batch in two parts, of six tokens that count each; double precision rounds their sums.
    let first = try loss([batch[0]], place)
    let second = try loss(Array(batch[1...]), TrainingPlace(seed: 5, step: 2, firstSequence: 1))
    #expect(abs((first + second) / 2 - found) < 1e-14)
    #expect(try loss([batch[0]], TrainingPlace(seed: 5, step: 2, firstSequence: 1)) != first)
  }

  // MARK: Frozen weights of other forms

  /// The model with its weights as random codes of four bits.
  private func packed(_ model: Llama) throws -> Llama {
    var model = model
    var stream = RandomStream(seed: 8, purpose: "codes")
    for name in model.linearNames {
      let (rows, columns) = (model[name].weight.rowCount, model[name].weight.columnCount)
      let codes = (0..<rows * columns).map { _ in UInt8(stream.nextInteger(below: 16)) }
      model[name].weight = Weight(
        try PackedMatrix(
          codes: codes, scales: Matrix(rows: rows, columns: 1, repeating: 0.0625),
          zeros: Matrix(rows: rows, columns: 1, repeating: 8),
          format: PackedFormat(
            bits: 4, groupSize: nil, isSymmetric: false, ordersByActivation: false, zeroStorage: .asItIs)))
    }
    return model
  }

  @Test func `beside packed weights the gradient is that beside the same weights as floats`() throws {
    let base = try packed(Llama.random())
    var floats = base
    for name in base.linearNames { floats[name].weight = Weight(base[name].weight.matrix) }
    let parameters = trained(base)
    let found = try method.gradient(parameters, batch: batch, model: base, workers: one)
    let expected = try method.gradient(parameters, batch: batch, model: floats, workers: one)
    // The weights are the same to the bit; sums may be cut otherwise.
    #expect(abs(found.loss - expected.loss) < 1e-5)
    for (left, right) in zip(found.gradients, expected.gradients) {
      #expect(zip(left.elements, right.elements).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    let start = method.install(method.initialParameters(of: base, seed: 1), in: base)
    #expect(start.logits(of: batch[0]) == base.logits(of: batch[0]))
    #expect(start.linearNames.allSatisfy { start[$0].weight.packedFormat != nil })
  }

  @Test func `zeros of a sparse weight stay where they are beside an update, and not in a merged weight`() throws {
    var base = try Llama.random()
    for name in base.linearNames {
      var weight = base[name].weight.matrix
      weight.withMutableElements { for place in stride(from: 0, to: $0.count, by: 2) { $0[place] = 0 } }
      base[name].weight = Weight(weight)
    }
    let parameters = trained(base)
    let query = LinearName(block: 0, path: "self_attn.q_proj")
    func zeros(_ model: Llama) -> Int { model[query].weight.matrix.elements.count { $0 == 0 } }
    #expect(zeros(method.install(parameters, in: base)) == 128)
    #expect(zeros(method.merged(parameters, into: base)) < 10)
  }

  // MARK: Merging

  @Test func `merged into the weights, an update computes the same`() throws {
    for base in [try Llama.random(), try packed(Llama.random())] {
      let parameters = trained(base)
      let beside = method.install(parameters, in: base).logits(of: batch[0]).elements
      let merged = method.merged(parameters, into: base)
      #expect(merged.linearNames.allSatisfy { merged[$0].update == nil })
      // Logits of a few units, from sums in another order: some 1e-6 of them.
      #expect(zip(merged.logits(of: batch[0]).elements, beside).allSatisfy { abs($0 - $1) < 1e-4 })
      // Layers that are not adapted are left as they are.
      let output = LinearName(block: 0, path: "self_attn.o_proj")
      #expect(merged[output].weight.packedFormat == base[output].weight.packedFormat)
    }
  }

  @Test func `sets of layers are those of the architecture`() {
    #expect(LowRankTargets.all.roles(of: Llama.self).count == 7)
    #expect(LowRankTargets.all.roles(of: OPT.self).count == 6)
    #expect(
      LowRankTargets.paper.roles(of: Llama.self)
        == ["q_proj", "k_proj", "v_proj", "gate_proj", "up_proj", "down_proj"])
    #expect(LowRankTargets.paper.roles(of: OPT.self) == LowRankTargets.all.roles(of: OPT.self))
    #expect(LowRankTargets.queryValue.roles(of: OPT.self) == ["q_proj", "v_proj"])
  }
}
