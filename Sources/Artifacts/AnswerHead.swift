/// What a server says of an answer before its body, as far as it matters here.
struct AnswerHead: Equatable {
  var status: Int
  /// Whether the end of the body can be told from a cut: by a length, by chunks, or by HTTP/2's frames.
  var marksItsEnd = false
  /// The body's length. A length beside chunks means nothing (RFC 9112, section 6.3).
  var contentLength: Int? { isChunked ? nil : declaredLength }
  private var declaredLength: Int?
  private var isChunked = false
  var contentRange: ContentRange?
  var contentEncoding: String?
  var entityTag: String?
  var lastModified: String?

  /// `bytes start-end/total`, or `bytes */total`; nil for what is not said, or not sensible.
  struct ContentRange: Equatable {
    var start: Int?
    var total: Int?
  }

  /// The answer of a source that always keeps its word: all of `total` bytes from `start` on.
  init(status: Int, start: Int, total: Int, entityTag: String) {
    self.status = status
    marksItsEnd = true
    declaredLength = total - start
    contentRange = ContentRange(start: start, total: total)
    self.entityTag = entityTag
  }

  /// Nil for a line that does not begin an answer.
  init?(statusLine line: Substring) {
    guard line.hasPrefix("HTTP/") else { return nil }
    let words = line.split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else { return nil }
    self.status = status
    marksItsEnd = !words[0].hasPrefix("HTTP/1") && !words[0].hasPrefix("HTTP/0")
  }

  /// Takes in one line `name: value`.
  mutating func read(fieldLine line: Substring) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
    guard !value.isEmpty else { return }
    switch line[..<colon].lowercased() {
    case "content-length":
      declaredLength = Self.count(value)
      marksItsEnd = marksItsEnd || declaredLength != nil
    case "transfer-encoding":
      isChunked = true
      marksItsEnd = true
    case "content-range": contentRange = Self.contentRange(value)
    case "content-encoding": contentEncoding = value.lowercased() == "identity" ? nil : value
    case "etag": entityTag = value
    case "last-modified": lastModified = value
    default: break
    }
  }

  private static func contentRange(_ value: String) -> ContentRange? {
    let words = value.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
    let parts = words[1].split(separator: "/")
    guard parts.count == 2 else { return nil }
    return ContentRange(start: count(parts[0].prefix { $0 != "-" }), total: count(parts[1]))
  }

  private static func count(_ digits: some StringProtocol) -> Int? {
    digits.utf8.allSatisfy { (48...57).contains($0) } ? Int(digits) : nil
  }
}
