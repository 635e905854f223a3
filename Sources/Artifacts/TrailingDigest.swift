import Dispatch
import Foundation
import Synchronization

/// The digest of a file that grows, computed on another thread a little behind the writer, from the pages that the
/// writer has just filled. So a file is read once more from memory but not from the disk, hashing costs the transfer no
/// time, and no bytes are kept but one buffer.
///
/// The hasher, the position and the buffer are only touched on the serial queue; that makes it Sendable.
final class TrailingDigest: @unchecked Sendable {
  private let file: String
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "recollect.digest")
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
  private var hasher: SHA256Hasher? = SHA256Hasher()
  private var position = 0
  private let isCancelled = Atomic(false)
  private let result = Mutex<Result<String, ArtifactError>?>(nil)

  /// The number of bytes that the queue was told of. Only the writer's thread touches it.
  private var announced = 0
  private static let announcedStep = 1 << 20

  init(file: String) throws(ArtifactError) {
    self.file = file
    descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ArtifactError.unreadable(file: file, reason: posixReason()) }
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  /// Says that the file's first `size` bytes are written and stay as they are.
  func advance(to size: Int) {
    guard size - announced >= Self.announcedStep else { return }
    announced = size
    queue.async { self.hash(to: size) }
  }

  /// Says that there are no more than `size` bytes. Once they are hashed, and flushed to the disk unless they have
  /// another digest than `expected`, `outcome` is set and then `wake` called on another thread.
  func finish(at size: Int, expected: String?, wake: @escaping @Sendable () -> Void) {
    queue.async {
      self.hash(to: size)
      guard let hasher = self.hasher.take() else { return }
      let digest = hasher.finalize()
      let isFlushed = expected != nil && digest != expected || fsync(self.descriptor) == 0
      let outcome: Result<String, ArtifactError> =
        isFlushed ? .success(digest) : .failure(.unwritable(file: self.file, reason: posixReason()))
      self.result.withLock { $0 = $0 ?? outcome }
      wake()
    }
  }

  /// Nil until `finish` has done its work.
  var outcome: Result<String, ArtifactError>? { result.withLock { $0 } }

  /// Leaves out whatever is not done yet.
  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  private func hash(to end: Int) {
    while position < end, !isCancelled.load(ordering: .relaxed) {
      let count = pread(descriptor, buffer.baseAddress, min(buffer.count, end - position), off_t(position))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = count == 0 ? "it became shorter while it was read" : posixReason()
        result.withLock { $0 = $0 ?? .failure(.unreadable(file: file, reason: reason)) }
        return cancel()
      }
      hasher?.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      position += count
    }
  }
}

/// What the system says of the call that just failed.
func posixReason() -> String { String(cString: strerror(errno)) }
