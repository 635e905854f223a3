import Results

/// What happens in a run, for whoever shows it.
package enum RunEvent: Sendable {
  /// The run begins: so many cells, so many stages that are not stored yet, and their work.
  case planned(cells: Int, stages: Int, storedStages: Int, work: Double)
  case cellBegan(Cell, number: Int, of: Int)
  /// A stage of the cell begins; `work` is its share of the run's.
  case stageBegan(stage: String, work: Double)
  /// So much of the stage's work is done now: in its own terms, `count` tokens (or another unit) so far, and a note.
  case stageAdvanced(done: Double, count: Int, unit: String, note: String)
  case stageEnded(stage: String, work: Double, wasReused: Bool, seconds: Double)
  case cellEnded(CellResult)
  /// The models of this cell's compression, the one without recovery among them, are timed in turns; or an earlier run
  /// has done so.
  case timing(Cell, models: Int, wasReused: Bool)
  case cellFailed(Cell, any Error)
}

/// The run was asked to stop; what was finished is stored.
package struct RunStopped: Error, Equatable {
  package init() {}
}
