import Foundation

/// How hard to try, and how much of the network to take.
package struct TransferSettings: Sendable {
  package var concurrentDownloads = 4
  /// The limit over all transfers together.
  package var bytesPerSecond: Int?
  /// A transfer that brings less than `stallBytesPerSecond` for so long is given up and tried again.
  package var stallSeconds = 30.0
  package var stallBytesPerSecond = 1.0
  package var connectSeconds = 30.0
  /// Attempts in a row that bring the file no further, after which the next source is tried.
  package var attemptsPerSource = 5
  /// The wait before the second attempt. It doubles from one to the next, up to `longestRetrySeconds`.
  package var firstRetrySeconds = 0.5
  package var longestRetrySeconds = 30.0
  /// A server that asks for a longer wait than this is asked again after this.
  package var longestRetryAfterSeconds = 120.0
  package var token: Token?
  package var userAgent = "recollect"

  package init() {}

  /// The wait after so many attempts in a row that came to nothing.
  func retrySeconds(afterAttempts count: Int) -> Double {
    min(longestRetrySeconds, firstRetrySeconds * pow(2, Double(count - 1)))
  }
}

/// A secret that opens one host. It goes to that host alone, and no description shows it.
package struct Token: Sendable, CustomStringConvertible, CustomReflectable {
  let value: String
  let origin: String

  /// - Parameter origin: A URL of the host that may see the token: its scheme, host and port count, its path does not.
  ///   What is no URL matches no host.
  package init(value: String, origin: String) {
    self.value = value.trimmingCharacters(in: .whitespacesAndNewlines)
    self.origin = SourceURL(origin)?.origin ?? ""
  }

  package var description: String { "a token for \(origin)" }
  package var customMirror: Mirror { Mirror(self, children: ["origin": origin]) }
}
