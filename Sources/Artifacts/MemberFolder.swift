internal import CArchive
import Foundation

/// The folder that members are written into, through descriptors of folders: no link can lead a write out of it.
struct MemberFolder: ~Copyable {
  let path: String
  private let descriptor: Int32
  /// The folder of the last member, which is mostly that of the next too.
  private var parent: (components: [String], descriptor: Int32)?

  /// - Parameter path: a folder that exists and is empty.
  init(_ path: String) throws(ArtifactError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    self.path = path
    guard descriptor >= 0 else { throw .unwritable(file: path, reason: reasonOfErrno()) }
  }

  deinit {
    if let parent { close(parent.descriptor) }
    if descriptor >= 0 { close(descriptor) }
  }

  /// A new file at `member`, with the folders above it.
  mutating func create(_ member: EntryPath) throws(ArtifactError) -> MemberFile {
    let file = path + "/" + member.text
    let parent = try parent(of: member)
    let descriptor = openat(
      parent, member.components.last ?? "", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .unwritable(file: file, reason: reasonOfErrno()) }
    return MemberFile(path: file, descriptor: descriptor)
  }

  private mutating func parent(of member: EntryPath) throws(ArtifactError) -> Int32 {
    let components = Array(member.components.dropLast())
    if let parent, parent.components == components { return parent.descriptor }
    var above = dup(descriptor)
    for name in components {
      guard above >= 0 else { break }
      let folder =
        mkdirat(above, name, 0o755) == 0 || errno == EEXIST
        ? openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1
      let reason = errno
      close(above)
      above = folder
      errno = reason
    }
    guard above >= 0 else {
      throw .unwritable(file: path + "/" + components.joined(separator: "/"), reason: reasonOfErrno())
    }
    if let parent { close(parent.descriptor) }
    parent = (components, above)
    return above
  }

  /// Brings all that was written to the disk, or says that it could not be.
  ///
  /// No member counts before: only when this has returned does anybody else learn of the folder or rename what is in it, so
  /// that a crash at any moment leaves either nothing that counts, or members that are whole.
  ///
  /// One syncfs(2) for the folder's whole file system. An fsync(2) for each file and folder makes the disk commit as
  /// many times: for thousands of small files that takes longer than all else. syncfs also tells of a write that failed
  /// since `descriptor` was opened, in a file that is closed by now (since Linux 5.8).
  func synchronize() throws(ArtifactError) {
    guard syncfs(descriptor) == 0 else { throw .unwritable(file: path, reason: reasonOfErrno()) }
  }
}

/// A member that is being written.
struct MemberFile: ~Copyable {
  let path: String
  private let descriptor: Int32
  private(set) var size = 0

  fileprivate init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .unwritable(file: path, reason: reasonOfErrno()) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    size += bytes.count
    // What is large is on the disk almost as soon as it is complete.
    if size >> 24 != (size - bytes.count) >> 24 { beginWritingToDisk(descriptor) }
  }
}
