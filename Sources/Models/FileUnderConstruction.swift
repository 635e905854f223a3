import Foundation

/// A file that is written piece by piece, beside the one whose name it will take.
struct FileUnderConstruction {
  /// The name that it will take.
  let path: String
  fileprivate let descriptor: Int32

  func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = Foundation.write(descriptor, part.baseAddress, part.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure("write") }
      rest = rest.dropFirst(written)
    }
  }

  /// Numbers as memory holds them.
  func write(_ numbers: [some BitwiseCopyable]) throws(CheckpointError) {
    try numbers.withUnsafeBufferPointer { numbers throws(CheckpointError) in
      try write(UnsafeRawBufferPointer(numbers))
    }
  }

  fileprivate func failure(_ call: String) -> CheckpointError {
    .unwritable(file: path, reason: "\(call): \(String(cString: strerror(errno)))")
  }
}

/// Puts what `body` writes in the place of the file, or at a new name; memory does not hold it.
///
/// Nobody sees the file half written, not even after a power failure: the bytes are on the disk (`fsync`) before it
/// takes the name (`rename`). Where `body` throws, what stood under the name stays, and no other file is left.
///
/// - Throws: `.unwritable` with the system call that failed; what `body` throws.
func replaceFile(
  _ path: String, _ body: (FileUnderConstruction) throws(CheckpointError) -> Void
) throws(CheckpointError) {
  let target = URL(fileURLWithPath: path)
  // In the same folder, since `rename` cannot cross file systems; hidden, so that no listing takes it for the file.
  let temporary = target.deletingLastPathComponent()
    .appendingPathComponent(".\(target.lastPathComponent).\(UUID().uuidString)").path
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  let file = FileUnderConstruction(path: path, descriptor: descriptor)
  guard descriptor >= 0 else { throw file.failure("open") }
  do throws(CheckpointError) {
    defer { close(descriptor) }
    try body(file)
    guard fsync(descriptor) == 0 else { throw file.failure("fsync") }
    guard rename(temporary, path) == 0 else { throw file.failure("rename") }
  } catch {
    unlink(temporary)
    throw error
  }
}
