/// Where the bytes of an incomplete file are from, so that the rest can be asked for as the rest of the same file.
struct Origin: Codable, Equatable {
  /// The URL as it was asked for; nil where bytes of several sources lie together.
  var source: String?
  var entityTag: String?
  var lastModified: String?
  /// The whole file's size, where the server said it.
  var size: Int?

  private enum CodingKeys: String, CodingKey {
    case source, size
    case entityTag = "etag"
    case lastModified = "last_modified"
  }

  /// What an `If-Range` field may carry: a strong entity tag, or else a date (RFC 9110, section 13.1.5).
  var validator: String? {
    if let entityTag, !entityTag.hasPrefix("W/") { return entityTag }
    return lastModified
  }

  /// Whether an answer with these validators may be of the same file: entity tags decide where both are known.
  func agrees(with head: AnswerHead) -> Bool {
    if let entityTag, let other = head.entityTag { return entityTag == other }
    if let lastModified, let other = head.lastModified { return lastModified == other }
    return true
  }
}
