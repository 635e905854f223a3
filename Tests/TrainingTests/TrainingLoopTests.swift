import Models
import Tensors
import Testing
import Training

@Suite struct TrainingLoopTests {
  private let parameters = ParameterSet([
    ("first", Matrix(rows: 1, columns: 2, [1, -2])), ("second", Matrix(rows: 2, columns: 1, [0.5, 3])),
  ])

  private func recipe(
    _ stepCount: Int, learningRate: Double = 0.1, schedule: LearningRateSchedule = .constant
  ) -> TrainingRecipe {
    TrainingRecipe(
      stepCount: stepCount, batchSize: 1, learningRate: learningRate, schedule: schedule,
      options: AdamWOptions(weightDecay: 0))
  }

  private func result(_ loss: Double, _ gradients: [[Float]]) -> BatchGradient {
    BatchGradient(loss: loss, gradients: gradients.map { Matrix(rows: 1, columns: $0.count, $0) })
  }

  /// ½ Σ (p - target)², with targets 4, 4 and -1, -1; its gradient is p - target.
  private func quadratic(_ parameters: ParameterSet, _: [[Int]]) -> BatchGradient {
    let differences = zip(parameters.values, [4, -1] as [Float]).map { value, target in
      value.elements.map { $0 - target }
    }
    return result(differences.joined().reduce(0) { $0 + Double($1) * Double($1) / 2 }, differences)
  }

  @Test func `the minimum of a quadratic is found`() throws {
    var trained = parameters
    let losses = try trained.train(
      by: recipe(400, schedule: .linear(warmupSteps: 10, totalSteps: 400)), batch: { _ in [] }, gradient: quadratic)
    // ½ (3² + 6² + 1.5² + 4²) before the first update.
    #expect(losses.count == 400 && losses[0] == 31.625)
    // Adam's last steps, of at most the learning rate times 10/400, swing about the minimum by about as much.
    #expect(trained.values[0].elements.allSatisfy { abs($0 - 4) < 0.01 })
    #expect(trained.values[1].elements.allSatisfy { abs($0 + 1) < 0.01 })
    #expect(trained.names == ["first", "second"] && trained.count == 4)
  }

  @Test func `with a warm-up the first update changes nothing`() throws {
    var trained = parameters
    let schedule = LearningRateSchedule.linear(warmupSteps: 2, totalSteps: 4)
    _ = try trained.train(by: recipe(1, schedule: schedule), batch: { _ in [] }, gradient: quadratic)
    #expect(trained == parameters)
    // So the second loss is the first again, and the third is smaller.
    let losses = try trained.train(by: recipe(3, schedule: schedule), batch: { _ in [] }, gradient: quadratic)
    #expect(losses[0] == 31.625 && losses[1] == 31.625 && losses[2] < 31.625)
  }

  @Test func `each update has the learning rate of its step`() throws {
    // A constant gradient of 1 moves Adam by its learning rate, 1/8 of 1, 3/4, 1/2 and 1/4; but for ε = 1e-8, and
    // rounding near one.
    let recipe = recipe(4, learningRate: 0.125, schedule: .linear(warmupSteps: 0, totalSteps: 4))
    var trained = ParameterSet([("only", Matrix(rows: 1, columns: 1, [1]))])
    var seen: [Float] = []
    _ = try trained.train(by: recipe, batch: { _ in [] }) { parameters, _ in
      seen.append(parameters.values[0][0, 0])
      return result(0, [[1]])
    }
    seen.append(trained.values[0][0, 0])
    #expect(zip(seen, [1, 0.875, 0.78125, 0.71875, 0.6875]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func `each step has its batch, and is reported with its loss`() throws {
    var trained = parameters
    var told: [Double] = []
    let losses = try trained.train(
      by: recipe(3), batch: { [[10 * $0]] }, gradient: { result(Double($1[0][0]), [[0, 0], [0, 0]]) },
      progress: { step, loss in told += [Double(step), loss] })
    #expect(losses == [0, 10, 20])
    #expect(told == [1, 0, 2, 10, 3, 20])
  }

