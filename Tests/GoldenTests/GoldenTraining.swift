import Foundation
import Models
import Recovery
import Tensors
import Testing
import Training

@Suite("GoldenTraining", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenTraining {
  static let workers = Workers(threadCount: 2)
  static let cases = Golden.cases(of: "training") { try AdapterMethod($0) != nil }

  @Test(.disabled(if: !cases.unsupported.isEmpty, Golden.skipping(cases.unsupported)))
  func `no case is left out`() { #expect(Self.cases.unsupported.isEmpty) }

  @Test(arguments: cases.supported)
  func `losses, gradients, trained tensors and logits are the reference's`(golden: GoldenCase) throws {
    try check(golden, try loadModel(folder: golden.path("model")))
  }

  private func check(_ golden: GoldenCase, _ base: some LanguageModel) throws {
    let method = try #require(try AdapterMethod(golden))
    try #require(golden.member("dropout")?.double ?? 0 == 0, "\(golden.name): dropout is random")
    var model = base
    if let override = golden.member("weights_override")?.string {
      for tensor in try SafetensorsFile(path: Golden.resolve(override)).tensors {
        let name = model.linearNames.first { model.weightName(of: $0) == tensor.name }
        model[try #require(name, "\(golden.name): \(tensor.name)")].weight = Weight(try tensor.matrix())
      }
    }

    // From the recorded start, through the recorded batches.
    let file = try SafetensorsFile(path: golden.path("tensors"))
    func tensors(_ prefix: String) throws -> [Matrix] {
      try method.recordedNames(in: model, golden).map { try file.tensor(named: golden.string(prefix) + $0).matrix() }
    }
    let names = method.initialParameters(of: model, seed: 0).names
    let start = try tensors("init_prefix")
    var parameters = ParameterSet(Array(zip(names, start)).map { (name: $0, value: $1) })
    #expect(parameters.count == (try golden.integer("trainable_parameters")))
    let batches = try golden.tensor("batches")
    let (batchSize, length) = (batches.shape[1], batches.shape[2])
    let ids = try batches.integers()
    func batch(_ step: Int) -> [[Int]] {
      (0..<batchSize).map { Array(ids[(step * batchSize + $0) * length..<(step * batchSize + $0 + 1) * length]) }
    }

    let first = try method.gradient(parameters, batch(0), model)
    let firstGradients = try tensors("gradient1_prefix")
    for (index, name) in names.enumerated() {
      let difference = distance(first.gradients[index], firstGradients[index])
      let relative = difference / max(distance(firstGradients[index], nil), .leastNormalMagnitude)
      let allowed = try golden.tolerance("gradient1_rel_l2")
      // An expected gradient of zero (that of A while B is zero) leaves nothing to be relative to.
      #expect(
        difference == 0 || relative <= allowed,
        "\(golden.name): gradient of \(name) off by \(relative), allowed \(allowed)")
    }

    let recipe = TrainingRecipe(
      stepCount: try golden.integer("steps"), batchSize: batchSize, learningRate: try golden.double("learning_rate"),
      schedule: .constant,
      options: AdamWOptions(
        beta1: try golden.double("beta1"), beta2: try golden.double("beta2"), epsilon: try golden.double("epsilon"),
        weightDecay: try golden.double("weight_decay"), maximumGradientNorm: golden.member("max_gradient_norm")?.double)
    )
    #expect(try golden.string("schedule") == "constant")
    var afterFirst = parameters
    _ = try afterFirst.train(
      by: recipe.with(stepCount: 1), batch: batch, gradient: { try method.gradient($0, $1, model) })
    try compare(afterFirst, tensors("after1_prefix"), firstGradients, golden, rms: "after1_rms", "after one step")

    let losses = try parameters.train(by: recipe, batch: batch, gradient: { try method.gradient($0, $1, model) })
    let expectedLosses = (golden.member("losses")?.array ?? []).compactMap(\.double)
    #expect(losses.count == expectedLosses.count)
    let lossAllowed = try golden.tolerance("loss_abs")
    for (step, (found, expected)) in zip(losses, expectedLosses).enumerated() {
      #expect(
        abs(found - expected) <= lossAllowed,
        "\(golden.name): loss of step \(step + 1) is \(found), expected \(expected)")
    }
    let lastLoss = try method.gradient(parameters, batch(0), model).loss
    let expectedLast = try golden.double("loss_on_first_batch_after_training")
    #expect(
      abs(lastLoss - expectedLast) <= lossAllowed,
      "\(golden.name): loss afterwards \(lastLoss), expected \(expectedLast)")
    try compare(
      parameters, tensors("after_last_prefix"), firstGradients, golden, rms: "after_last_rms", "after the last step")

    // The logits with the adapter as PEFT stored it.
    let stored = try AdapterFolder.readParameters(of: method, model: model, from: golden.path("adapter"))
    let adapterAllowed = try golden.tolerance("adapter_abs")
    for (name, (value, expected)) in zip(names, zip(stored.values, try tensors("after_last_prefix"))) {
      let (deviation, _) = largestDifference(value.elements, expected.elements)
      #expect(deviation <= adapterAllowed, "\(golden.name): stored \(name) is off by \(deviation)")
    }
    let evalIDs = try golden.tensor("eval_ids").integers()
    let logits = method.logits(stored, evalIDs, model)
    let expectedLogits = try golden.tensor("eval_logits").matrix()
    try #require(logits.rowCount == expectedLogits.rowCount)
    let (deviation, _) = largestDifference(logits.elements, expectedLogits.elements)
    let allowed = try golden.tolerance("eval_logits_abs")
    #expect(deviation <= allowed, "\(golden.name): logits deviate by \(deviation), allowed \(allowed)")
  }

  private func compare(
    _ found: ParameterSet, _ expected: [Matrix], _ firstGradients: [Matrix], _ golden: GoldenCase, rms: String,
    _ when: String
  ) throws {
    let ignored = Float(try golden.tolerance("ignore_gradient_below"))
    for (index, name) in found.names.enumerated() {
      var sum = 0.0
      var count = 0
      var largest = 0.0
      let gradients = firstGradients[index].elements
      for (place, (left, right)) in zip(found.values[index].elements, expected[index].elements).enumerated()
      where abs(gradients[place]) >= ignored {
        let difference = abs(Double(left) - Double(right))
        sum += difference * difference
        count += 1
        largest = max(largest, difference)
      }
      guard count > 0 else { continue }
      let root = (sum / Double(count)).squareRoot()
      let allowed = try golden.tolerance(rms)
      let largestAllowed = try golden.tolerance("parameter_max_abs")
      #expect(root <= allowed, "\(golden.name): \(name) \(when) off by \(root) (RMS), allowed \(allowed)")
      #expect(largest <= largestAllowed, "\(golden.name): \(name) \(when) off by \(largest), allowed \(largestAllowed)")
    }
  }

  private func distance(_ left: Matrix, _ right: Matrix?) -> Double {
    let other = right?.elements ?? [Float](repeating: 0, count: left.count)
    return zip(left.elements, other).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
  }
}

