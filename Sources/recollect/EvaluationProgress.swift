import Experiments
import Foundation
import Synchronization

/// Shows an evaluation on standard error: one live line on a terminal, a line for each benchmark and one every half
/// minute elsewhere.
///
/// The clock is read for what is shown, never for a result.
final class EvaluationProgress: Sendable {
  private let isQuiet: Bool
  private let isLive: Bool
  private let state = Mutex(State())

  private struct State {
    var work = 0.0
    /// Of this process: speed and time left go by it.
    var ownWork = 0.0
    var doneWork = 0.0
    var task = ""
    var entries = 0
    var entriesDone = 0
    var ownEntries = 0
    var start = ContinuousClock.now
    var lastShown = ContinuousClock.now
  }

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isLive = Terminal.isLive
  }

  /// From any thread.
  func show(_ event: EvaluationEvent) {
    guard !isQuiet else { return }
    state.withLock { show(event, &$0) }
  }

  /// Takes the live line away, and says what was done, if anything was begun.
  func end() {
    guard !isQuiet else { return }
    state.withLock { state in
      clear()
      guard state.entries > 0 else { return }
      let seconds = (ContinuousClock.now - state.start) / .seconds(1)
      standardError("Scored \(state.ownEntries) requests in \(duration(seconds)).")
    }
  }

  private func show(_ event: EvaluationEvent, _ state: inout State) {
    switch event {
    case .began(let work, let doneWork):
      (state.work, state.doneWork) = (work, doneWork)
      state.start = .now
    case .taskBegan(let name, let number, let count, let entries, let known):
      state.task = "[\(number)/\(count)] \(name)"
      (state.entries, state.entriesDone) = (entries, known)
      clear()
      standardError("\(state.task): \(entries) requests\(known > 0 ? ", of which the journal has \(known)" : "")")
    case .advanced(let entries, let work):
      state.entriesDone += entries
      state.ownEntries += entries
      state.ownWork += work
      let now = ContinuousClock.now
      guard now - state.lastShown > (isLive ? .milliseconds(100) : .seconds(30)) else { return }
      state.lastShown = now
      let line = line(state)
      if isLive {
        FileHandle.standardError.write(Data(("\r\u{1B}[K" + line.prefix(Terminal.errorWidth - 1)).utf8))
      } else {
        standardError(line)
      }
    }
  }

  private func line(_ state: State) -> String {
    let seconds = (ContinuousClock.now - state.start) / .seconds(1)
    let done = state.doneWork + state.ownWork
    let percent = state.work > 0 ? String(format: "%3.0f %% ", 100 * done / state.work) : ""
    let left =
      state.ownWork > 0 && seconds > 1 ? ", \(duration(seconds / state.ownWork * (state.work - done))) left" : ""
    let speed = seconds > 0.05 ? ", \(Int((Double(state.ownEntries) / seconds).rounded())) requests/s" : ""
    return "\(percent)\(state.task): request \(state.entriesDone) of \(state.entries)\(speed)\(left)"
  }

  private func clear() {
    if isLive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
