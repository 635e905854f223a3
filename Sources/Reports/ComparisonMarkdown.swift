import Comparison

extension ComparisonReport {
  /// For the summary of a job: the verdict, what changed in tables, gravest first, and what to do next.
  package func markdown() -> String {
    var text = ReportText()
    let status = comparison.exitStatus(strictImprovement: strictImprovement)
    let gravest = Self.order.first { verdict in comparison.checks.contains { $0.verdict == verdict } }
    text.title("\(comparison.suite): \(gravest.map(Self.label) ?? (status == 0 ? "all held" : "nothing was compared"))")
    text.paragraph(summary + ".")
    for line in statistics { text.paragraph(line + ".") }
    for verdict in Self.order {
      let checks = groups.flatMap { group in
        group.checks.filter { $0.verdict == verdict }.map { (group.name, $0) }
      }
      guard !checks.isEmpty else { continue }
      text.section("\(Self.label(of: verdict)): \(checks.count)")
      text.table(
        ["cell", "check", "expected", "found", "tolerance", "difference", "why"],
        checks.prefix(Self.mostRows).map { name, check in
          [
            name, check.name, Self.shortened(check.expected), Self.shortened(check.found), check.tolerance,
            check.interval, ([check.detail] + flipLines(of: check)).filter { !$0.isEmpty }.joined(separator: "; "),
          ]
        }, textColumns: [0, 1, 2, 3, 4, 5, 6])
      if checks.count > Self.mostRows { text.paragraph("And \(checks.count - Self.mostRows) more.") }
    }
    text.section("Cells")
    text.table(
      ["cell", "held", "of", "verdict"],
      groups.map { group in
        let gravest = Self.order.first { verdict in group.checks.contains { $0.verdict == verdict } }
        return [
          group.name, "\(group.checks.count { $0.verdict == .pass })", "\(group.checks.count)",
          Self.label(of: gravest ?? .pass),
        ]
      }, textColumns: [0, 3])
    if !nextSteps.isEmpty {
      text.section("What to do")
      text.list(nextSteps)
    }
    return text.markdown()
  }

  /// GitHub shows a summary of at most one megabyte.
  private static let mostRows = 100

  /// The beginning of a digest is enough for the eye.
  private static func shortened(_ value: String) -> String {
    value.count == 64 && value.allSatisfy(\.isHexDigit) ? value.prefix(12) + "…" : value
  }

  /// A line of GitHub's for each check that did not hold, to be shown beside the job. Only ten of them are shown there.
  package func annotations() -> [String] {
    groups.flatMap { group in
      Self.order.flatMap { verdict in group.checks.filter { $0.verdict == verdict } }.map { check in
        let level = [.improvement, .inconclusive].contains(check.verdict) ? "warning" : "error"
        let title = Self.escaped("\(group.name): \(check.name)", inProperty: true)
        let message = [
          Self.label(of: check.verdict), Self.values(of: check), Self.bounds(of: check), check.detail,
        ].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "; ")
        return "::\(level) title=\(title)::\(Self.escaped(message, inProperty: false))"
      }
    }
  }

  /// As GitHub's runner reads its commands back: percent and line ends everywhere, colon and comma in properties.
  private static func escaped(_ text: String, inProperty: Bool) -> String {
    let common = text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    return inProperty ? common.replacing(":", with: "%3A").replacing(",", with: "%2C") : common
  }
}
