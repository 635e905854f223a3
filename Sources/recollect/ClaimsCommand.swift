import ArgumentParser
import Artifacts
import Comparison
import Experiments
import Foundation
import Reports
import Results

struct ClaimsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claims",
    abstract: "Print a verdict on every claim of the paper, with the numbers that decide it.",
    discussion: """
      What the paper's own numbers decide needs no run. The other claims are decided by the results of a suite, at its \
      scale; without them they are not measured yet.

      Exit status: 0 whatever the verdicts, 64 the files cannot be used.
      """)

  @Argument(help: "The folder of one suite's results, such as recollect-results/<suite>.")
  var results: String?

  @Option(help: "The suite of the results: a name or a file. (default: the one that the results name)")
  var suite: String?

  @Option(help: "What the paper printed. (default: Baselines/paper/published.yaml)")
  var paper: String?

  @OptionGroup var asked: QuestionArguments

  @OptionGroup var form: ReportForm

  func validate() throws {
    guard results != nil || asked.questions == nil else {
      throw ValidationError("--questions needs the results of a suite that asks them.")
    }
  }

  func run() throws {
    try reportingErrors {
      let file = try paper ?? Folders.publishedPaper()
      let publication = try Publication(contentsOf: file)
      let measured = try results.map { try MeasuredFolder($0) }
      let suite = try measured?.asked(self.suite)
      let evidence = ClaimEvidence(
        publication: publication, publicationFile: EvidenceFile(name: file, sha256: try sha256(ofFile: file)),
        suite: try suite.flatMap { try measured?.evidence(of: $0) },
        facts: try suite.flatMap { try asked.facts(for: $0) })
      let report = ClaimsReport(evidence.claims(), title: publication.title)
      switch form.chosen {
      case .text: print(report.plainText(), terminator: "")
      case .markdown: print(report.markdown(), terminator: "")
      case .json: print(try report.json(), terminator: "")
      }
    }
  }
}
