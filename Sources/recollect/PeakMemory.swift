import Foundation
import Synchronization

/// The most memory that this process has had resident, as Linux counts it.
enum PeakMemory {
  /// Begins to count anew; where the system does not let it, the peak stays that of the whole process.
  static func reset() {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    // Only the count is at stake.
    try? file.write(contentsOf: Data("5".utf8))
    try? file.close()
  }

  /// nil where the system does not say.
  static var bytes: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return nil }
    return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}

/// A number that several threads add to.
final class TokenCounter: Sendable {
  private let sum = Mutex(0)

  var count: Int { sum.withLock { $0 } }

  @Sendable func add(_ count: Int) { sum.withLock { $0 += count } }
}
