import ArgumentParser
import Experiments
import Foundation
import Reports
import Results
import Tensors

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what a suite will take before anything of it is run: disk, memory, multiply-adds, hours.",
    discussion: """
      A little of each kind of stage is tried for some seconds with the suite's own model and texts, and multiplied. What \
      even a little of would take too long is counted: its multiply-adds at this machine's rate. Stages that an earlier \
      run has stored take nothing. A stage that several cells share is counted at the first of them.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Option(help: "Say how long it takes on so many machines like this one, each stage on one of them.")
  var machines = 1

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @Option(help: "Score at most so many documents a task.")
  var limit: Int?

  @Option(help: "The folder that the suite's paths start at, in place of the suite's own.")
  var data: String?

  @Option(help: "The folder of finished stages. (default: stages in RECOLLECT_CACHE or the user's cache)")
  var store: String?

  @Flag(help: "Print the forecast as JSON.")
  var json = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    guard (1...100_000).contains(machines) else { throw ValidationError("--machines must be from 1 to 100000.") }
  }

  func run() throws {
    try reportingErrors {
      let file = try arguments.file()
      let suite = try Suite(contentsOf: file)
      let signals = StopSignals()
      let options = RunOptions(
        workers: Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount),
        storeFolder: store ?? Folders.cache + "/stages", resultsFolder: arguments.resultsFolder(of: suite),
        data: try data ?? SuiteArtifacts.folder(for: suite, isQuiet: quiet, signals: signals), limit: limit,
        programVersion: Recollect.version)
      let forecast = try SuiteForecast(suite, file: file, options: options, machines: machines) { note in
        if !quiet { standardError(note) }
      }
      if json {
        FileHandle.standardOutput.write(try resultJSON(forecast, file: "standard output"))
      } else {
        print(SuitePlanReport(forecast).text, terminator: "")
      }
    }
  }
}
