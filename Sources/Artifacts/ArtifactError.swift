/// What can go wrong between a file's publisher and the store: each case names the file, and what to look at.
package enum ArtifactError: Error, Equatable {
  /// No source gave the file; what each said, in the order they were tried.
  case unreachable(file: String, attempts: [FailedAttempt])
  /// A file of another content than its digest names, from that source (a URL, or a path).
  case otherDigest(file: String, source: String, expected: String, found: String)
  /// A file of another size than is declared, in bytes.
  case otherSize(file: String, source: String, expected: Int, found: Int)
  case unreadable(file: String, reason: String)
  case unwritable(file: String, reason: String)
  /// Less room, in bytes, on the file system of the folder than what is to be written there.
  case notEnoughSpace(folder: String, needed: Int, free: Int)
  /// An archive that is damaged, or of no known kind; `entry` is the last one that was begun.
  case invalidArchive(file: String, entry: String?, reason: String)
  /// An entry that an honest archive would not have; nothing of the archive is kept.
  case refusedEntry(file: String, entry: String, reason: String)
  case missingMember(file: String, member: String)
  /// A file whose digest is not known, where only known ones are wanted.
  case unknownDigest(file: String)
  /// A text that ended, or is none, at that line of what is within the file.
  case invalidText(file: String, line: Int, reason: String)
  /// Whoever asked for the file wanted it no more; what had arrived is kept.
  case stopped(file: String)

  package struct FailedAttempt: Equatable, Sendable {
    package let source: String
    package let reason: String

    package init(source: String, reason: String) {
      self.source = source
      self.reason = reason
    }
  }
}
