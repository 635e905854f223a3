import Comparison

extension ComparisonReport {
  /// JUnit's XML: a suite for each cell, a case for each check. What did not hold is a failure, a cell without a result
  /// an error; what cannot be decided is skipped, with the reason.
  package func junit() -> String {
    let checks = comparison.checks
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites name=\"\(Self.xml(comparison.suite))\" \(Self.counts(of: checks))>\n"
    for group in groups {
      text += "  <testsuite name=\"\(Self.xml(group.name))\" \(Self.counts(of: group.checks))>\n"
      for check in group.checks { text += testCase(check, in: group.name) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private enum Outcome {
    case passed
    case failed
    case error
    case skipped
  }

  private static func outcome(of verdict: Verdict) -> Outcome {
    switch verdict {
    case .pass, .improvement: .passed
    case .inconclusive: .skipped
    case .regression, .baselineMissing, .baselineStale, .baselineUnused: .failed
    case .cellFailed: .error
    }
  }

  private static func counts(of checks: [Check]) -> String {
    func count(_ outcome: Outcome) -> Int { checks.count { Self.outcome(of: $0.verdict) == outcome } }
    return "tests=\"\(checks.count)\" failures=\"\(count(.failed))\" errors=\"\(count(.error))\" "
      + "skipped=\"\(count(.skipped))\""
  }

  private func testCase(_ check: Check, in group: String) -> String {
    let head = "    <testcase classname=\"\(Self.xml(group))\" name=\"\(Self.xml(check.name))\""
    let label = Self.label(of: check.verdict)
    let message = Self.xml([label, Self.values(of: check)].compactMap(\.self).joined(separator: ": "))
    let body = Self.xml(
      ([Self.values(of: check, separator: "\n"), Self.bounds(of: check), check.detail] + flipLines(of: check))
        .compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "\n"), isAttribute: false)
    switch Self.outcome(of: check.verdict) {
    case .passed where check.verdict == .pass: return head + "/>\n"
    case .passed: return head + ">\n      <system-out>\(label)\n\(body)</system-out>\n    </testcase>\n"
    case .failed: return Self.element("failure", head, label, message, body)
    case .error: return Self.element("error", head, label, message, body)
    case .skipped:
      let reason = Self.xml([label, check.detail].filter { !$0.isEmpty }.joined(separator: ": "))
      return head + ">\n      <skipped message=\"\(reason)\"/>\n    </testcase>\n"
    }
  }

  private static func element(
    _ name: String, _ head: String, _ type: String, _ message: String, _ body: String
  ) -> String {
    head + ">\n      <\(name) type=\"\(type)\" message=\"\(message)\">\(body)</\(name)>\n    </testcase>\n"
  }

  /// Text that XML 1.0 can hold: its own characters as references, line ends in attributes too, since those would be
  /// read as blanks; what no XML may contain becomes U+FFFD.
  static func xml(_ text: String, isAttribute: Bool = true) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"" where isAttribute: escaped += "&quot;"
      case "\r": escaped += "&#13;"
      case "\t", "\n":
        if isAttribute { escaped += "&#\(scalar.value);" } else { escaped.unicodeScalars.append(scalar) }
      case "\u{20}"..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
        escaped.unicodeScalars.append(scalar)
      default: escaped += "\u{FFFD}"
      }
    }
    return escaped
  }
}
