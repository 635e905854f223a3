import Models
import Tensors
import Testing
import Training

@Suite struct TrainerTests {
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
    let sequence = SequenceGradient(loss: loss, embeddings: Matrix(rows: 0, columns: 0), updates: LinearGradients())
    return BatchGradient([sequence], targetCount: 1) { _ in
      gradients.map { Matrix(rows: 1, columns: $0.count, $0) }
    }
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

  @Test func `a parameter that is no longer finite stops with its step and name`() throws {
    var trained = parameters
    // An infinite gradient: ∞/∞ is NaN.
    #expect(throws: TrainingError.diverged(step: 2, loss: 7, place: "second")) {
      try trained.train(by: recipe(5), batch: { [[$0]] }) { _, batch in
        result(7, [[1, 1], [1, batch[0][0] == 1 ? .infinity : 1]])
      }
    }
    // A step larger than any float.
    trained = parameters
    #expect(throws: TrainingError.diverged(step: 1, loss: 31.625, place: "first")) {
      try trained.train(by: recipe(5, learningRate: 1e39), batch: { _ in [] }, gradient: quadratic)
    }
    #expect(trained.values[0][0, 0] == .infinity)
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
