import Foundation
import Synchronization

/// Shows on standard error how many requests have been scored: one live line on a terminal, a line every half minute
/// elsewhere. How many there are is not known, since they may come through a pipe.
///
/// The clock is read for what is shown, never for a result.
final class ScoringProgress: Sendable {
  private let isQuiet: Bool
  private let isLive: Bool
  private let start = ContinuousClock.now
  private let state: Mutex<State>

  private struct State {
    var requests = 0
    var tokens = 0
    var lastShown: ContinuousClock.Instant
  }

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isLive = Terminal.isLive
    state = Mutex(State(lastShown: start))
  }

  /// Counts requests that have been scored, and the tokens that ran through the model for them; from any thread.
  @Sendable func advance(requests: Int, tokens: Int) {
    guard !isQuiet else { return }
    state.withLock { state in
      state.requests += requests
      state.tokens += tokens
      let now = ContinuousClock.now
      guard now - state.lastShown > (isLive ? .milliseconds(100) : .seconds(30)) else { return }
      state.lastShown = now
      let seconds = (now - start) / .seconds(1)
      let speed = Int((Double(state.tokens) / seconds).rounded())
      let line = "\(state.requests) requests in \(duration(seconds)), \(speed) tokens/s"
      if isLive {
        FileHandle.standardError.write(Data(("\r\u{1B}[K" + line.prefix(Terminal.errorWidth - 1)).utf8))
      } else {
        standardError(line)
      }
    }
  }

  /// Takes the live line away.
  func end() {
    if isLive, !isQuiet { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
