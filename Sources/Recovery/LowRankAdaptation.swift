import Models
import Tensors
import Training

/// LoRA: a trainable update s · B A beside chosen linear layers of a frozen model.
///
/// Source: Hu et al. 2021 (arXiv:2106.09685); PEFT 0.5's `lora`; `peft.md` section 1.
package struct LowRankAdaptation: Sendable, Equatable {
  package let rank: Int
  package let alpha: Double
  /// The layers' roles, such as "q_proj".
  package let targets: Set<String>
  /// The share of the updates' inputs that is dropped in training.
  package let dropoutRate: Double

  package init(rank: Int, alpha: Double, targets: Set<String>, dropoutRate: Double = 0) {
    precondition(rank > 0 && dropoutRate >= 0 && dropoutRate < 1, "rank \(rank), dropout \(dropoutRate)")
    self.dropoutRate = dropoutRate
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
  }

  private var scale: Float { Float(alpha / Double(rank)) }

  /// The layers that are adapted, in the model's order.
  package func layers(of model: some LanguageModel) -> [LinearName] {
    model.linearNames.filter { adapts($0.path) }
  }

  /// Whether the layer of that path in a block is adapted.
  package func adapts(_ path: String) -> Bool { targets.contains(String(LinearName(block: 0, path: path).role)) }

  /// The number of trained numbers: Σ r (in + out) over the adapted layers.
  package func parameterCount(of model: some LanguageModel) -> Int {
    layers(of: model).reduce(0) { $0 + rank * (model[$1].weight.rowCount + model[$1].weight.columnCount) }
  }

  /// A uniform in ±1/√in (what PEFT's Kaiming initialization comes to), B zero: at first the model is unchanged.
  package func initialParameters(of model: some LanguageModel, seed: UInt64) -> ParameterSet {
    ParameterSet(
      layers(of: model).enumerated().flatMap { index, layer -> [(String, Matrix)] in
        let weight = model[layer].weight
        let bound = 1 / Float(weight.columnCount).squareRoot()
        var stream = RandomStream(seed: seed, purpose: "LoRA A", index: UInt64(index))
        return [
          (Self.parameterName("A", layer, model), stream.nextUniforms(rank, weight.columnCount, bound: bound)),
          (Self.parameterName("B", layer, model), Matrix(rows: weight.rowCount, columns: rank)),
        ]
      })
  }

  func parameterShapes(of model: some LanguageModel) -> [ParameterShape] {
    layers(of: model).flatMap { layer in
      let weight = model[layer].weight
      return [
        ParameterShape(
          name: Self.parameterName("A", layer, model), rowCount: rank, columnCount: weight.columnCount),
        ParameterShape(name: Self.parameterName("B", layer, model), rowCount: weight.rowCount, columnCount: rank),
      ]
    }
  }

  /// A factor's name as PEFT has it in the model, such as "model.layers.0.self_attn.q_proj.lora_A.weight".
  package static func parameterName(_ factor: String, _ layer: LinearName, _ model: some LanguageModel) -> String {
    model.weightName(of: layer).replacing(".weight", with: ".lora_\(factor).weight")
  }

  /// Puts the updates beside the model's layers. The parameters are in the order of `initialParameters`.
  package func install<Model: LanguageModel>(
    _ parameters: ParameterSet, in model: Model, isStepByStep: Bool = false
  ) -> Model {
    var model = model
    for (index, layer) in layers(of: model).enumerated() {
      model[layer].update = LowRankUpdate(
        a: parameters.values[2 * index], b: parameters.values[2 * index + 1], scale: scale,
        isStepByStep: isStepByStep)
    }
    return model
  }

  /// The model with the updates added to its weights, W + s · B A, which are floats then: as fast as the base, and no longer
  /// packed or sparse.
  package func merged<Model: LanguageModel>(_ parameters: ParameterSet, into model: Model) -> Model {
    var model = model
    for (index, layer) in layers(of: model).enumerated() {
      var weight = model[layer].weight.matrix
      weight.setProduct(
        parameters.values[2 * index + 1].slice(), parameters.values[2 * index].slice(), scale: scale, adding: true)
      model[layer].weight = Weight(weight)
    }
    return model
  }

  /// The loss of a batch of token sequences, and its gradient. Each sequence's first token is context only.
  ///
  /// - Parameter place: where the batch stands in a training run; nil: outside of one, where nothing is dropped.
  /// - Throws: `PositionError` where the model has no position for the end of the longest sequence.
  package func gradient(
    _ parameters: ParameterSet, batch: [[Int]], model: some LanguageModel, workers: Workers,
    tokens: LossTokens = .predicted, place: TrainingPlace? = nil
  ) throws -> BatchGradient {
    try model.shape.expectRoom(forPositions: batch.map(\.count).max() ?? 0)
    let adapted = install(parameters, in: model)
    let layers = layers(of: model)
    let weight = tokens.weight(of: batch, rowsInFront: 0)
    return try BatchGradient(
      sequenceCount: batch.count, targetCount: tokens.count(of: batch, rowsInFront: 0), workers: workers
    ) { index in
      return adapted.gradient(
        embeddings: adapted.embedded(batch[index]), targets: Array(batch[index].dropFirst()), firstTargetRow: 0,
        weight: weight,
        pass: TrainingPass(dropout: place.flatMap { dropout(at: $0, sequence: index) }, trainsEmbeddings: false))
    } gradients: { sequence in
      layers.flatMap { layer -> [Matrix] in
        guard let update = sequence.updates.updates[layer] else { preconditionFailure("no gradient of \(layer)") }
        return [update.a, update.b]
      }
    }
  }

  private func dropout(at place: TrainingPlace, sequence: Int) -> InputDropout? {
    guard dropoutRate > 0 else { return nil }
    return InputDropout(
      rate: dropoutRate, seed: place.seed, step: place.step, sequence: place.firstSequence + sequence)
  }
}
