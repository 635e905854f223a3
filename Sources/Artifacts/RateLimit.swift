/// How many bytes all transfers together may still take, at a given number each second.
final class RateLimit {
  private let bytesPerSecond: Double?
  private var allowance = 0.0
  private var lastFilled = MonotonicClock.seconds

  init(bytesPerSecond: Int?) {
    self.bytesPerSecond = bytesPerSecond.map { Double(max(1, $0)) }
  }

  /// What was not used within a tenth of a second is lost, so that no burst follows a pause.
  private static let longestSavedSeconds = 0.1

  var allowsMore: Bool { bytesPerSecond == nil || allowance > 0 }

  /// The seconds until more may be taken.
  var waitSeconds: Double {
    guard let bytesPerSecond, allowance <= 0 else { return 0 }
    return (1 - allowance) / bytesPerSecond
  }

  /// How much a transfer should read at once: what it takes beyond the allowance must be waited for.
  var readSize: Int {
    guard let bytesPerSecond else { return 512 << 10 }
    return min(512 << 10, max(1 << 10, Int(bytesPerSecond / 16)))
  }

  func refill() {
    guard let bytesPerSecond else { return }
    let now = MonotonicClock.seconds
    allowance = min(bytesPerSecond * Self.longestSavedSeconds, allowance + (now - lastFilled) * bytesPerSecond)
    lastFilled = now
  }

  func take(_ count: Int) { allowance -= Double(count) }
}
