/// Which form of EleutherAI/lm-evaluation-harness a benchmark follows: some ask otherwise in one than in the other.
package enum HarnessProtocol: String, Sendable, CaseIterable {
  /// Branch master of 2023, up to its last commit 0bf683b4: what the papers of that year used.
  case master2023 = "2023"
  /// The present harness, 0.4 as of 0.4.12.
  case version04 = "0.4"

  /// As part of a benchmark's version.
  var version: String {
    switch self {
    case .master2023: "lm-evaluation-harness 0bf683b4 (master, December 2023)"
    case .version04: "lm-evaluation-harness 0.4.12"
    }
  }

  /// In which order a limited number of documents is taken.
  package var documentOrder: DocumentSelection.Order {
    switch self {
    case .master2023: .shuffled
    case .version04: .file
    }
  }

  package var encoding: RequestEncoding {
    switch self {
    case .master2023: RequestEncoding(boundary: .pair, prefix: .endOfText)
    case .version04: RequestEncoding(boundary: .pair, prefix: .beginningElseEndOfText)
    }
  }
}
