import Comparison
import Foundation
import Results

/// The report as one HTML file that needs nothing beside it: no server, no network, no script. The verdict comes first.
struct ReportPage {
  let report: SuiteReport
  /// gnuplot's SVG by the names of figures.
  let pictures: [String: String]

  init(_ report: SuiteReport, pictures: [String: String]) {
    self.report = report
    self.pictures = pictures
  }

  func html() -> String {
    let parts: [(id: String, title: String, content: [Markup])] = [
      ("verdict", "Forgotten or displaced?", verdict()), ("claims", "The paper's claims", claims()),
      ("tables", "Tables", tables()), ("figures", "Figures", figures()), ("ledger", "The flip ledger", ledger()),
      ("cells", "Cells", cells()), ("provenance", "Environment and provenance", provenance()),
      ("reproduce", "How to reproduce", reproduction()),
    ]
    let links = parts.map { Markup.element("li", [.element("a", ["href": "#\($0.id)"], [.text($0.title)])]) }
    let sections = parts.map { part in
      Markup.element("section", ["id": part.id], [.element("h2", [.text(part.title)])] + part.content)
    }
    let title = "recollect: \(report.evidence.suite)"
    let head = Markup.element(
      "head",
      [
        .element("meta", ["charset": "utf-8"], []),
        .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"], []),
        .element("meta", ["name": "color-scheme", "content": "light dark"], []),
        // Without it a browser asks the server, or the disk, for one.
        .trusted("<link rel=\"icon\" href=\"data:,\">\n"),
        .element("title", [.text(title)]), .element("style", [.trusted(PageStyle.css)]),
      ])
    let header = Markup.element(
      "header",
      [
        .element("h1", [.text("Compressed language models: suite \(report.evidence.suite)")]),
        .element("p", ["class": "faint"], [.text("Measured by recollect, held against: \(report.publication.title)")]),
        .element("nav", [.element("ul", links)]),
      ])
    let footer = Markup.element(
      "footer", ["class": "faint"], [.text("Written by recollect \(report.programVersion). This file needs no other.")])
    let body = Markup.element("body", [header, .element("main", sections), footer])
    return "<!DOCTYPE html>\n" + Markup.element("html", ["lang": "en"], [head, body]).html
  }

  private func verdict() -> [Markup] {
    let ledger = report.ledgerReport
    var parts: [Markup] = [.element("p", ["class": "answer"], [.text(ledger.headline)])]
    let answers = report.ledger.answers()
    if !answers.isEmpty { parts.append(.element("div", ["class": "families"], answers.map(family))) }
    parts += ledger.sentences.map { .element("p", [.text($0)]) }
    if !answers.isEmpty {
      parts.append(
        .element("details", [.element("summary", ["How this is judged"]), list(LedgerReport.method)]))
    }
    parts += groups(
      "By model and compression", "model, compression", report.ledger.answersByCompression(), hasFamily: true)
    parts += groups("By domain, all methods", "domain", report.ledger.answersByDomain(), hasFamily: false)
    parts += groups(
      "By how often the corpora state the fact, all methods", "times stated", report.ledger.answersByExposure(),
      hasFamily: false)
    return parts
  }

  private func family(_ group: SuiteLedger.Group) -> Markup {
    let displacement = group.displacement
    let verdict = report.ledgerReport.verdict(of: group)
    let shares = [
      ("brought back", displacement.broughtBack, true), ("learned", displacement.learned, false),
    ]
    let rows = shares.flatMap { name, share, isMain -> [Markup] in
      guard let share else { return [] }
      let interval = share.interval(confidence: Displacement.confidence)
      func percent(_ value: Double) -> String { "\(decimal(100 * value, 1))%" }
      return [
        .element("span", [.text(name)]),
        .element(
          "span", ["class": "track"],
          [
            .element("i", ["class": isMain ? "main" : "control", "style": "width: \(percent(share.value))"], []),
            .element(
              "b", ["style": "left: \(percent(interval.low)); width: \(percent(interval.high - interval.low))"], []),
          ]), .element("span", [.text("\(decimal(100 * share.value, 1)) %")]),
      ]
    }
    return .element(
      "div", ["class": "family"],
      [
        .element(
          "h3", [.text(group.family.title), badge(verdict, ClaimsReport.label(verdict))]),
        .element("div", ["class": "shares"], rows),
        .element("p", [.text(displacement.displaced.map { "displaced: \(LedgerReport.points($0))" } ?? "")]),
        .element("p", ["class": "note"], [.text(report.ledgerReport.reason(of: group))]),
      ])
  }

  private func groups(
    _ title: String, _ name: String, _ groups: [SuiteLedger.Group], hasFamily: Bool
  ) -> [Markup] {
    guard !groups.isEmpty else { return [] }
    func share(_ share: ClusteredShare?) -> String { share.map { LedgerReport.share($0, unit: "") } ?? "–" }
    let heading =
      [hasFamily ? "\(name), methods" : name]
      + ["displaced?", "lost", "gained", "brought back, %", "undone, %", "learned, %", "displaced, points"]
    var previous: String?
    let rows = groups.flatMap { group -> [Markup] in
      let displacement = group.displacement
      let isFirst = previous != group.name
      previous = group.name
      let questions = displacement.broughtBack.map { "\(grouped($0.trials)) (\(grouped($0.clusters)))" } ?? "0"
      let numbers = [
        questions, grouped(displacement.ledger.gained), share(displacement.broughtBack),
        displacement.undone.map { decimal(100 * $0, 1) } ?? "–", share(displacement.learned),
        displacement.displaced.map { LedgerReport.points($0, unit: "") } ?? "–",
      ]
      let row = Markup.element(
        "tr",
        [
          .element("th", ["scope": "row"], [.text(hasFamily ? group.family.rawValue : group.name)]),
          .element("td", [badge(displacement.verdict, displacement.verdict.rawValue)]),
        ] + numbers.map { .element("td", ["class": "number"], [.text($0)]) })
      return (isFirst && hasFamily ? [.groupRow(group.name, columns: heading.count)] : []) + [row]
    }
    return [
      .element("h3", [.text(title)]),
      table(heading, numbers: 2..<heading.count, rows),
      .element(
        "p", ["class": "note"],
        [
          .text(
            "Lost and gained: trials, and in brackets the \(report.ledger.clusterName)s that were lost. Undone: of the lost less the gained. "
              + "Displaced: undone less learned.")
        ]),
    ]
  }

