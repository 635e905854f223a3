import Foundation

/// Writing a file so that it is never seen half done, not even after a power failure.
enum AtomicFile {
  struct Failure: Error {
    let reason: String
  }

  /// Writes beside the file, waits until the bytes are on the disk (`fsync`), then takes the name (`rename`).
  static func write(_ bytes: Data, to path: String) throws(Failure) {
    let target = URL(fileURLWithPath: path)
    let folder = target.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(reason: error.localizedDescription)
    }
    // In the same folder, since `rename` cannot cross file systems; hidden, so that no listing takes it for a result.
    let temporary = folder.appendingPathComponent(".\(target.lastPathComponent).\(UUID().uuidString)").path
    do throws(Failure) {
      try writeThrough(bytes, to: temporary)
      guard rename(temporary, target.path) == 0 else { throw failure("rename") }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func writeThrough(_ bytes: Data, to path: String) throws(Failure) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw failure("open") }
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure("write") }
      rest = rest.dropFirst(written)
    }
    guard fsync(file) == 0 else { throw failure("fsync") }
  }

  private static func failure(_ call: String) -> Failure {
    Failure(reason: "\(call): \(String(cString: strerror(errno)))")
  }
}
