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
  @OptionGroup var running: SuiteRunArguments

  @Option(help: "Say how long it takes on so many machines like this one, each stage on one of them.")
  var machines = 1

  @Flag(help: "Print the forecast as JSON.")
  var json = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func validate() throws {
    guard (1...100_000).contains(machines) else { throw ValidationError("--machines must be from 1 to 100000.") }
  }

  func run() throws {
    try reportingErrors {
      let file = try arguments.file()
      let suite = try Suite(contentsOf: file)
      let options = try running.options(
        for: suite, resultsFolder: arguments.resultsFolder(of: suite), isQuiet: quiet, signals: StopSignals())
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
