import Foundation

/// The SHA-256 digests of one file after another, computed on a second thread while the caller goes on.
///
/// On a processor without instructions for SHA-256 hashing takes longer than reading, unpacking and writing together.
/// Bytes are gathered in two buffers, of which one is filled while the other is hashed: memory stays constant, and a file
/// that fits one buffer is hashed by the caller, without any waiting.
struct DigestBeside: ~Copyable {
  private let state = State()

  deinit { state.end() }

  mutating func update(_ bytes: UnsafeRawBufferPointer) { state.gather(bytes) }

  /// The digest of all bytes since the last call.
  mutating func finalize() -> String { state.finalize() }

  // Sendable, as everything that both threads see is guarded by `condition`; `filling` and `count` are the caller's, the
  // hasher is the second thread's while `pending` is set, and the caller's while it is not.
  private final class State: @unchecked Sendable {
    static let bufferSize = 1 << 19

    private let condition = NSCondition()
    private var filling = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
    private var spare = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
    private var count = 0
    private var hasher = SHA256Hasher()
    /// What the second thread is to hash, until it has.
    private var pending: UnsafeRawBufferPointer?
    private var isRunning = false
    private var isEnded = false

    deinit {
      filling.deallocate()
      spare.deallocate()
    }

    func gather(_ bytes: UnsafeRawBufferPointer) {
      var rest = bytes
      while !rest.isEmpty {
        if count == filling.count { handOver() }
        let taken = min(rest.count, filling.count - count)
        UnsafeMutableRawBufferPointer(rebasing: filling[count..<count + taken])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<taken]))
        count += taken
        rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      }
    }

    func finalize() -> String {
      waitForHasher()
      hasher.update(UnsafeRawBufferPointer(rebasing: filling[..<count]))
      count = 0
      var whole = SHA256Hasher()
      swap(&whole, &hasher)
      return whole.finalize()
    }

    func end() {
      condition.withLock {
        isEnded = true
        condition.broadcast()
      }
    }

    private func waitForHasher() {
      condition.withLock { while pending != nil { condition.wait() } }
    }

    private func handOver() {
      waitForHasher()
      swap(&filling, &spare)
      condition.withLock {
        pending = UnsafeRawBufferPointer(rebasing: spare[..<count])
        condition.broadcast()
      }
      count = 0
      if !isRunning {
        isRunning = true
        Thread.detachNewThread { self.hash() }
      }
    }

    /// The second thread, which ends with the value.
    private func hash() {
      while let bytes = next() {
        hasher.update(bytes)
        condition.withLock {
          pending = nil
          condition.broadcast()
        }
      }
    }

    private func next() -> UnsafeRawBufferPointer? {
      condition.withLock {
        while pending == nil, !isEnded { condition.wait() }
        return pending
      }
    }
  }
}
