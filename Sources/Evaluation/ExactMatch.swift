/// How a generated answer is compared with the right ones.
package enum ExactMatch: Sendable {
  /// The answer without white space at its ends; letter case and ASCII punctuation of no account on either side.
  ///
  /// Source: `process_results` in lm-evaluation-harness 0bf683b4, lm_eval/tasks/triviaqa.py.
  case master2023
  /// The same, but that white space behind the answer counts.
  ///
  /// Source: lm-evaluation-harness 0.4.12, lm_eval/tasks/triviaqa/default.yaml (the filter `remove_whitespace`, and
  /// `exact_match` with `ignore_case` and `ignore_punctuation`).
  case version04

  /// Whether `answer`, cut at the stops, is one of `rightAnswers`.
  package func holds(_ answer: String, among rightAnswers: [String]) -> Bool {
    let stripped =
      switch self {
      case .master2023: answer.pythonStripped()
      case .version04: answer.pythonLeftStripped()
      }
    let wanted = Self.normalized(stripped)
    return rightAnswers.contains { Self.normalized($0).elementsEqual(wanted) }
  }

  private static func normalized(_ text: String) -> [Unicode.Scalar] {
    text.pythonLowercased().unicodeScalars.filter { !$0.isASCIIPunctuation }
  }
}

extension Unicode.Scalar {
  /// One of Python's `string.punctuation`.
  fileprivate var isASCIIPunctuation: Bool {
    switch value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}
