import ArgumentParser
import Comparison
import Experiments
import Foundation
import Reports

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Check the arithmetic of a publication's printed tables. Needs no model.",
    discussion: """
      Recomputes averages from the printed scores; asks of each percentage whether it is a whole number of documents \
      right (GRIM); looks for rows that are repeated, or stand under another label in another table; and holds printed \
      numbers of parameters against the publication's formulas. Baselines/paper/published.yaml explains the format.

      Exit status: 0 nothing contradicts, 2 contradictions, 64 the file cannot be used.
      """)

  @Argument(help: "The publication's YAML file. (default: Baselines/paper/published.yaml)")
  var file: String?

  @OptionGroup var form: ReportForm

  func run() throws {
    try reportingErrors {
      let audit = Audit(try Publication(contentsOf: try file ?? Folders.publishedPaper()))
      switch form.chosen {
      case .text: print(AuditReport(audit).plainText(), terminator: "")
      case .markdown: print(AuditReport(audit).markdown(), terminator: "")
      case .json: print(try AuditRecord(audit).json(), terminator: "")
      }
      if audit.exitStatus != 0 { throw ExitCode(audit.exitStatus) }
    }
  }
}

/// How a report is printed.
struct ReportForm: ParsableArguments {
  enum Form: EnumerableFlag {
    case text
    case json
    case markdown

    static func help(for value: Form) -> ArgumentHelp? {
      switch value {
      case .text: "Print text for a terminal. (default)"
      case .json: "Print JSON, with every number."
      case .markdown: "Print Markdown."
      }
    }
  }

  @Flag(exclusivity: .exclusive) var form: Form?

  var chosen: Form { form ?? .text }
}

extension Folders {
  /// `Baselines/paper/published.yaml`, here or in a folder above.
  static func publishedPaper() throws -> String {
    var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    while true {
      let file = folder.appendingPathComponent("Baselines/paper/published.yaml").path
      if FileManager.default.fileExists(atPath: file) { return file }
      if folder.path == "/" { break }
      folder.deleteLastPathComponent()
    }
    throw ValidationError(
      "There is no Baselines/paper/published.yaml here or above: start recollect in its project's folder, or name a file."
    )
  }
}
