import Foundation

/// A file's bytes in the address space, read by the kernel when touched; unmapped with the last user.
package final class MappedFile: @unchecked Sendable {
  // Unchecked: the mapping is read-only and lives as long as the object.
  package let path: String
  package let bytes: UnsafeRawBufferPointer

  /// - Throws: `CheckpointError.unreadable` with the system's reason.
  package init(path: String) throws(CheckpointError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(file: path, reason: "not a regular file") }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  /// Gives the memory back that the pages of these bytes take; the kernel reads them again when they are touched again.
  func releasePages(of part: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, let first = part.baseAddress, !part.isEmpty else { return }
    // The mapping begins with a page.
    let start = (first - base) / Self.pageSize * Self.pageSize
    let end = min(bytes.count, (first - base) + part.count)
    // Only memory is at stake.
    _ = madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
  }

  private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }
}
