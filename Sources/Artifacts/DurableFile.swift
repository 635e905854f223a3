internal import CArchive
import Foundation

/// Writes under another name, waits until the bytes are on the disk, then takes the file's: it is never seen half done.
///
/// - Parameter temporary: on the same file system; nobody else writes there meanwhile. Who is killed leaves it, and the
///   next one writes over it.
func writeDurably(_ bytes: Data, to path: String, by temporary: String) throws(ArtifactError) {
  func failure(_ call: String) -> ArtifactError {
    .unwritable(file: path, reason: "\(call): \(String(cString: strerror(errno)))")
  }
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw failure("open") }
  var isWhole = false
  var isOpen = true
  defer {
    if isOpen { close(descriptor) }
    if !isWhole { unlink(temporary) }
  }
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { throw failure("write") }
    rest = rest.dropFirst(count)
  }
  guard fsync(descriptor) == 0 else { throw failure("fsync") }
  isOpen = false
  // What a network's file system could not write, it may say only now.
  guard close(descriptor) == 0 else { throw failure("close") }
  guard rename(temporary, path) == 0 else { throw failure("rename") }
  isWhole = true
  try synchronizeFolder(of: path)
}

/// Waits until the names in the file's folder are on the disk.
func synchronizeFolder(of path: String) throws(ArtifactError) {
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unwritable(file: folder, reason: String(cString: strerror(errno))) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw .unwritable(file: folder, reason: String(cString: strerror(errno))) }
}

/// Waits until a file's bytes are on the disk.
func synchronizeFile(_ path: String) throws(ArtifactError) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw .unwritable(file: path, reason: String(cString: strerror(errno))) }
}

/// Has the system begin to write a file's bytes to the disk (sync_file_range(2)), so that a later fsync waits less. It
/// promises nothing, and so it tells of no failure: fsync does.
func beginWritingToDisk(_ descriptor: Int32) { _ = syncFileRangeWrite(descriptor) }

/// Makes the folder and those above it where they are not there.
func makeFolder(_ path: String) throws(ArtifactError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw .unwritable(file: path, reason: error.localizedDescription)
  }
}

/// The bytes that this user may still write to the file system of a folder, or of the nearest one above that exists.
package func freeSpace(at folder: String) throws(ArtifactError) -> Int {
  var url = URL(fileURLWithPath: folder)
  var status = statvfs()
  while statvfs(url.path, &status) != 0 {
    guard errno == ENOENT, url.path != "/" else {
      throw .unreadable(file: url.path, reason: String(cString: strerror(errno)))
    }
    url.deleteLastPathComponent()
  }
  return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
}
