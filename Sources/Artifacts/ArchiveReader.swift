internal import CArchive
import Foundation

/// What an archive says of one of its entries.
struct ArchiveEntry {
  enum Kind: Equatable {
    case file, folder
    case symbolicLink(target: [UInt8])
    case hardLink(target: [UInt8])
    /// A device, a FIFO, a socket, or nothing known.
    case other
  }

  let name: [UInt8]
  let kind: Kind
  let size: Int?
  let isEncrypted: Bool
  /// Has holes, which take room in a file but none in the archive.
  let isSparse: Bool

  /// For messages; what is no UTF-8 shows as U+FFFD.
  var shownName: String { String(decoding: name, as: UTF8.self) }
}

/// A reader of libarchive, limited to what it is opened for: one format, and no external programs.
///
/// A warning is an error here: an archive that has to be repaired or guessed at is damaged.
struct ArchiveReader: ~Copyable {
  struct Block {
    /// They stay until the next call.
    let bytes: UnsafeRawBufferPointer
    /// Where they stand in the entry.
    let offset: Int
  }

  private let handle: OpaquePointer
  private let file: String
  private let source: ArchiveSource?
  /// The entry that was begun last.
  private var current: String?

  private init(file: String, source: ArchiveSource?) {
    guard let handle = archive_read_new() else { fatalError("archive_read_new: no memory") }
    self.handle = handle
    self.file = file
    self.source = source
  }

  deinit { archive_read_free(handle) }

  /// Reads a tar archive (archive_read_support_format_tar: ustar, pax, GNU and V7) from `source`.
  init(tar source: ArchiveSource) throws(ArtifactError) {
    self.init(file: source.path, source: source)
    try check(archive_read_support_format_tar(handle))
    archive_read_set_read_callback(handle) { handle, context, bytes in
      let source = Unmanaged<ArchiveSource>.fromOpaque(context!).takeUnretainedValue()
      guard let next = source.nextOrFailure() else {
        archiveSetError(handle, "the file below cannot be read")
        return la_ssize_t(ARCHIVE_FATAL)
      }
      bytes!.pointee = next.baseAddress
      return next.count
    }
    archive_read_set_skip_callback(handle) { _, context, count in
      la_int64_t(Unmanaged<ArchiveSource>.fromOpaque(context!).takeUnretainedValue().skip(Int(count)))
    }
    archive_read_set_callback_data(handle, Unmanaged.passUnretained(source).toOpaque())
    try check(archive_read_open1(handle))
  }

  /// Reads a zip archive by its directory (archive_read_support_format_zip_seekable).
  init(zip file: borrowing ArchiveFile) throws(ArtifactError) {
    self.init(file: file.path, source: nil)
    try check(archive_read_support_format_zip_seekable(handle))
    try check(archive_read_open_fd(handle, file.descriptor, 1 << 17))
  }

  /// Reads what xz, zstd or bzip2 compressed, once, as a single entry without a name.
  init(decompressing file: borrowing ArchiveFile) throws(ArtifactError) {
    self.init(file: file.path, source: nil)
    try check(archive_read_support_format_raw(handle))
    // These give ARCHIVE_WARN where they would run a program in place of a library.
    try check(archive_read_support_filter_xz(handle))
    try check(archive_read_support_filter_zstd(handle))
    try check(archive_read_support_filter_bzip2(handle))
    try check(archive_read_open_fd(handle, file.descriptor, 1 << 17))
    // The last is none at all: the file.
    guard archive_filter_count(handle) == 2 else {
      throw .invalidArchive(file: file.path, entry: nil, reason: "compressed more than once, or not at all")
    }
    guard try nextEntry() != nil else {
      throw .invalidArchive(file: file.path, entry: nil, reason: "holds nothing")
    }
  }

  /// How many bytes of the file were taken.
  var position: Int { Int(archive_filter_bytes(handle, -1)) }

  /// Where the entry begun last has its header or, past the last entry, where the archive's end was found: in bytes of
  /// the unpacked archive.
  var headerPosition: Int { Int(archive_read_header_position(handle)) }

  /// The next entry; what was not read of the last is skipped. Nil at the end.
  mutating func nextEntry() throws(ArtifactError) -> ArchiveEntry? {
    var entry: OpaquePointer?
    let status = archive_read_next_header(handle, &entry)
    if status == ARCHIVE_EOF, source?.failure == nil { return nil }
    let described = status == ARCHIVE_OK || status == ARCHIVE_WARN ? entry.map { ArchiveEntry($0) } : nil
    if let described { current = described.shownName }
    try check(status)
    return described
  }

  /// The next bytes of the entry; nil at its end.
  mutating func nextBlock() throws(ArtifactError) -> Block? {
    var bytes: UnsafeRawPointer?
    var count = 0
    var offset: la_int64_t = 0
    let status = archive_read_data_block(handle, &bytes, &count, &offset)
    if status == ARCHIVE_EOF { return nil }
    try check(status)
    return Block(bytes: UnsafeRawBufferPointer(start: bytes, count: count), offset: Int(offset))
  }

  private func check(_ status: Int32) throws(ArtifactError) {
    if let failure = source?.failure {
      switch failure {
      case .invalidArchive(let file, nil, let reason):
        throw .invalidArchive(file: file, entry: current, reason: reason)
      case .refusedEntry(let file, _, let reason):
        throw .refusedEntry(file: file, entry: current ?? "", reason: reason)
      default: throw failure
      }
    }
    guard status == ARCHIVE_OK else {
      let reason = archive_error_string(handle).map { String(cString: $0) } ?? "libarchive gives \(status)"
      throw .invalidArchive(file: file, entry: current, reason: reason)
    }
  }
}

extension ArchiveEntry {
  fileprivate init(_ entry: OpaquePointer) {
    func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
      text.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
    name = bytes(archive_entry_pathname(entry)) ?? []
    size = archive_entry_size_is_set(entry) != 0 ? Int(archive_entry_size(entry)) : nil
    isEncrypted = archive_entry_is_encrypted(entry) != 0
    isSparse = archive_entry_sparse_count(entry) > 0
    if let target = bytes(archive_entry_hardlink(entry)) {
      kind = .hardLink(target: target)
    } else {
      switch archive_entry_filetype(entry) & S_IFMT {
      case S_IFREG: kind = .file
      case S_IFDIR: kind = .folder
      case S_IFLNK: kind = .symbolicLink(target: bytes(archive_entry_symlink(entry)) ?? [])
      default: kind = .other
      }
    }
  }
}
