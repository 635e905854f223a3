import Experiments
import Foundation
import Results
import Synchronization

/// Shows a run on standard error: one live line on a terminal, a line for each finished stage elsewhere.
///
/// The clock is read for what is shown, never for a result.
final class ProgressDisplay: Sendable {
  private let isQuiet: Bool
  private let isLive: Bool
  private let state = Mutex(State())

  private struct State {
    var totalWork = 0.0
    var finishedWork = 0.0
    var cell = ""
    var stage = ""
    var stageWork = 0.0
    var stageDone = 0.0
    var count = 0
    var unit = ""
    var note = ""
    var start = ContinuousClock.now
    var stageStart = ContinuousClock.now
    var lastDrawn: ContinuousClock.Instant?
  }

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isLive = Terminal.isLive
  }

  func begin(suite: String, options: RunOptions) {
    guard !isQuiet else { return }
    standardError(
      "Running the suite \(suite) on \(options.workers.threadCount) threads; finished stages are kept in \(options.storeFolder)."
    )
  }

  func show(_ event: RunEvent) {
    guard !isQuiet else { return }
    state.withLock { show(event, &$0) }
  }

  func end() {
    guard !isQuiet else { return }
    clearLine()
  }

  private func show(_ event: RunEvent, _ state: inout State) {
    switch event {
    case .planned(let cells, let stages, let storedStages, let work):
      state.totalWork = work
      state.start = .now
      let stored = storedStages > 0 ? ", of which \(storedStages) are finished already" : ""
      write("\(cells) cells of \(stages) stages\(stored).")
    case .cellBegan(let cell, let number, let count):
      state.cell = "[\(number)/\(count)] \(cell.compression) / \(cell.recovery)"
    case .stageBegan(let stage, let work):
      state.stage = stage
      state.stageWork = work
      (state.stageDone, state.count, state.unit, state.note) = (0, 0, "", "")
      state.stageStart = .now
      draw(&state, atOnce: true)
    case .stageAdvanced(let done, let count, let unit, let note):
      (state.stageDone, state.count, state.unit, state.note) = (done, count, unit, note)
      draw(&state, atOnce: false)
      writeNowAndThen(&state)
    case .stageEnded(let stage, let work, let wasReused, let seconds):
      guard !wasReused else { return }
      state.finishedWork += work
      state.stageDone = 0
      if isLive {
        draw(&state, atOnce: true)
      } else {
        write("\(state.cell): \(stage), \(duration(seconds))\(rate(state))\(timeLeft(state))")
      }
    case .cellEnded(let result):
      guard isLive else { return }
      let seconds = result.timing.totalSeconds
      write(
        "\(state.cell): average accuracy \(String(format: "%.1f", result.averageAccuracy * 100)) %, \(duration(seconds))"
      )
    case .timing(let cell, let models, let wasReused):
      guard !wasReused else { return }
      write("timing \(models) models of \(cell.model), \(cell.compression), in turns")
    case .cellFailed(_, let error):
      write("\(state.cell) failed: \(ErrorText(error).text)")
    }
  }

  // MARK: The live line

  private func draw(_ state: inout State, atOnce: Bool) {
    guard isLive else { return }
    let now = ContinuousClock.now
    if !atOnce, let last = state.lastDrawn, now - last < .milliseconds(100) { return }
    state.lastDrawn = now
    let share = state.totalWork > 0 ? (state.finishedWork + state.stageDone) / state.totalWork : 0
    let filled = Int((share * 20).rounded(.down))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: max(0, 20 - filled))
    let percent = String(format: "%3.0f %%", share * 100)
    let note = state.note.isEmpty ? "" : ", " + state.note
    let line = "\(bar) \(percent) \(state.cell): \(state.stage)\(note)\(rate(state))\(timeLeft(state))"
    FileHandle.standardError.write(Data(("\r\u{1B}[K" + line.prefix(Terminal.errorWidth - 1)).utf8))
  }

  /// Where there is no live line: one of a stage that takes long, every half minute.
  private func writeNowAndThen(_ state: inout State) {
    let now = ContinuousClock.now
    guard !isLive, now - (state.lastDrawn ?? state.stageStart) > .seconds(30), now - state.stageStart > .seconds(30)
    else { return }
    state.lastDrawn = now
    let note = state.note.isEmpty ? "" : ", " + state.note
    write("\(state.cell): \(state.stage)\(note)\(rate(state))\(timeLeft(state))")
  }

  private func write(_ line: String) {
    clearLine()
    standardError(line)
  }

  private func clearLine() {
    if isLive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }

  // MARK: Numbers

  private func rate(_ state: State) -> String {
    let seconds = (ContinuousClock.now - state.stageStart) / .seconds(1)
    guard state.count > 0, seconds > 0.05 else { return "" }
    return ", \(Int((Double(state.count) / seconds).rounded())) \(state.unit)/s"
  }

  private func timeLeft(_ state: State) -> String {
    let done = state.finishedWork + state.stageDone
    let seconds = (ContinuousClock.now - state.start) / .seconds(1)
    guard done > 0, seconds > 1, state.totalWork > done else { return "" }
    return ", \(duration(seconds / done * (state.totalWork - done))) left"
  }
}
