internal import CArchive
import Foundation

/// The kinds of archive that are written.
package enum ArchiveFormat: Sendable {
  /// POSIX pax, where plain ustar does not do.
  case tar
  case gzippedTar
  case storedZip
  case deflatedZip
  /// One file, whose name is not kept.
  case gzippedFile
}

/// Writes files into one archive: the same files in the same order give the same bytes, as no times, owners or rights are
/// kept.
package struct ArchiveWriter: ~Copyable {
  private let handle: OpaquePointer
  private let path: String
  private let descriptor: Int32
  private var paths = TakenPaths()
  private var isFinished = false

  /// - Parameter path: does not exist yet. Without `finish`, it is removed again.
  package init(_ path: String, format: ArchiveFormat = .tar) throws(ArtifactError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    self.path = path
    guard let handle = archive_write_new() else { fatalError("archive_write_new: no memory") }
    self.handle = handle
    guard descriptor >= 0 else { throw .unwritable(file: path, reason: reasonOfErrno()) }
    switch format {
    case .tar:
      try check(archive_write_set_format_pax_restricted(handle))
    case .gzippedTar:
      try check(archive_write_set_format_pax_restricted(handle))
      try check(archive_write_add_filter_gzip(handle))
      // Else the gzip header has the time at which it was made.
      try check(archive_write_set_filter_option(handle, "gzip", "timestamp", nil))
    case .gzippedFile:
      try check(archive_write_set_format_raw(handle))
      try check(archive_write_add_filter_gzip(handle))
      try check(archive_write_set_filter_option(handle, "gzip", "timestamp", nil))
    case .storedZip:
      try check(archive_write_set_format_zip(handle))
      try check(archive_write_zip_set_compression_store(handle))
    case .deflatedZip:
      try check(archive_write_set_format_zip(handle))
      try check(archive_write_zip_set_compression_deflate(handle))
    }
    try check(archive_write_open_fd(handle, descriptor))
  }

  deinit {
    archive_write_free(handle)
    if descriptor >= 0 {
      close(descriptor)
      if !isFinished { unlink(path) }
    }
  }

  /// Adds the bytes of a file, read piece by piece.
  package mutating func add(file: String, as path: String) throws(ArtifactError) {
    let source = try ArchiveFile(file)
    try begin(path, size: source.size)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    var rest = source.size
    while rest > 0 {
      let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(rest, buffer.count)]))
      guard count > 0 else { throw .unreadable(file: file, reason: "became shorter while it was read") }
      try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      rest -= count
    }
  }

  package mutating func add(bytes: [UInt8], as path: String) throws(ArtifactError) {
    try begin(path, size: bytes.count)
    // A closure's typed error does not come through withUnsafeBytes.
    let failure = bytes.withUnsafeBytes { bytes -> ArtifactError? in
      do throws(ArtifactError) { try write(bytes) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }

  /// Ends the archive, and brings it to the disk.
  package consuming func finish() throws(ArtifactError) {
    try check(archive_write_close(handle))
    guard fsync(descriptor) == 0 else { throw .unwritable(file: path, reason: reasonOfErrno()) }
    isFinished = true
  }

  private mutating func begin(_ name: String, size: Int) throws(ArtifactError) {
    let path: EntryPath
    do throws(EntryRefusal) {
      path = try EntryPath(Array(name.utf8))
      guard !path.components.isEmpty else { throw EntryRefusal("has no name") }
      try paths.takeFile(path)
    } catch {
      throw .refusedEntry(file: self.path, entry: name, reason: error.reason)
    }
    guard let entry = archive_entry_new() else { fatalError("archive_entry_new: no memory") }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, path.text)
    archive_entry_set_filetype(entry, UInt32(S_IFREG))
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_size(entry, la_int64_t(size))
    archive_entry_set_mtime(entry, 0, 0)
    let status = withUTF8Locale { archive_write_header(handle, entry) }
    try check(status)
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) {
    guard archive_write_data(handle, bytes.baseAddress, bytes.count) == bytes.count else {
      throw .unwritable(file: path, reason: reason)
    }
  }

  private func check(_ status: Int32) throws(ArtifactError) {
    guard status == ARCHIVE_OK else { throw .unwritable(file: path, reason: reason) }
  }

  private var reason: String { archive_error_string(handle).map { String(cString: $0) } ?? "libarchive failed" }
}
