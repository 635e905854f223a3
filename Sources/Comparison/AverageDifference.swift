import Results

/// How far the mean over tasks of one result lies above that of another on the same documents, in points.
///
/// The interval of each task is Newcombe's for paired shares; those of the tasks are combined, as independent, by the
/// squares of their distances from the difference.
///
/// Source: Zou & Donner 2008, "Construction of confidence limits about effect measures: a general approach" (Statistics
/// in Medicine 27:1693).
struct AverageDifference: Equatable, Sendable {
  let value: Double
  let low: Double
  let high: Double
  let tasks: [TaskDifference]

  struct TaskDifference: Equatable, Sendable {
    let name: String
    let counts: PairedCounts
    /// In points.
    let interval: Claim.Interval
    let value: Double
  }

  init(of first: CellResult, minus second: CellResult, confidence: Double) throws(MissingInput) {
    let tasks = try pairedTasks(first, second).map { pair in
      let counts = PairedCounts(first: pair.first.correct, second: pair.second.correct)
      let interval = NewcombeInterval(pairs: counts, confidence: confidence)
      return TaskDifference(
        name: pair.first.name, counts: counts,
        interval: Claim.Interval(low: 100 * interval.low, high: 100 * interval.high, kind: "95 %, paired"),
        value: 100 * interval.difference)
    }
    let count = Double(tasks.count)
    func combined(_ distance: (TaskDifference) -> Double) -> Double {
      tasks.reduce(0) { $0 + distance($1) * distance($1) }.squareRoot() / count
    }
    self.tasks = tasks
    value = tasks.reduce(0) { $0 + $1.value } / count
    low = value - combined { $0.value - $0.interval.low }
    high = value + combined { $0.interval.high - $0.value }
  }

  var interval: Claim.Interval { Claim.Interval(low: low, high: high, kind: "95 %, paired") }
}