  @Test(arguments: [Double.nan, .infinity])
  func `a loss that is not finite stops with its step`(bad: Double) throws {
    var trained = parameters
    var before: ParameterSet?
    let error = #expect(throws: TrainingError.self) {
      try trained.train(by: recipe(5), batch: { [[$0]] }) { parameters, batch in
        before = parameters
        return result(batch[0][0] == 2 ? bad : 1, [[1, 1], [1, 1]])
      }
    }
    guard case .diverged(step: 3, let loss, place: "loss") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(loss.isNaN == bad.isNaN && !loss.isFinite)
    #expect(trained == before)  // no update was made of it
  }

  @Test func `a gradient that is not finite stops with its name before the update`() throws {
    var trained = parameters
    var before: ParameterSet?
    #expect(throws: TrainingError.diverged(step: 2, loss: 7, place: "gradient of second")) {
      try trained.train(by: recipe(5), batch: { [[$0]] }) { parameters, batch in
        before = parameters
        return result(7, [[1, 1], [1, batch[0][0] == 1 ? .infinity : 1]])
      }
    }
    #expect(trained == before)
  }

  @Test func `a parameter that is no longer finite stops with its step and name`() throws {
    // A step larger than any float.
    var trained = parameters
    #expect(throws: TrainingError.diverged(step: 1, loss: 31.625, place: "first")) {
      try trained.train(by: recipe(5, learningRate: 1e39), batch: { _ in [] }, gradient: quadratic)
    }
    #expect(trained.values[0][0, 0] == .infinity)
  }

  // MARK: A loss that rises

  /// A training whose losses are given.
  private func loop(_ losses: [Double], rule: DivergenceRule?) -> TrainingLoop {
    let recipe = TrainingRecipe(
      stepCount: losses.count, batchSize: 1, learningRate: 0, schedule: .constant, options: AdamWOptions(),
      divergence: rule)
    return TrainingLoop(recipe: recipe, batch: { _ in [] }) { _, _, step in result(losses[step], [[0, 0], [0, 0]]) }
  }

  @Test func `a mean loss far above that of the beginning stops the training`() throws {
    // Means of two: (3 + 1)/2 = 2 at first, and 3, 4, 5.5 from the third on.
    let rule = DivergenceRule(stepCount: 2, excess: 3)
    var state = TrainingState(parameters, options: AdamWOptions())
    #expect(throws: TrainingError.lossRose(step: 5, start: 2, now: 5.5, rule: rule)) {
      try loop([3, 1, 5, 3, 8, 1, 1], rule: rule).run(&state)
    }
    // 3.5 nats above the start are within 4, and without a rule anything is.
    for rule in [DivergenceRule(stepCount: 2, excess: 4), nil] {
      state = TrainingState(parameters, options: AdamWOptions())
      try loop([3, 1, 5, 3, 8, 1, 1], rule: rule).run(&state)
      #expect(state.step == 7)
    }
  }

  @Test func `a few bad batches do not stop it`() throws {
    var state = TrainingState(parameters, options: AdamWOptions())
    let losses = (0..<400).map { $0 % 40 == 39 ? 30 : 4.0 }
    try loop(losses, rule: DivergenceRule()).run(&state)  // 30 once in fifty steps at most twice: 4 + 52/50
    #expect(state.losses == losses)
  }

  @Test func `where the loss is not finite the layer is named`() throws {
    var loop = loop([1, .nan], rule: nil)
    loop.placeOfFailure = { _, _ in "model.layers.3" }
    var state = TrainingState(parameters, options: AdamWOptions())
    let error = #expect(throws: TrainingError.self) { try loop.run(&state) }
    guard case .diverged(step: 2, _, place: "model.layers.3") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  // MARK: Validation

  @Test func `validation is before the first step, every so many, and after the last`() throws {
    var loop = loop([1, 1, 1, 1, 1, 1, 1], rule: nil)
    let losses = [0.5, 3, 2, 2.5]
    var calls = 0
    loop.validation = ValidationSchedule(stepInterval: 3) { _ in
      defer { calls += 1 }
      return losses[calls]
    }
    var state = TrainingState(parameters, options: AdamWOptions())
    var reported: [Int] = []
    try loop.run(&state) { reported.append($0.validations.count) }
    #expect(state.validations.map(\.step) == [0, 3, 6, 7] && state.validations.map(\.loss) == losses)
    #expect(reported == [1, 1, 2, 2, 2, 3, 4])
    // The initial parameters are not the outcome of a training, however good.
    #expect(state.best?.step == 6)
    // Once it is finished there is nothing left to do.
    try loop.run(&state)
    #expect(calls == 4)
  }

  @Test func `the best parameters are those at their validation, not the last`() throws {
    var loop = TrainingLoop(recipe: recipe(6), batch: { _ in [] }) { parameters, _, _ in quadratic(parameters, []) }
    var seen: [ParameterSet] = []
    loop.validation = ValidationSchedule(stepInterval: 1) { parameters in
      seen.append(parameters)
      return seen.count == 4 ? 1 : 2
    }
    var state = TrainingState(parameters, options: recipe(6).options)
    try loop.run(&state)
    #expect(state.best == .init(step: 3, parameters: seen[3]))
    #expect(state.parameters == seen[6] && state.parameters != seen[3])
    // Of equals the first.
    #expect(seen.count == 7)
  }

  @Test func `a validation loss that is not finite stops the training`() throws {
    var loop = loop([1, 1], rule: nil)
    loop.validation = ValidationSchedule(stepInterval: 1) { _ in .infinity }
    var state = TrainingState(parameters, options: AdamWOptions())
    #expect(throws: TrainingError.diverged(step: 0, loss: .infinity, place: "validation loss")) {
      try loop.run(&state)
    }
  }

  // MARK: Tokens

  @Test func `steps are as many as see all tokens`() {
    // As the paper counts them.
    #expect(TrainingRecipe.stepCount(forTokens: 40_960_000, batchSize: 2, length: 1024) == 20_000)
    #expect(TrainingRecipe.stepCount(forTokens: 2048, batchSize: 2, length: 1024) == 1)
    #expect(TrainingRecipe.stepCount(forTokens: 2049, batchSize: 2, length: 1024) == 2)
    #expect(TrainingRecipe.stepCount(forTokens: 1, batchSize: 2, length: 1024) == 1)
  }

  @Test func `what progress throws ends the training`() throws {
    struct Stop: Error {}
    var trained = parameters
    var steps = 0
    #expect(throws: Stop.self) {
      try trained.train(by: recipe(5), batch: { _ in [] }, gradient: quadratic) { step, _ in
        steps = step
        if step == 2 { throw Stop() }
      }
    }
    #expect(steps == 2)
  }
}
