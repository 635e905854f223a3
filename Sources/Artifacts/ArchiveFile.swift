import Foundation

/// What the last call of the system that failed says of it.
func reasonOfErrno() -> String { String(cString: strerror(errno)) }

/// An archive's file, open for reading.
struct ArchiveFile: ~Copyable {
  let path: String
  let descriptor: Int32
  let size: Int

  init(_ path: String) throws(ArtifactError) {
    // O_NONBLOCK: opening a FIFO without a writer would wait for one.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: reasonOfErrno()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .unreadable(file: path, reason: "not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// The bytes at `offset`, fewer where the file ends before.
  func bytes(at offset: Int, count: Int) throws(ArtifactError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: max(0, min(count, size - offset)))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + filled, $0.count - filled, off_t(offset + filled))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(file: path, reason: reasonOfErrno()) }
      guard count > 0 else { return Array(bytes[..<filled]) }
      filled += count
    }
    return bytes
  }

  /// Fills `buffer` from where the last call ended; 0 at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArtifactError) -> Int {
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(file: path, reason: reasonOfErrno()) }
      return count
    }
  }

  /// Where `read` will go on.
  var position: Int { max(0, Int(lseek(descriptor, 0, SEEK_CUR))) }

  /// Moves on by `count` bytes, or to the end if that is nearer; returns by how many.
  func skip(_ count: Int) throws(ArtifactError) -> Int {
    let skipped = max(0, min(count, size - position))
    guard lseek(descriptor, off_t(skipped), SEEK_CUR) >= 0 else {
      throw .unreadable(file: path, reason: reasonOfErrno())
    }
    return skipped
  }
}
