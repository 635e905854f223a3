/// What was asked of a source, against which its answer is judged.
struct AnswerExpectation {
  let file: String
  /// The source as shown.
  let source: String
  let declaredSize: Int?
  /// The first byte asked for; 0 where the whole file was.
  let offset: Int
  /// Where the bytes before `offset` are from.
  let origin: Origin?
  /// Whether the rest must be shown to be of that same file, because no digest will tell at the end.
  let needsSameOrigin: Bool

  enum Answer: Equatable {
    /// The body is the whole file.
    case whole
    /// The body continues what is there.
    case rest
    /// There is nothing beyond what is there.
    case nothingMore
  }

  /// What the body is good for; an error's page is good for nothing.
  func answer(_ head: AnswerHead) throws(AttemptFailure) -> Answer {
    switch head.status {
    case 200:
      try refuseEncoding(of: head)
      try checkDeclaredSize(head.contentLength)
      return .whole
    case 206:
      try refuseEncoding(of: head)
      guard offset > 0 else { throw AttemptFailure("a part where the whole was asked for", .nextSource) }
      guard let range = head.contentRange, range.start == offset else {
        throw AttemptFailure("another range than the one asked for", .withoutRanges)
      }
      try checkDeclaredSize(range.total)
      try checkOrigin(of: head, total: range.total)
      return .rest
    case 416 where offset > 0:
      let total = head.contentRange?.total
      try checkOrigin(of: head, total: total)
      guard total == offset || total == nil && !needsSameOrigin else {
        throw AttemptFailure("HTTP 416 with \(offset) bytes there", .anew)
      }
      return .nothingMore
    case 408, 425, 429, 500, 502, 503, 504: throw AttemptFailure("HTTP \(head.status)", .later(seconds: nil))
    default: throw AttemptFailure("HTTP \(head.status)", .nextSource)
    }
  }

  /// No encoding was asked for, and what is encoded is not the file whose size and digest are known.
  ///
  /// But many servers, Apache as it comes among them, say of every gzip'd file that it is an encoded one: that is the file.
  private func refuseEncoding(of head: AnswerHead) throws(AttemptFailure) {
    if let encoding = head.contentEncoding {
      let isOfFile = [file, source].contains { $0.hasSuffix(".gz") || $0.hasSuffix(".tgz") }
      if isOfFile, ["gzip", "x-gzip"].contains(encoding.lowercased()) { return }
      throw AttemptFailure("sent with Content-Encoding \(encoding), which was not asked for", .nextSource)
    }
  }

  private func checkDeclaredSize(_ total: Int?) throws(AttemptFailure) {
    guard let declaredSize, let total, declaredSize != total else { return }
    throw AttemptFailure(
      "\(total) bytes where \(declaredSize) are declared", .nextSource,
      otherContent: .otherSize(file: file, source: source, expected: declaredSize, found: total))
  }

  private func checkOrigin(of head: AnswerHead, total: Int?) throws(AttemptFailure) {
    let isOtherSize = if let total, let known = origin?.size { total != known } else { false }
    let isOtherFile = needsSameOrigin && origin.map { !$0.agrees(with: head) } ?? true
    if isOtherSize || isOtherFile { throw AttemptFailure("the file changed between two requests", .anew) }
  }
}
