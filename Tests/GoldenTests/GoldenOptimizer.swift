import Models
import Testing
import Training

@Suite("GoldenOptimizer", .enabled(if: Golden.isPresent, Golden.absence)) struct GoldenOptimizer {
  /// A list of rows, one per step.
  private typealias Rows = [[Double]]

  @Test(arguments: Golden.cases(of: "optimizer"))
  func `parameters and moments follow the reference`(golden: GoldenCase) throws {
    let single = try run(golden, as: Float.self)
    if let tolerance = try golden.numberTolerance("value") {
      try compare(golden, "parameters", single.parameters, tolerance)
      try compare(golden, "first_moment", single.firstMoments, tolerance)
      try compare(golden, "second_moment", single.secondMoments, tolerance)
    }
    if golden.member("parameters_float64") != nil, let tolerance = try golden.numberTolerance("float64") {
      let double = try run(golden, as: Double.self)
      let place = "\(golden.name): parameters_float64"
      guard let rows = try golden.json("parameters_float64").array else {
        throw GoldenError(description: "\(place) is no list")
      }
      let expected = try rows.flatMap { try $0.numbers(place) }
      try golden.compare(double.parameters.flatMap(\.self), with: expected, tolerance, "parameters_float64")
    }
  }

  /// All rows of a tensor, where it is recorded.
  private func compare(_ golden: GoldenCase, _ name: String, _ found: Rows, _ tolerance: NumberTolerance) throws {
    guard golden.member(name) != nil else { return }
    let expected = try golden.tensor(name).matrix().elements.map(Double.init)
    try golden.compare(found.flatMap(\.self), with: expected, tolerance, name)
  }

  private func run<Scalar: BinaryFloatingPoint & Sendable>(_ golden: GoldenCase, as type: Scalar.Type) throws
    -> (parameters: Rows, firstMoments: Rows, secondMoments: Rows)
  {
    let options = try options(golden)
    let gradients = try golden.tensor("gradients").matrix()
    let steps = try golden.integer("steps")
    let rates = try golden.member("learning_rates")?.numbers("\(golden.name): learning_rates")
    guard gradients.rowCount == steps, rates == nil || rates!.count >= steps else {
      throw GoldenError(description: "\(golden.name): gradients or learning rates are not of \(steps) steps")
    }
    let constantRate = try rates == nil ? golden.double("learning_rate") : 0
    var parameters = [try golden.tensor("initial").matrix().elements.map { Scalar($0) }]
    var optimizer = AdamW<Scalar>(elementCounts: [parameters[0].count], options: options)
    var result: (Rows, Rows, Rows) = ([], [], [])
    for step in 0..<steps {
      optimizer.step(
        parameters: &parameters, gradients: [gradients.row(step).map { Scalar($0) }],
        learningRate: rates?[step] ?? constantRate)
      result.0.append(parameters[0].map { Double($0) })
      result.1.append(optimizer.firstMoments[0].map { Double($0) })
      result.2.append(optimizer.secondMoments[0].map { Double($0) })
    }
    return result
  }

  private func options(_ golden: GoldenCase) throws -> AdamWOptions {
    let variants: [String: AdamWVariant] = ["torch": .torch, "transformers431": .transformers]
    guard let variant = variants[try golden.string("variant")] else {
      throw GoldenError(description: "\(golden.name): unknown variant \(try golden.string("variant"))")
    }
    if let late = golden.member("decay_after_update")?.boolean, late != (variant == .transformers) {
      throw GoldenError(description: "\(golden.name): decay_after_update \(late) is unknown of its variant")
    }
    return AdamWOptions(
      beta1: try golden.double("beta1"), beta2: try golden.double("beta2"), epsilon: try golden.double("epsilon"),
      weightDecay: try golden.double("weight_decay"), variant: variant,
      correctsBias: golden.member("bias_correction")?.boolean ?? true,
      maximumGradientNorm: try golden.member("max_gradient_norm") == nil ? nil : golden.double("max_gradient_norm"))
  }
}
