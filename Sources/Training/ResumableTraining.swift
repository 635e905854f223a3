import Models

/// When a training writes its state down. Only how much is lost by a kill depends on it, never a result.
package struct CheckpointSchedule: Sendable, Equatable {
  /// nil for no matter how many.
  package var stepInterval: Int?
  /// Of work; more where writing takes so long that it would be a fiftieth of the time.
  package var secondsInterval: Double

  package init(stepInterval: Int? = nil, secondsInterval: Double = 30) {
    precondition(stepInterval.map { $0 > 0 } ?? true, "a checkpoint every \(stepInterval ?? 0) steps")
    self.stepInterval = stepInterval
    self.secondsInterval = secondsInterval
  }
}

/// Runs a training so that one that was killed or stopped goes on from its last state.
package struct ResumableTraining {
  package let loop: TrainingLoop
  package let checkpoint: TrainingCheckpoint
  package let schedule: CheckpointSchedule

  package init(_ loop: TrainingLoop, checkpoint: TrainingCheckpoint, schedule: CheckpointSchedule = .init()) {
    self.loop = loop
    self.checkpoint = checkpoint
    self.schedule = schedule
  }

  /// Trains from the stored state, or else from `initial`, to the end. The file is left to the caller, who may remove it
  /// once the outcome is kept elsewhere.
  ///
  /// - Parameters:
  ///   - shouldStop: asked after each step.
  ///   - begin: is told from which step on the training goes.
  ///   - progress: is given the state after each step.
  /// - Throws: `TrainingStopped` once the state is written, `TrainingError`, `CheckpointError`.
  package func run(
    from initial: TrainingState, shouldStop: () -> Bool = { false }, begin: (Int) throws -> Void = { _ in },
    progress: (TrainingState) throws -> Void = { _ in }
  ) throws -> TrainingState {
    let stored = try checkpoint.read(like: initial)
    var state = stored ?? initial
    try begin(state.step)
    // Written at once, so that it shows early whether it can be.
    if stored == nil { try checkpoint.write(state) }
    let clock = ContinuousClock()
    var (lastStep, lastTime) = (state.step, clock.now)
    var interval = Duration.seconds(schedule.secondsInterval)
    do {
      try loop.run(&state) { state in
        try progress(state)
        if shouldStop() { throw TrainingStopped() }
        let isDue = schedule.stepInterval.map { state.step - lastStep >= $0 } ?? false
        guard isDue || clock.now - lastTime >= interval else { return }
        let begun = clock.now
        try checkpoint.write(state)
        (lastStep, lastTime) = (state.step, clock.now)
        interval = max(.seconds(schedule.secondsInterval), (lastTime - begun) * 50)
      }
    } catch let stopped as TrainingStopped {
      try checkpoint.write(state)
      throw stopped
    }
    return state
  }
}
