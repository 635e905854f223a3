import Foundation

/// Memory that is filled once, then only read, and freed with its last user.
final class OwnedBytes: @unchecked Sendable {
  // Unchecked: nobody writes after whoever made it has filled it, and the memory lives as long as the object.
  let buffer: UnsafeMutableRawBufferPointer

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(buffer) }

  /// Uninitialized; nil where there is not that much memory, as the count may be one that a file made up.
  init?(count: Int) {
    guard let start = malloc(max(count, 1)) else { return nil }
    buffer = UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  deinit { free(buffer.baseAddress) }
}
