import Artifacts
import Foundation
import Models
import Tensors
import Testing
import Training

/// Trainings of a few numbers, whose gradients are different in each step.
@Suite final class ResumableTrainingTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("recollect-\(UUID().uuidString)").path
  private var path: String { folder + "/state.safetensors" }
  private let stepCount = 9

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private let initial = TrainingState(
    ParameterSet([
      ("a.weight", Matrix(rows: 2, columns: 3, [1, -2, 0.1, 4, 0.3, -6])),
      ("b.weight", Matrix(rows: 1, columns: 2, [0.7, -0.9])),
    ]), options: AdamWOptions(weightDecay: 0.1, maximumGradientNorm: 1))

  private func loop() -> TrainingLoop {
    let recipe = TrainingRecipe(
      stepCount: stepCount, batchSize: 1, learningRate: 0.1,
      schedule: .linear(warmupSteps: 3, totalSteps: stepCount), options: initial.optimizer.options)
    var loop = TrainingLoop(recipe: recipe, batch: { [[$0]] }) { parameters, batch, step in
      var stream = RandomStream(seed: 1, purpose: "gradient", index: UInt64(batch[0][0]))
      let gradients = parameters.values.map { value in
        Matrix(
          rows: value.rowCount, columns: value.columnCount,
          value.elements.map { $0 + stream.nextNormal() })
      }
      return BatchGradient(loss: 1 / Double(step + 3), gradients: gradients)
    }
    // Falls and rises, so that neither the first nor the last is the best.
    loop.validation = ValidationSchedule(stepInterval: 2) { abs(Double($0.values[0][0, 0]) - 0.8) }
    return loop
  }

  private func training(question: String = "q", every stepInterval: Int? = nil) -> ResumableTraining {
    ResumableTraining(
      loop(), checkpoint: TrainingCheckpoint(path: path, question: question),
      schedule: CheckpointSchedule(stepInterval: stepInterval))
  }

  private func uninterrupted() throws -> TrainingState {
    var state = initial
    try loop().run(&state)
    return state
  }

  private func isSame(_ left: TrainingState, _ right: TrainingState) throws -> Bool {
    // As files, since they have every bit.
    let files = ["left", "right"].map { "\(folder)/\($0)" }
    for (state, file) in zip([left, right], files) {
      try TrainingCheckpoint(path: file, question: "").write(state)
    }
    return try sha256(ofFile: files[0]) == sha256(ofFile: files[1])
  }

  @Test func `a state is read as it was written, bit by bit`() throws {
    let state = try uninterrupted()
    #expect(state.best != nil && state.validations.count == 6 && state.step == stepCount)
    let checkpoint = TrainingCheckpoint(path: path, question: "q")
    #expect(try checkpoint.read(like: initial) == nil)
    for state in [initial, state] {
      try checkpoint.write(state)
      let found = try #require(try checkpoint.read(like: initial))
      #expect(found == state)
      #expect(try isSame(found, state))
    }
  }

  @Test(arguments: 0..<9) func `stopped behind any step, it goes on to the same bits`(stop: Int) throws {
    var steps = 0
    #expect(throws: TrainingStopped.self) {
      try self.training().run(from: initial, shouldStop: { steps == stop + 1 }, progress: { _ in steps += 1 })
    }
    var begun = -1
    let state = try training().run(from: initial, begin: { begun = $0 })
    #expect(begun == stop + 1)
    #expect(try isSame(state, uninterrupted()))
  }

  @Test func `killed at any moment, it goes on from the last checkpoint to the same bits`() throws {
    struct Killed: Error {}
    var begun: [Int] = []
    // A kill in each step behind the one that was reached: every third has a checkpoint.
    for kill in 1..<stepCount {
      #expect(throws: Killed.self) {
        try self.training(every: 3).run(from: initial, begin: { begun.append($0) }) {
          if $0.step == kill { throw Killed() }
        }
      }
    }
    #expect(begun == [0, 0, 0, 0, 3, 3, 3, 6])
    #expect(try isSame(training().run(from: initial), uninterrupted()))
  }

  @Test func `a finished training is not trained again`() throws {
    let state = try training(every: 1).run(from: initial)
    let again = try training().run(from: initial, begin: { #expect($0 == self.stepCount) }) { _ in
      Issue.record("a step was taken")
    }
    #expect(again == state)
  }

  @Test func `a state is written by seconds of work, too`() throws {
    let every = ResumableTraining(
      loop(), checkpoint: TrainingCheckpoint(path: path, question: "q"),
      schedule: CheckpointSchedule(secondsInterval: 0))
    var written: [Int] = []
    _ = try every.run(
      from: initial,
      progress: { _ in
        usleep(20_000)
        written.append(try TrainingCheckpoint(path: self.path, question: "q").read(like: self.initial)?.step ?? -1)
      })
    #expect(written.first == 0 && Set(written).count > 1)
  }

  // MARK: Files that are no such state

  @Test func `the state of another training is refused`() throws {
    _ = try training(every: 1).run(from: initial)
    #expect(throws: TrainingError.otherTraining(file: path)) { try self.training(question: "r").run(from: initial) }
    // Of the same question, and yet with other tensors: no file of this program.
    let other = TrainingState(
      ParameterSet([("a.weight", Matrix(rows: 2, columns: 3))]), options: initial.optimizer.options)
    #expect(throws: TrainingError.damagedState(file: path, reason: nil)) { try self.training().run(from: other) }
  }

  @Test func `a file that is cut off anywhere is refused`() throws {
    _ = try training(every: 1).run(from: initial)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for count in stride(from: 0, to: bytes.count, by: 7) {
      try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: TrainingError.self) { try self.training().run(from: initial) }
      guard case .damagedState(path, reason: .some) = error else {
        Issue.record("\(count) bytes: \(String(describing: error))")
        return
      }
    }
  }

  @Test func `a file with any other byte is refused`() throws {
    _ = try training(every: 1).run(from: initial)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let checkpoint = TrainingCheckpoint(path: path, question: "q")
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      try changed.write(to: URL(fileURLWithPath: path))
      #expect(throws: TrainingError.self, "byte \(index)") { try checkpoint.read(like: initial) }
    }
  }

  @Test func `another safetensors file is no state`() throws {
    try writeSafetensors([NamedTensor("losses", Matrix(rows: 1, columns: 1))], to: path)
    #expect(throws: TrainingError.damagedState(file: path, reason: nil)) { try self.training().run(from: initial) }
  }

  @Test func `a place that cannot be written shows before the first step`() throws {
    let training = ResumableTraining(
      loop(), checkpoint: TrainingCheckpoint(path: folder + "/none/state.safetensors", question: "q"))
    #expect(throws: CheckpointError.self) {
      try training.run(from: initial, progress: { _ in Issue.record("a step was taken") })
    }
  }
}
