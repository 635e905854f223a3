import Comparison
import Foundation

/// Times of several variants of the same work, taken in turns within one process.
package struct InterleavedTiming: Sendable {
  /// One variant's turn in one repetition.
  package struct Turn: Sendable {
    /// Of one pass.
    package let seconds: Double
    package let load: TurnLoad
  }

  /// Of each variant, the turns in the order of the repetitions.
  package let turns: [[Turn]]
  /// Passes of a turn: as many as make turns long enough for the clocks of the machine's load.
  package let passes: Int

  private static let shortestTurnSeconds = 0.25

  /// Every variant runs once to warm up, then in each repetition once more, beginning with another one each time, so
  /// that none always follows the same.
  ///
  /// - Parameter progress: is told how many turns are done, and may throw to end it.
  package init(
    _ variants: [() throws -> Void], repetitions: Int, progress: (_ turns: Int) throws -> Void = { _ in }
  ) throws {
    precondition(!variants.isEmpty && repetitions > 0, "\(variants.count) variants, \(repetitions) times")
    var fastest = Double.infinity
    var done = 0
    for variant in variants {
      fastest = min(fastest, try Self.turn(of: variant, passes: 1).seconds)
      done += 1
      try progress(done)
    }
    passes = Self.passes(fastest: fastest)
    var turns = [[Turn]](repeating: [], count: variants.count)
    for repetition in 0..<repetitions {
      for place in variants.indices {
        let number = (place + repetition) % variants.count
        turns[number].append(try Self.turn(of: variants[number], passes: passes))
        done += 1
        try progress(done)
      }
    }
    self.turns = turns
  }

  /// Passes of a turn, where the fastest variant takes so many seconds for one.
  static func passes(fastest: Double) -> Int {
    max(1, Int((shortestTurnSeconds / max(fastest, 1e-6)).rounded(.up)))
  }

  private static func turn(of variant: () throws -> Void, passes: Int) throws -> Turn {
    let before = ProcessorTimes.now()
    let clock = ContinuousClock()
    let start = clock.now
    for _ in 0..<passes { try variant() }
    let seconds = (clock.now - start) / .seconds(1)
    let after = ProcessorTimes.now()
    return Turn(
      seconds: seconds / Double(passes),
      load: TurnLoad(
        wallSeconds: seconds, ownSeconds: after.own - before.own,
        allSeconds: after.all.flatMap { after in before.all.map { after - $0 } }, processorCount: after.processorCount))
  }

  package func seconds(_ variant: Int) -> [Double] { turns[variant].map(\.seconds) }

  package func isDisturbed(_ variant: Int) -> [Bool] {
    turns[variant].map { $0.load.isDisturbed(besides: turns[variant].map(\.load)) }
  }

  /// The mean share of all processors that others had.
  package var othersShare: Double {
    let shares = turns.joined().map(\.load.othersShare)
    return shares.reduce(0, +) / Double(shares.count)
  }
}

/// What processors have done so far, in seconds.
private struct ProcessorTimes {
  let own: Double
  /// nil where the machine does not tell.
  let all: Double?
  let processorCount: Int

  static func now() -> ProcessorTimes {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    let own = Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    let lines = (FileManager.default.contents(atPath: "/proc/stat").map { String(decoding: $0, as: UTF8.self) } ?? "")
      .split(separator: "\n").filter { $0.hasPrefix("cpu") }
    // proc(5): user, nice, system, idle, iowait, irq, softirq, steal.
    let ticks = lines.first.map { $0.split(separator: " ").dropFirst().compactMap { Double($0) } } ?? []
    guard ticks.count >= 8, lines.count > 1 else {
      return ProcessorTimes(own: own, all: nil, processorCount: ProcessInfo.processInfo.processorCount)
    }
    let busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]
    return ProcessorTimes(
      own: own, all: busy / Double(sysconf(Int32(_SC_CLK_TCK))), processorCount: lines.count - 1)
  }
}
