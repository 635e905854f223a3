import Comparison
import Foundation
import Results

/// The verdicts for people: all of them in a table, then each claim with the numbers that decide it.
package struct ClaimsReport {
  private let claims: [Claim]
  private let title: String

  package init(_ claims: [Claim], title: String) {
    self.claims = claims
    self.title = title
  }

  package func plainText(width: Int = 98) -> String { text(withDetails: false).plainText(width: width) }

  /// With the numbers of single domains and tasks.
  package func markdown() -> String { text(withDetails: true).markdown() }

  package func json() throws(ResultError) -> String {
    struct Record: Encodable {
      let schema = "recollect-claims"
      let schemaVersion = 1
      let title: String
      let claims: [Claim]
    }
    return String(
      decoding: try resultJSON(Record(title: title, claims: claims), file: "standard output"), as: UTF8.self)
  }

  private func text(withDetails: Bool) -> ReportText {
    var text = ReportText()
    text.title(title)
    let counts = ClaimVerdict.allCases.compactMap { verdict -> String? in
      let count = claims.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(Self.label(verdict)): \(count)"
    }
    text.paragraph("\(claims.count) claims. \(counts.joined(separator: "; ")).")
    text.table(
      ["claim", "verdict", "found"],
      claims.map { [$0.id, Self.shortLabel($0.verdict), $0.value.isEmpty ? "–" : $0.value] }, textColumns: [0, 1, 2])
    for claim in claims { add(claim, to: &text, withDetails: withDetails) }
    text.section("Evidence")
    var files: [EvidenceFile] = []
    for file in claims.flatMap(\.evidence) where !files.contains(file) { files.append(file) }
    text.list(files.map { "\($0.name) SHA-256 \($0.sha256)" })
    return text
  }

  private func add(_ claim: Claim, to text: inout ReportText, withDetails: Bool) {
    text.section("\(claim.id): \(Self.label(claim.verdict))")
    text.paragraph("\(claim.isQuoted ? "“\(claim.statement)”" : claim.statement) (\(claim.place))")
    var facts: [(name: String, text: String)] = []
    func add(_ name: String, _ text: String?) {
      if let text, !text.isEmpty { facts.append((name, text)) }
    }
    add("published", claim.published)
    add("found", claim.value)
    add("reading", claim.reading)
    add("computed", "\(claim.quantity): \(claim.formula)")
    add("needed", claim.missing)
    add("holds for", claim.scale)
    add("from", Self.sources(of: claim))
    text.facts(facts)
    self.add(claim.workings, to: &text)
    if withDetails { self.add(claim.details, to: &text) }
    text.list(claim.notes)
  }

  private func add(_ workings: [Claim.Working], to text: inout ReportText) {
    let hasIntervals = workings.contains { $0.interval != nil }
    let hasNotes = workings.contains { !$0.note.isEmpty }
    let kinds = Set(workings.compactMap(\.interval?.kind)).sorted().joined(separator: " or ")
    let rows = workings.map { working in
      [working.name, working.expression, "= " + Self.value(working)]
        + (hasIntervals ? [working.interval.map(Self.interval) ?? ""] : []) + (hasNotes ? [working.note] : [])
    }
    let heading = ["", "from", "value"] + (hasIntervals ? [kinds] : []) + (hasNotes ? [""] : [])
    text.table(heading, rows, textColumns: hasIntervals ? [0, 1, 4] : [0, 1, 3])
  }

  /// The places of the printed numbers, with how many are used: "Abstract, Table 1 (12 numbers)".
  static func sources(of claim: Claim) -> String {
    var places: [String] = []
    for input in claim.inputs where !places.contains(input.place) { places.append(input.place) }
    return places.map { place in
      let count = claim.inputs.count { $0.place == place }
      return count == 1 ? place : "\(place) (\(count) numbers)"
    }.joined(separator: "; ")
  }

  static func value(_ working: Claim.Working) -> String {
    guard let value = working.value else { return "–" }
    switch working.unit {
    case "×": return decimal(value, 2) + "×"
    // Ratios of times, and distances of cosines from one.
    case "times": return decimal(value, 3) + " times"
    case "from 1": return decimal(value, 4) + " from 1"
    case "points": return signed(value, 2)
    case "%": return decimal(value, working.interval == nil ? 3 : 1) + " %"
    case "parameters": return grouped(Int(value))
    default: return "\(grouped(Int(value))) \(working.unit)"
    }
  }

  static func interval(_ interval: Claim.Interval) -> String {
    "[\(decimal(interval.low, 2)), \(decimal(interval.high, 2))]"
  }

  static func label(_ verdict: ClaimVerdict) -> String {
    switch verdict {
    case .supported: "supported"
    case .contradicted: "contradicted"
    case .undecidable: "undecidable at this n"
    case .holdsUnderReading: "holds only under a reading"
    case .contradictedByOwnTables: "contradicted by the paper's own tables"
    case .notMeasured: "not measured yet"
    }
  }

  static func shortLabel(_ verdict: ClaimVerdict) -> String {
    switch verdict {
    case .holdsUnderReading: "only under a reading"
    case .contradictedByOwnTables: "contradicted by own tables"
    case .supported, .contradicted, .undecidable, .notMeasured: label(verdict)
    }
  }
}
