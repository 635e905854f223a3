import ArgumentParser
import Foundation
import Synchronization

private let lastSignal = Atomic<Int32>(0)

/// Notes SIGINT and SIGTERM, so that a run can end between two pieces of work. A second one ends the program at once.
struct StopSignals: Sendable {
  init() {
    // Whoever started the program may have blocked them, and that is inherited.
    var stopping = sigset_t()
    sigemptyset(&stopping)
    for number in [SIGINT, SIGTERM] { sigaddset(&stopping, number) }
    pthread_sigmask(SIG_UNBLOCK, &stopping, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if lastSignal.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      }
    }
  }

  /// The signal, once there was one.
  var received: Int32? {
    let number = lastSignal.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// How a program ends that was stopped: with the status that a shell gives one that a signal ended.
  var exitCode: ExitCode { ExitCode(128 + (received ?? SIGINT)) }
}