extension AdapterMethod {
  /// The method of a training case; nil for one that recollect does not have.
  fileprivate init?(_ golden: GoldenCase) throws {
    switch try golden.string("method") {
    case "lora":
      let targets = (golden.member("targets")?.array ?? []).compactMap(\.string)
      self = .lowRank(
        LowRankAdaptation(rank: try golden.integer("rank"), alpha: try golden.double("alpha"), targets: Set(targets)))
    case "prompt":
      self = .prompt(PromptTuning(tokenCount: try golden.integer("virtual_tokens"), initialization: .embeddingRows))
    case "prefix":
      self = .prefix(PrefixTuning(tokenCount: try golden.integer("virtual_tokens")))
    default:
      return nil
    }
  }

  fileprivate func gradient(_ parameters: ParameterSet, _ batch: [[Int]], _ model: some LanguageModel) throws
    -> BatchGradient
  {
    try gradient(parameters, batch: batch, model: model, workers: GoldenTraining.workers)
  }

  fileprivate func logits(_ parameters: ParameterSet, _ ids: [Int], _ model: some LanguageModel) -> Matrix {
    switch self {
    case .lowRank(let method):
      return method.install(parameters, in: model).logits(of: ids)
    case .prompt:
      var pass = ForwardPass()
      let embeddings = parameters.values[0].stacked(on: model.embedded(ids))
      return model.logits(model.normalized(model.runBlocks(embeddings, &pass)))
    case .prefix(let method):
      var cache = method.cache(parameters.values[0], of: model)
      cache.reserve(capacity: method.tokenCount + ids.count)
      var pass = ForwardPass(firstPosition: method.tokenCount, cache: cache)
      return model.logits(model.normalized(model.runBlocks(model.embedded(ids), &pass)))
    }
  }

  /// The recorded name (in the trajectory) of each of our parameters, in our order.
  fileprivate func recordedNames(in model: some LanguageModel, _ golden: GoldenCase) throws -> [String] {
    let recorded = (golden.member("parameters")?.array ?? []).compactMap { $0["name"]?.string }
    return try initialParameters(of: model, seed: 0).names.map { name in
      // "….lora_A.weight" is recorded as "….lora_A.default.weight"; a prompt or prefix is the only parameter of its case.
      let found = recorded.first {
        recorded.count == 1 || $0.replacingOccurrences(of: ".default.weight", with: ".weight") == name
      }
      return try #require(found, "\(golden.name): no recorded \(name)")
    }
  }
}

extension TrainingRecipe {
  fileprivate func with(stepCount: Int) -> TrainingRecipe {
    TrainingRecipe(
      stepCount: stepCount, batchSize: batchSize, learningRate: learningRate, schedule: schedule, options: options)
  }
}
