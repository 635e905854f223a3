/// A stage as a piece of work that one machine does: how long it takes, and which pieces must be done before it.
package struct StageJob: Sendable, Equatable {
  package let seconds: Double
  /// The places of others, all before its own.
  package let needs: [Int]

  package init(seconds: Double, needs: [Int]) {
    self.seconds = seconds
    self.needs = needs
  }
}

/// How long some machines take for all jobs, where each that is free takes the job that most other work waits for.
///
/// Source: Graham 1969, "Bounds on Multiprocessing Timing Anomalies": list scheduling, by the longest path.
package func span(of jobs: [StageJob], machines: Int) -> Double {
  precondition(machines > 0, "\(machines) machines")
  var isWaitedFor = jobs.map(\.seconds)
  for place in jobs.indices.reversed() {
    for needed in jobs[place].needs {
      precondition(needed < place, "a job that needs a later one")
      isWaitedFor[needed] = max(isWaitedFor[needed], jobs[needed].seconds + isWaitedFor[place])
    }
  }
  var ends = [Double?](repeating: nil, count: jobs.count)
  var free = [Double](repeating: 0, count: machines)
  for _ in jobs.indices {
    let machine = free.indices.reduce(0) { free[$1] < free[$0] ? $1 : $0 }
    // Of those whose needs are known, the earliest that can begin; of those that can at once, the one most waited for.
    var best: (place: Int, start: Double)?
    for place in jobs.indices where ends[place] == nil {
      let needed = jobs[place].needs.map { ends[$0] }
      guard needed.allSatisfy({ $0 != nil }) else { continue }
      let start = max(free[machine], needed.compactMap(\.self).max() ?? 0)
      if let known = best,
        start > known.start || (start == known.start && isWaitedFor[place] <= isWaitedFor[known.place])
      {
        continue
      }
      best = (place, start)
    }
    guard let best else { break }
    ends[best.place] = best.start + jobs[best.place].seconds
    free[machine] = best.start + jobs[best.place].seconds
  }
  return ends.compactMap(\.self).max() ?? 0
}
