import Comparison
import Foundation
import Results

/// Everything that a report on a suite's results consists of: the page, and beside it tables, figures and lists.
package struct SuiteReport {
  let evidence: SuiteEvidence
  let publication: Publication
  let claims: [Claim]
  let ledger: SuiteLedger
  let tables: [ScoreTable]
  let figures: [FigureFinding]
  let findings: [SuiteEvidence.Finding]
  let ledgerTSV: String
  /// Of the program that writes it.
  let programVersion: String

  /// - Parameter isRepeated: whether the suite repeats the publication, so that its numbers stand beside the suite's own.
  package init(evidence: ClaimEvidence, suite: SuiteEvidence, isRepeated: Bool, programVersion: String) {
    self.evidence = suite
    publication = evidence.publication
    claims = evidence.claims()
    ledger = SuiteLedger(suite, domains: publication.averages, facts: evidence.facts)
    tables = PaperTables(suite, publication: publication, isRepeated: isRepeated).all()
    figures = PaperFigures(suite, repeating: isRepeated ? publication : nil).all()
    findings = suite.findings()
    self.programVersion = programVersion
    ledgerTSV = LedgerReport(ledger).tsv()
  }

  package var ledgerReport: LedgerReport { LedgerReport(ledger) }

  /// Cells without a usable result, each with the reason.
  package var problems: [String] { findings.compactMap(\.problem) }

  /// Writes `index.html`, `tables`, `figures`, `ledger.tsv`, `cells.tsv` and, where facts are known, `facts.tsv`.
  ///
  /// - Parameter gnuplot: nil where the system has none; then the figures' data and scripts are written all the same.
  /// - Returns: why figures could not be drawn; empty where all were.
  @discardableResult
  package func write(to folder: String, gnuplot: Gnuplot?) throws(ResultError) -> [String] {
    var pictures: [String: String] = [:]
    var failures: [String] = []
    for case .measured(let figure) in figures {
      let path = "\(folder)/figures/\(figure.name)"
      try write(figure.tsv, to: "\(path).tsv")
      try write(FigureScript(figure).text, to: "\(path).gnuplot")
      guard let gnuplot else { continue }
      do throws(Gnuplot.Failure) {
        try gnuplot.run("\(figure.name).gnuplot", in: "\(folder)/figures")
      } catch {
        failures.append("\(error.script): \(error.reason)")
        continue
      }
      do {
        pictures[figure.name] = try String(contentsOfFile: "\(path).svg", encoding: .utf8)
      } catch {
        throw .unreadable(file: "\(path).svg", reason: error.localizedDescription)
      }
    }
    if gnuplot == nil { failures.append("gnuplot is not installed (\(Gnuplot.howToGet))") }
    for table in tables {
      let path = "\(folder)/tables/\(table.name)"
      try write(table.markdown(), to: "\(path).md")
      try write(table.latex(), to: "\(path).tex")
      try write(table.csv(), to: "\(path).csv")
      try write(table.html(), to: "\(path).html")
    }
    try write(ledgerTSV, to: "\(folder)/ledger.tsv")
    try write(cellsTSV(), to: "\(folder)/cells.tsv")
    if let facts = ledgerReport.factsTSV() { try write(facts, to: "\(folder)/facts.tsv") }
    try write(ReportPage(self, pictures: pictures).html(), to: "\(folder)/index.html")
    return failures
  }

  private func write(_ text: String, to path: String) throws(ResultError) {
    try writeResult(Data(text.utf8), to: path)
  }

  func cellsTSV() -> String {
    let heading = [
      "model", "compression", "recovery", "average", "standard error", "trained parameters", "seconds", "file",
      "sha256",
      "problem",
    ]
    let rows = findings.map { finding -> [String] in
      let names = [finding.cell.model, finding.cell.compression, finding.cell.recovery]
      guard let result = finding.result else {
        return names + ["", "", "", "", "", "", plotText(finding.problem ?? "")]
      }
      let score = Score(meanOf: result.tasks)
      return names + [
        plotNumber(score.value), score.error.map(plotNumber) ?? "", String(result.parameters.trainable),
        plotNumber(result.timing.totalSeconds), plotText(finding.file?.name ?? ""), finding.file?.sha256 ?? "", "",
      ]
    }
    return ([heading] + rows).map { $0.joined(separator: "\t") + "\n" }.joined()
  }
}
