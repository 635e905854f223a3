/// What a server does with one request.
package enum ServerBehaviour: Sendable {
  /// Answers it well: with ranges, `If-Range`, a length, and the connection kept.
  case proper
  /// Closes the connection after so many bytes of the body.
  case cut(after: Int)
  /// Says nothing more after so many bytes of the body.
  case stall(after: Int)
  /// Closes the connection without an answer.
  case hangUp
  /// Sends the whole file whatever was asked for.
  case ignoreRange
  /// Answers a range with a part, whatever has become of the file since.
  case ignoreCondition
  /// Answers a range with the bytes so many places further on, and says so.
  case shiftRange(by: Int)
  /// Answers a range with another total size.
  case total(Int)
  /// An error's page, with these fields.
  case status(Int, fields: [String] = [])
  case redirect(to: String)
  /// So many bytes more than the file has, in chunks.
  case tooMuch(Int)
  /// So many bytes less than the file has, as if that were all.
  case tooLittle(Int)
  /// The right number of other bytes.
  case wrongBytes
  /// The body in chunks.
  case chunked
  /// The body up to the connection's end, cut short after so many bytes where that is given.
  case withoutLength(cutAfter: Int? = nil)
  /// The body under a field that names that encoding.
  case encoded(String)
  case slow(bytesPerSecond: Int)
  /// Serves another file from this request on.
  case replace(with: ServedFile)
}

/// A file as a server has it.
package struct ServedFile: Sendable {
  package enum Content: Sendable {
    case bytes([UInt8])
    case file(path: String, size: Int)
  }

  package var content: Content
  package var entityTag: String?
  package var lastModified: String?

  package init(_ bytes: [UInt8], entityTag: String? = "\"1\"", lastModified: String? = nil) {
    content = .bytes(bytes)
    self.entityTag = entityTag
    self.lastModified = lastModified
  }

  /// A file of the disk, sent as fast as the system can.
  package init(path: String, size: Int, entityTag: String? = "\"1\"") {
    content = .file(path: path, size: size)
    self.entityTag = entityTag
  }

  var size: Int {
    switch content {
    case .bytes(let bytes): bytes.count
    case .file(_, let size): size
    }
  }
}

/// What a server was asked, and what it sent.
package struct ServedRequest: Sendable, Equatable {
  package var path: String
  /// The number of the connection that it came over.
  package var connection: Int
  /// By lower-case names.
  package var fields: [String: String]
  package var status = 0
  /// Of the body.
  package var bytesSent = 0

  /// As `bytes=5-`.
  package var range: String? { fields["range"] }
  package var authorization: String? { fields["authorization"] }
}
