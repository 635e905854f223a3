/// A file wanted from within an archive, with what is known of it.
package struct WantedMember: Sendable, Equatable {
  /// Inside the archive; the single file of a .gz, .xz or .zst is called as the caller says.
  package var path: String
  package var size: Int?
  package var sha256: String?

  package init(path: String, size: Int? = nil, sha256: String? = nil) {
    self.path = path
    self.size = size
    self.sha256 = sha256
  }
}

/// A file that was unpacked: regular, complete, and on the disk.
package struct UnpackedMember: Sendable, Equatable {
  /// Inside the archive, without `.` and doubled slashes.
  package let path: String
  /// Where it was written.
  package let file: String
  package let size: Int
  package let sha256: String
}

package enum MemberSelection: Sendable {
  case listed([WantedMember])
  case all
}

package enum ArchiveKind: Sendable, Equatable {
  /// A zip or a tar archive, the latter perhaps compressed by gzip, xz, zstd or bzip2: by content, not by name.
  case entries
  /// One gzip, xz, zstd or bzip2 stream: its content under this name.
  case compressedFile(name: String)
}
