import ArgumentParser
import Experiments
import Foundation
import Reports
import Results
import Tensors

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a suite: compress, recover and score every cell, and write a result file a cell.",
    discussion: """
      Finished stages are kept: a run that was stopped or killed goes on where it was, and a second run is quick. The \
      results are the same whatever the number of threads, the batch and the order of the cells; `recollect determinism` \
      shows it.
      """)

  @OptionGroup var arguments: SuiteArguments
  @OptionGroup var running: SuiteRunArguments

  @Flag(help: "Run only the cells of the suite's quick run.")
  var quick = false

  @Flag(help: "Measure times again that an earlier run has measured on this machine.")
  var measureLatency = false

  @Flag(help: "Measure no times.")
  var noLatency = false

  @Option(help: "Tokens to score at once on a thread. It changes time and memory, and no result. (default: 1008)")
  var batch: Int?

  @Option(help: "Make the cells in an order drawn by this number. It changes no result.")
  var shuffle: UInt64?

  @Flag(help: "Print the results as JSON.")
  var json = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func validate() throws {
    if let batch, !(1...1 << 24).contains(batch) { throw ValidationError("--batch must be from 1 to 16777216.") }
    if noLatency, measureLatency { throw ValidationError("--measure-latency and --no-latency exclude each other.") }
  }

  func run() throws {
    try reportingErrors {
      let file = try arguments.file()
      let suite = try Suite(contentsOf: file)
      let display = ProgressDisplay(isQuiet: quiet)
      let signals = StopSignals()
      var options = try running.options(
        for: suite, resultsFolder: arguments.resultsFolder(of: suite), isQuiet: quiet, signals: signals)
      options.cells = quick ? Set(try suite.quickCells()) : nil
      options.tokensTogether = batch
      options.orderSeed = shuffle
      options.times = noLatency ? .none : measureLatency ? .anew : .kept
      display.begin(suite: suite.name, options: options)
      let outcome: RunOutcome
      do {
        outcome = try Runner(
          suite: suite, file: file, options: options, shouldStop: { signals.received != nil },
          report: { display.show($0) }
        ).run()
      } catch is RunStopped {
        display.end()
        standardError("Stopped. What was finished is kept: the same command goes on from there.")
        throw signals.exitCode
      } catch {
        display.end()
        throw error
      }
      display.end()
      let results = try suite.cells().compactMap { outcome.results[$0] }
      if json {
        for result in results {
          FileHandle.standardOutput.write(try ResultFile.encode(result, file: result.cell.path))
        }
      } else if !results.isEmpty {
        print(ResultTable(results: results).plainText(width: Terminal.width), terminator: "")
        let star = results.allSatisfy(\.isComparable) ? "" : " A star marks what may not be compared."
        print("Accuracies in percent.\(star) One file a cell in \(options.resultsFolder).")
      }
      for (cell, error) in outcome.failures.sorted(by: { $0.key < $1.key }) {
        standardError("\(cell) failed: \(ErrorText(error).text)")
      }
      if !outcome.failures.isEmpty { throw ExitCode(3) }
    }
  }
}
