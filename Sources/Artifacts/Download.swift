/// One file to get.
package struct Download: Sendable {
  /// What errors and progress call the file.
  package var name: String
  /// URLs (http, https or file) of the same bytes, tried in order.
  package var sources: [String]
  /// In bytes, where declared.
  package var size: Int?
  /// 64 lower-case hexadecimal digits; where nil, what arrives is believed, and its digest only reported.
  package var sha256: String?
  /// The path of the file while it is incomplete. Where its bytes are from is written beside it, at this path with
  /// `.json` after it.
  package var partialFile: String

  package init(name: String, sources: [String], size: Int?, sha256: String?, partialFile: String) {
    self.name = name
    self.sources = sources
    self.size = size
    self.sha256 = sha256
    self.partialFile = partialFile
  }
}

/// A file that lies at its download's `partialFile`: complete, verified and safe on the disk. It is the caller's to
/// rename; nothing else of the download is left.
package struct ArrivedFile: Sendable, Equatable {
  /// The URL, as shown: without credentials and query.
  package let source: String
  package let size: Int
  package let sha256: String
}

/// What was handed over of a file that was not kept.
package struct StreamedFile: Sendable, Equatable {
  /// The URL, as shown: without credentials and query.
  package let source: String
  /// The number of bytes handed over, and the digest of just these.
  package let byteCount: Int
  package let sha256: String
  /// The size of the whole file, where the server said it.
  package let total: Int?
  /// Whether the bytes handed over are the whole file; then it also has the declared size and digest.
  package let isComplete: Bool
}
