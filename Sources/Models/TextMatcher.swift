/// Finds out which of some texts, if any, stands at a place of another text.
struct TextMatcher: Sendable {
  private struct Candidate {
    let text: [UInt8]
    let id: Int
  }

  /// 256 lists by first byte, each longest first.
  private let candidates: [[Candidate]]
  private let isFirst: [Bool]
  private let isEmpty: Bool

  /// - Parameter texts: UTF-8; empty ones are never found. Of equal ones the lowest id is.
  init(_ texts: some Sequence<(text: [UInt8], id: Int)>) {
    var candidates = [[Candidate]](repeating: [], count: 256)
    for (text, id) in texts {
      if let first = text.first { candidates[Int(first)].append(Candidate(text: text, id: id)) }
    }
    self.candidates = candidates.map { $0.sorted { ($1.text.count, $0.id) < ($0.text.count, $1.id) } }
    isFirst = candidates.map { !$0.isEmpty }
    isEmpty = !isFirst.contains(true)
  }

  /// The first place from `start` on where one of the texts may begin; the end of `text` where there is none.
  func nextCandidate(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    if isEmpty { return text.count }
    var position = start
    while position < text.count, !isFirst[Int(text[position])] { position += 1 }
    return position
  }

  /// The longest of the texts that stands at `position`.
  @inline(__always)
  func match(in text: UnsafeBufferPointer<UInt8>, at position: Int) -> (length: Int, id: Int)? {
    isEmpty || !isFirst[Int(text[position])] ? nil : matchCandidates(in: text, at: position)
  }

  private func matchCandidates(in text: UnsafeBufferPointer<UInt8>, at position: Int) -> (length: Int, id: Int)? {
    let rest = text[position...]
    let found = candidates[Int(text[position])].first { rest.starts(with: $0.text) }
    return found.map { ($0.text.count, $0.id) }
  }
}
