import Experiments
import Foundation
import Synchronization

/// Shows a training on standard error: one live line on a terminal, a line every half minute elsewhere, and one for each
/// validation.
///
/// The clock is read for what is shown, never for a result.
final class TrainingProgress: Sendable {
  private let isQuiet: Bool
  private let isLive: Bool
  private let state = Mutex(State())

  private struct State {
    var start = ContinuousClock.now
    var lastShown = ContinuousClock.now
    var stepsBefore = 0
    var stepCount = 0
    var tokensPerStep = 0
    /// Falls off by a tenth a step.
    var smoothedLoss: Double?
  }

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isLive = Terminal.isLive
  }

  func show(_ event: AdapterTraining.Event) {
    guard !isQuiet else { return }
    state.withLock { state in
      switch event {
      case .begun(let done, let count, let tokensPerStep, let parameters):
        state = State(stepsBefore: done, stepCount: count, tokensPerStep: tokensPerStep)
        let going = done > 0 ? "Going on behind step \(done) of \(count)" : "\(count) steps"
        standardError("\(going) of \(tokensPerStep) tokens; \(parameters) parameters are trained.")
      case .validated(let step, let loss):
        clearLine()
        standardError("step \(step): validation perplexity \(String(format: "%.4f", exp(loss)))")
      case .stepDone(let step, let loss):
        state.smoothedLoss = state.smoothedLoss.map { 0.9 * $0 + 0.1 * loss } ?? loss
        let now = ContinuousClock.now
        guard now - state.lastShown > (isLive ? .milliseconds(100) : .seconds(30)) || step == state.stepCount else {
          return
        }
        state.lastShown = now
        let line = line(step, state, seconds: (now - state.start) / .seconds(1))
        if isLive {
          FileHandle.standardError.write(Data(("\r\u{1B}[K" + line.prefix(Terminal.errorWidth - 1)).utf8))
        } else {
          standardError(line)
        }
      }
    }
  }

  private func line(_ step: Int, _ state: State, seconds: Double) -> String {
    let perStep = seconds / Double(step - state.stepsBefore)
    let speed = Int((Double(state.tokensPerStep) / max(perStep, 1e-9)).rounded())
    let rest = step < state.stepCount ? ", about \(duration(perStep * Double(state.stepCount - step))) left" : ""
    let loss = state.smoothedLoss.map { String(format: ", loss %.4f", $0) } ?? ""
    return "step \(step) of \(state.stepCount)\(loss), \(speed) tokens/s\(rest)"
  }

  /// Takes the live line away.
  func end() {
    if !isQuiet { clearLine() }
  }

  private func clearLine() {
    if isLive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
