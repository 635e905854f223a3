import Compression
import Foundation
import Synchronization

/// Shows a compression on standard error: one live line on a terminal, a line every half minute elsewhere.
///
/// The clock is read for what is shown, never for a result.
final class CompressionProgress: Sendable {
  private let isQuiet: Bool
  private let isLive: Bool
  private let state: Mutex<State>

  private struct State {
    var start = ContinuousClock.now
    var lastShown = ContinuousClock.now
    var layersBefore = 0
  }

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isLive = Terminal.isLive
    state = Mutex(State())
  }

  func show(_ event: FolderCompression.Event) {
    guard !isQuiet else { return }
    state.withLock { state in
      switch event {
      case .begun(let done, let count, let memory, let plan):
        state = State(layersBefore: done)
        let going = done > 0 ? "Going on behind layer \(done) of \(count)" : "\(count) layers"
        let place = plan.holdsActivations ? "memory" : "a file"
        standardError("\(going); about \(bytes(memory.peak)) beside the program, with the activations in \(place).")
      case .layerDone(let report, let number, let count):
        let now = ContinuousClock.now
        guard isLive || now - state.lastShown > .seconds(30) || number == count else { return }
        state.lastShown = now
        let seconds = (now - state.start) / .seconds(1)
        let left = seconds / Double(number - state.layersBefore) * Double(count - number)
        let error = report.outputError.map { String(format: ", output error %.4f", $0) } ?? ""
        let rest = number < count ? ", about \(duration(left)) left" : ""
        let line = "layer \(number) of \(count), \(report.layer)\(error)\(rest)"
        if isLive {
          FileHandle.standardError.write(Data(("\r\u{1B}[K" + line.prefix(Terminal.errorWidth - 1)).utf8))
        } else {
          standardError(line)
        }
      }
    }
  }

  /// Takes the live line away.
  func end() {
    if isLive, !isQuiet { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