  private func claims() -> [Markup] {
    let rows = report.claims.map { claim in
      Markup.element(
        "tr",
        [
          .element("th", ["scope": "row"], [.element("a", ["href": "#claim-\(claim.id)"], [.text(claim.id)])]),
          .element("td", [badge(claim.verdict, ClaimsReport.shortLabel(claim.verdict))]),
          .element("td", [.text(claim.value.isEmpty ? "–" : claim.value)]),
        ])
    }
    return [table(["claim", "verdict", "found"], numbers: 0..<0, rows, kind: "claims")] + report.claims.map(claim)
  }

  private func claim(_ claim: Claim) -> Markup {
    let facts: [(String, String?)] = [
      ("published", claim.published), ("found", claim.value), ("reading", claim.reading),
      ("computed", "\(claim.quantity): \(claim.formula)"), ("needed", claim.missing), ("holds for", claim.scale),
      ("from", ClaimsReport.sources(of: claim)),
    ]
    var parts: [Markup] = [
      .element(
        "h3", ["id": "claim-\(claim.id)"],
        [.text("\(claim.id): "), badge(claim.verdict, ClaimsReport.label(claim.verdict))]),
      .element("p", [.text(Self.statement(of: claim))]),
      self.facts(facts.compactMap { name, text in text.flatMap { $0.isEmpty ? nil : (name, $0) } }),
    ]
    if !claim.workings.isEmpty {
      let numbers = workings(claim.workings)
      // A suite of many cells has hundreds of them.
      parts.append(
        claim.workings.count > 12
          ? .element("details", [.element("summary", [.text("\(claim.workings.count) numbers")]), numbers]) : numbers)
    }
    if !claim.details.isEmpty {
      parts.append(
        .element(
          "details",
          [
            .element("summary", [.text("\(claim.details.count) numbers of single cells, domains and tasks")]),
            workings(claim.details),
          ]))
    }
    if !claim.notes.isEmpty { parts.append(list(claim.notes)) }
    return .element("div", ["class": "claim"], parts)
  }

  /// Empty where the publication's file does not have it.
  private static func statement(of claim: Claim) -> String {
    guard !claim.statement.isEmpty else { return "" }
    return (claim.isQuoted ? "“\(claim.statement)”" : claim.statement) + " (\(claim.place))"
  }

  private func workings(_ workings: [Claim.Working]) -> Markup {
    let kinds = Set(workings.compactMap(\.interval?.kind)).sorted().joined(separator: " or ")
    let rows = workings.map { working in
      Markup.element(
        "tr",
        [
          .element("th", ["scope": "row"], [.text(working.name)]), .element("td", [.text(working.expression)]),
          .element("td", ["class": "number"], [.text(ClaimsReport.value(working))]),
          .element("td", ["class": "number"], [.text(working.interval.map(ClaimsReport.interval) ?? "")]),
          .element("td", [.text(working.note)]),
        ])
    }
    return table(["", "from", "value", kinds, ""], numbers: 2..<4, rows)
  }

  func badge(_ verdict: ClaimVerdict, _ text: String) -> Markup {
    .element("span", ["class": "verdict \(verdict.rawValue)"], [.text(text)])
  }

  func list(_ items: [String]) -> Markup { .element("ul", items.map { .element("li", [.text($0)]) }) }

  func facts(_ facts: [(String, String)]) -> Markup {
    .element("dl", facts.flatMap { [Markup.element("dt", [.text($0.0)]), .element("dd", [.text($0.1)])] })
  }

  func table(_ heading: [String], numbers: Range<Int>, _ rows: [Markup], kind: String? = nil) -> Markup {
    let cells = heading.enumerated().map { index, name in
      Markup.element(
        "th", numbers.contains(index) ? ["scope": "col", "class": "number"] : ["scope": "col"], [.text(name)])
    }
    let table = Markup.element(
      "table", kind.map { ["class": $0] } ?? [:],
      [.element("thead", [.element("tr", cells)]), .element("tbody", rows)])
    return scrolling(table)
  }

  /// What is wider than a phone is moved sideways by itself, not with the page; the keyboard reaches it, too.
  func scrolling(_ content: Markup) -> Markup { .element("div", ["class": "scroll", "tabindex": "0"], [content]) }

  /// A file inside the page.
  func download(_ name: String, _ type: String, _ content: String) -> Markup {
    let data = Data(content.utf8).base64EncodedString()
    return .element("a", ["download": name, "href": "data:\(type);base64,\(data)"], [.text(name)])
  }

  func downloads(_ files: [Markup]) -> Markup {
    .element("p", ["class": "downloads note"], ["Download: "] + files.flatMap { [$0, " "] })
  }
}
