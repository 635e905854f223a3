import Foundation

/// Keeps other processes from the same work: a lock on a file, which the kernel gives up when its owner dies, however it
/// dies, so that no stale lock is ever waited for (`flock`).
///
/// The file says who holds the lock, for whoever waits.
package final class FileLock {
  private let path: String
  private let descriptor: Int32

  /// Waits for the lock.
  ///
  /// - Parameters:
  ///   - name: of what is locked, for errors.
  ///   - pollSeconds: how long to wait before the lock is tried again, and `shouldStop` asked.
  ///   - willWait: is told who holds the lock, once.
  package static func waiting(
    path: String, name: String, pollSeconds: Double = 0.1, shouldStop: () -> Bool = { false },
    willWait: (String) -> Void = { _ in }
  ) throws(ArtifactError) -> FileLock {
    var hasTold = false
    while true {
      if let lock = try tried(path: path, name: name) { return lock }
      if !hasTold { willWait(Self.owner(path)) }
      hasTold = true
      if shouldStop() { throw .stopped(file: name) }
      usleep(UInt32(pollSeconds * 1e6))
    }
  }

  /// The lock, or nil while somebody else holds it.
  package static func tried(path: String, name: String) throws(ArtifactError) -> FileLock? {
    func failure() -> ArtifactError {
      .unwritable(file: path, reason: "\(name) cannot be locked: \(String(cString: strerror(errno)))")
    }
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw failure() }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let isHeld = errno == EWOULDBLOCK || errno == EINTR
        let error = failure()
        close(descriptor)
        guard isHeld else { throw error }
        return nil
      }
      // The last owner may have removed the file after it was opened here: the name then stands for another file.
      var opened = stat()
      var named = stat()
      guard fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino else {
        close(descriptor)
        continue
      }
      return FileLock(path: path, descriptor: descriptor)
    }
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
    sayOwner()
  }

  deinit { close(descriptor) }

  /// Gives the lock up, and removes the file, which nobody has use for after it.
  package func release() {
    unlink(path)
    flock(descriptor, LOCK_UN)
  }

  private func sayOwner() {
    let text = Array("process \(getpid()) on \(ProcessInfo.processInfo.hostName)\n".utf8)
    // Only ever shown: nothing depends on whether it could be written.
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.count, 0)
  }

  private static func owner(_ path: String) -> String {
    let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = text.prefix { !$0.isNewline }
    return line.isEmpty ? "another process" : String(line)
  }
}
