import Dispatch

enum MonotonicClock {
  /// Seconds since some moment, by a clock that nobody sets.
  static var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
}
