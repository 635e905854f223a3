import Comparison
import Foundation

/// An audit for people: each check with what it found, and the sums by which a reader can check it.
package struct AuditReport {
  private let audit: Audit

  package init(_ audit: Audit) { self.audit = audit }

  package func plainText(width: Int = 98) -> String { text.plainText(width: width) }

  package func markdown() -> String { text.markdown() }

  private var text: ReportText {
    var text = ReportText()
    let publication = audit.publication
    text.title(publication.title)
    let rows = publication.tables.flatMap(\.rows)
    let findings = audit.findings.count
    text.paragraph(publication.source)
    text.paragraph(
      "\(count(publication.tables.count, "table")), \(count(rows.count, "row")), "
        + "\(count(rows.reduce(0) { $0 + $1.scores.count }, "percentage")): "
        + (findings == 0 ? "nothing contradicts." : "\(count(findings, "contradiction"))."))
    addAverages(to: &text)
    addDocuments(to: &text)
    addRows(to: &text)
    addParameters(to: &text)
    return text
  }

  private func addAverages(to text: inout ReportText) {
    guard !audit.averages.isEmpty else { return }
    let failed = audit.averages.filter { !$0.holds }
    let tables = Dictionary(grouping: audit.averages, by: \.place)
    let wholeRows = tables.count { $0.value.allSatisfy(\.holds) }
    text.section(
      "Averages: \(audit.averages.count - failed.count) of \(audit.averages.count) recompute, in \(wholeRows) of "
        + "\(tables.count) rows all of them")
    let tolerance = audit.averages.map(\.tolerance).max() ?? 0
    text.paragraph(
      "Tolerance: half a unit of the average's last place, and as much of each score's it is over, since both were "
        + "rounded: here at most \(decimal(tolerance, 3)).")
    text.list(
      failed.map { "\($0.place): \($0.average) is printed as \($0.printed.text), the scores give \($0.working)" })
  }

  private func addDocuments(to text: inout ReportText) {
    guard !audit.documents.isEmpty else { return }
    text.section("Documents: is each percentage a whole number of documents right? (GRIM)")
    let rows = audit.documents.map { check in
      [
        check.task, String(check.documents), String(check.differentPercentages), String(check.misfits.count),
        check.verdict == .noPower ? "1" : scientific(check.chance), Self.verdict(check.verdict),
      ]
    }
    text.table(
      ["task", "documents", "different %", "no count", "chance", "verdict"], rows, textColumns: [0, 5])
    text.paragraph(
      "“no count”: printed percentages that no number of documents gives. “chance”: how likely all would be counts if "
        + "they had nothing to do with that many documents; where it is 1, the test says nothing either way.")
    text.list(
      audit.documents.filter { $0.verdict == .excluded }.map { check in
        let shown = check.misfits.prefix(3).map { "\($0.percentage.text) (\($0.place))" }
        let more = check.misfits.count > 3 ? ", and \(check.misfits.count - 3) more" : ""
        return "\(check.task), \(check.documents) documents: excluded by \(shown.joined(separator: ", "))\(more)"
      })
  }

  private func addRows(to text: inout ReportText) {
    text.section("Duplicated rows: \(audit.duplicates.count)")
    text.list(audit.duplicates.map { "\($0.second) equals \($0.first.row) in all \($0.columns) columns" })
    guard !audit.labels.isEmpty else { return }
    let failed = audit.labels.filter { !$0.holds }
    text.section(
      "Labels: \(audit.labels.count - failed.count) of \(audit.labels.count) rows that stand in two tables agree in both"
    )
    text.list(audit.labels.map { "\($0.holds ? "✓" : "✗") \($0.place) \($0.detail)" })
  }

  private func addParameters(to text: inout ReportText) {
    guard !audit.parameters.isEmpty else { return }
    let failed = audit.parameters.filter { !$0.holds }
    text.section(
      "Parameters: \(audit.parameters.count - failed.count) of \(audit.parameters.count) printed sizes follow from the "
        + "publication's formulas")
    for model in audit.publication.models.map(\.name) {
      let checks = audit.parameters.filter { $0.model == model }
      text.table(
        [model, "formula", "gives", "printed", "verdict"],
        checks.map { check in
          [
            "\(check.method), \(check.unit) = \(check.size)", check.working, check.computed.map(grouped) ?? "–",
            check.printed.text, Self.verdict(check),
          ]
        }, textColumns: [0, 1, 4])
    }
    text.paragraph(
      "“fits”: the number gives the printed digits when it is rounded or cut. Otherwise: the size that would.")
    text.list(audit.adapted.map(adaptedText))
  }

  private func adaptedText(_ check: AdaptedCheck) -> String {
    let all = "all of its projections have \(grouped(check.all.parameters(rank: 1))) · rank"
    let subject = "\(check.model), \(check.method): counted from the model's shapes, "
    guard !check.fitting.isEmpty else { return subject + "\(all); no choice among them fits the printed sizes" }
    let fitting = check.fitting.map { "\($0.text): \(grouped($0.parameters(rank: 1))) · rank" }
    return subject + "\(all); what fits every printed size is \(fitting.joined(separator: ", or "))"
  }

  private static func verdict(_ check: ParameterCheck) -> String {
    guard !check.holds else { return check.computed == nil ? "not computable" : "fits" }
    guard let sizes = check.fittingSizes else { return "none would" }
    return sizes.count == 1 ? "\(sizes.lowerBound) would" : "\(sizes.lowerBound)–\(sizes.upperBound) would"
  }

  private static func verdict(_ verdict: DocumentCheck.Verdict) -> String {
    switch verdict {
    case .possible: "possible"
    case .excluded: "excluded"
    case .noPower: "no power"
    }
  }
}

/// "1 row", "2 rows".
private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

/// 0.00005 as 5e-05; without a sign of zero.
private func scientific(_ value: Double) -> String { String(format: "%.0e", value) }
