import Comparison
import Foundation
import Results

// The sections of the report that show what was measured, and how it came about.

extension ReportPage {
  func tables() -> [Markup] {
    guard !report.tables.isEmpty else { return [.element("p", ["Not measured by this suite: a compressed model."])] }
    let numbered = ["table-1", "table-2", "table-3"]
    return report.tables.map { table in
      let content = [
        scrolling(table.markup(caption: .element("caption", [.element("strong", [.text(table.title)])]))),
        .element("p", ["class": "note"], [.text(table.caption)]),
        downloads([
          download("\(table.name).csv", "text/csv", table.csv()),
          download("\(table.name).md", "text/markdown", table.markdown()),
          download("\(table.name).tex", "application/x-tex", table.latex()),
        ]),
      ]
      return numbered.contains(table.name)
        ? .element("div", content)
        : .element("details", [.element("summary", [.text(table.title)])] + content)
    }
  }

  func figures() -> [Markup] {
    var parts: [Markup] = []
    let undrawn = report.figures.contains { finding in
      if case .measured(let figure) = finding { pictures[figure.name] == nil } else { false }
    }
    if undrawn {
      parts.append(
        .element(
          "p",
          [
            "Figures that were measured could not be drawn: gnuplot is missing or failed. ",
            .element("code", [.text(Gnuplot.howToGet)]),
            " installs it; then write the report again, or run the scripts below beside their data.",
          ]))
    }
    return parts + report.figures.map(figure)
  }

  private func figure(_ finding: FigureFinding) -> Markup {
    switch finding {
    case .notMeasured(_, let title, let needs):
      return .element(
        "div", [.element("h3", [.text(title)]), .element("p", [.text("Not measured by this suite: \(needs).")])])
    case .measured(let figure):
      let picture = pictures[figure.name].flatMap {
        InlinePicture(svg: $0, name: figure.name, description: "\(figure.title). \(figure.caption)")
      }
      return .element(
        "figure",
        [
          .element("h3", [.text(figure.title)]),
          picture.map { scrolling($0.markup) } ?? .element("p", ["Missing: this figure was not drawn."]),
          .element("figcaption", [.text(figure.caption)]),
          downloads([
            download("\(figure.name).tsv", "text/tab-separated-values", figure.tsv),
            download("\(figure.name).gnuplot", "text/plain", FigureScript(figure).text),
          ]),
        ])
    }
  }

  func ledger() -> [Markup] {
    var parts: [Markup] = []
    if !report.ledger.entries.isEmpty {
      parts.append(
        .element(
          "p",
          [
            .text(
              "What became of each cell's documents, over all tasks: lost by compression and brought back by the "
                + "recovery; never right and learned; gained by compression and lost again; kept by compression and "
                + "broken by the recovery. For domains, what was brought back of the lost. The file has every task, with "
                + "intervals.")
          ]))
      parts.append(ledgerTable())
      var files = [download("ledger.tsv", "text/tab-separated-values", report.ledgerTSV)]
      if let facts = report.ledgerReport.factsTSV() {
        files.append(download("facts.tsv", "text/tab-separated-values", facts))
      }
      parts.append(downloads(files))
    }
    if !report.ledger.problems.isEmpty {
      parts += [.element("h3", ["Not in the ledger"]), list(report.ledger.problems)]
    }
    return parts
  }

  private func ledgerTable() -> Markup {
    let domains = report.ledger.domains
    let heading =
      [
        "model, compression, recovery", "brought back of the lost", "learned", "lost again", "broken",
        "displaced, points",
      ]
      + domains.map(\.name)
    var previous: String?
    let rows = report.ledger.entries.flatMap { entry -> [Markup] in
      let place = "\(entry.cell.model), \(entry.cell.compression)"
      let isFirst = previous != place
      previous = place
      let ledger = entry.ledger
      let displaced = report.ledger.displacement(of: entry).displaced
      func share(_ part: Int, _ all: Int) -> String {
        all == 0 ? "–" : "\(grouped(part)) of \(grouped(all)), \(decimal(100 * Double(part) / Double(all), 1)) %"
      }
      let numbers =
        [
          share(ledger.broughtBack, ledger.lost), share(ledger.learned, ledger.neverRight),
          share(ledger.gainedAndLost, ledger.gained), share(ledger.broken, ledger.kept),
          displaced.map { LedgerReport.points($0, unit: "") } ?? "–",
        ] + domains.map { domain in entry.ledger(of: domain).map { "\($0.broughtBack) of \($0.lost)" } ?? "–" }
      let row = Markup.element(
        "tr",
        [.element("th", ["scope": "row"], [.text(entry.cell.recovery)])]
          + numbers.map { .element("td", ["class": "number"], [.text($0)]) })
      return (isFirst ? [.groupRow(place, columns: heading.count)] : []) + [row]
    }
    return table(heading, numbers: 1..<heading.count, rows)
  }

  func cells() -> [Markup] {
    let names = Set(report.findings.compactMap { $0.result?.perplexities?.first?.name })
    let perplexity = names.isEmpty ? [] : ["perplexity"]
    let heading =
      ["model, compression, recovery", "average, %", "trained"] + perplexity + ["loss", "", "seconds", "result"]
    var previous: String?
    let rows = report.findings.flatMap { finding -> [Markup] in
      let place = "\(finding.cell.model), \(finding.cell.compression)"
      let isFirst = previous != place
      previous = place
      let name = Markup.element("th", ["scope": "row"], [.text(finding.cell.recovery)])
      let cells =
        finding.result.map { measured($0, finding.file, hasPerplexity: !perplexity.isEmpty) } ?? [
          .element("td", ["colspan": String(heading.count - 1)], [.text(finding.problem ?? "not measured")])
        ]
      return (isFirst ? [.groupRow(place, columns: heading.count)] : []) + [.element("tr", [name] + cells)]
    }
    return [
      table(heading, numbers: 1..<(3 + perplexity.count), rows),
      downloads([download("cells.tsv", "text/tab-separated-values", report.cellsTSV())]),
    ]
  }

  private func measured(_ result: CellResult, _ file: EvidenceFile?, hasPerplexity: Bool) -> [Markup] {
    func number(_ text: String) -> Markup { .element("td", ["class": "number"], [.text(text)]) }
    let score = Score(meanOf: result.tasks)
    let perplexity = result.perplexities?.first.map { decimal($0.wordPerplexity ?? $0.tokenPerplexity, 2) } ?? "–"
    let curve = result.training.flatMap { LossCurve($0.losses)?.markup }
    let losses = result.training.map { "\(decimal($0.firstLoss, 2)) → \(decimal($0.lastLoss, 2))" } ?? ""
    return [
      number(decimal(score.value, 2) + (score.error.map { " ±\(decimal($0, 2))" } ?? "")),
      number(result.parameters.trainable == 0 ? "–" : grouped(result.parameters.trainable)),
    ] + (hasPerplexity ? [number(perplexity)] : [])
      + [
        .element("td", [curve ?? ""]), number(losses), number(decimal(result.timing.totalSeconds, 0)),
        .element("td", ["class": "digest"], [.text(file.map { String($0.sha256.prefix(12)) } ?? "")]),
      ]
  }

  func provenance() -> [Markup] {
    var parts: [Markup] = []
    let results = report.findings.compactMap(\.result)
    var environments: [(environment: Environment, cells: Int)] = []
    for environment in results.map(\.environment) {
      if let index = environments.firstIndex(where: { $0.environment == environment }) {
        environments[index].cells += 1
      } else {
        environments.append((environment, 1))
      }
    }
    for (environment, cells) in environments {
      parts.append(
        facts([
          ("cells", String(cells)), ("recollect", environment.programVersion), ("OpenBLAS", environment.openBLAS),
          ("kernel", environment.kernel), ("system", "\(environment.operatingSystem), \(environment.architecture)"),
        ]))
    }
    if environments.count > 1 {
      parts.append(
        .element("p", ["Cells were made in different environments: their last digits may differ for that alone."]))
    }
    parts += [
      .element("h3", ["What went in, by SHA-256"]),
      table(
        ["input", "SHA-256"], numbers: 0..<0,
        inputs(of: results).map { name, digests in
          .element(
            "tr",
            [.element("th", ["scope": "row"], [.text(name)])]
              + [.element("td", ["class": "digest"], [.text(digests.joined(separator: ", "))])])
        }),
    ]
    let missing = report.findings.compactMap(\.problem)
    if !missing.isEmpty {
      parts += [
        .element("h3", [.text("Cells without a usable result: \(missing.count) of \(report.findings.count)")]),
        list(missing),
      ]
    }
    return parts
  }

  /// Digests by what they are of; the question of each cell is its own, and left out.
  private func inputs(of results: [CellResult]) -> [(String, [String])] {
    var digests: [String: [String]] = [:]
    for result in results {
      for (name, digest) in result.provenance where name != "question" {
        let input = name.hasPrefix("model/") ? "\(result.cell.model): \(name.dropFirst(6))" : name
        if digests[input]?.contains(digest) != true { digests[input, default: []].append(digest) }
      }
    }
    return digests.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
  }

  func reproduction() -> [Markup] {
    let suite = report.evidence.suite
    let results = report.findings.compactMap(\.result)
    let kernels = Set(results.map(\.environment.kernel)).sorted()
    let seeds = Set(results.map(\.seed)).sorted().map(String.init).joined(separator: ", ")
    let pinned = kernels.count == 1 ? "export OPENBLAS_CORETYPE=\(kernels[0])\n" : ""
    let commands = "\(pinned)recollect run \(suite)\nrecollect compare \(suite)\nrecollect report \(suite)\n"
    return [
      .element("pre", [.element("code", [.text(commands)])]),
      .element(
        "p",
        [
          .text(
            "Seed \(seeds). On the same OpenBLAS kernel every answer is the same bit for bit, whatever the number of "
              + "threads and however often the run was stopped; on another kernel the comparison is statistical.")
        ]),
    ]
  }
}
