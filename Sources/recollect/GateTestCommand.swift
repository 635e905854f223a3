import ArgumentParser
import Comparison
import Experiments
import Foundation
import Reports
import Results
import Tensors

struct GateTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate-test",
    abstract: "Show that the gate of a suite shuts: inject known faults, and see each turn the comparison red.",
    discussion: """
      Takes the results of a run and their baseline, which must hold. One fault at a time is then put into copies of \
      them in a temporary folder: deleted, damaged, edited and stale files, wrong counts and numbers, a doubled ratio \
      of times. Four more are computed: cells run again with a wrong quantizer's scale, with columns left in \
      act-order, with shifted answers and with swapped prompts. Each must be shown by the check that is about it, in \
      its own cell.

      Exit status: 0 every fault is caught, 2 one is not; without a fault not green: that of compare.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Flag(help: "Only the cells of the suite's quick run.")
  var quick = false

  @Flag(help: "Leave out the faults that are computed.")
  var filesOnly = false

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @Option(help: "The folder that the suite's paths start at, in place of the suite's own.")
  var data: String?

  @Option(help: "The folder of the run's finished stages, which is only read. (default: that of run)")
  var store: String?

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
  }

  func run() throws {
    try reportingErrors {
      let file = try arguments.file()
      let suite = try Suite(contentsOf: file)
      let cells = quick ? try suite.quickCells() : try suite.cells()
      let results = arguments.resultsFolder(of: suite)
      let gate = GateTest(
        suite: suite.name, results: results, baseline: Folders.baseline(ofSuiteFile: file),
        allCells: try suite.cells(), cells: cells, rule: suite.gate.rule)
      let clean = gate.clean()
      guard clean.exitStatus() == 0 else {
        standardError("Without a fault the gate is not green, so faults would show nothing:")
        standardError(ComparisonReport(clean).plainText())
        throw ExitCode(clean.exitStatus())
      }
      var outcomes = try gate.outcomes()
      if !filesOnly {
        outcomes += try computed(
          suite, file: file, gate: gate, sound: StoredResults(folder: results, cells: cells).results)
      }
      let report = GateTestReport(suite: suite.name, outcomes: outcomes)
      print(json ? try report.json() : report.plainText(), terminator: "")
      if outcomes.contains(where: { $0.verdict == .missed }) { throw ExitCode(2) }
    }
  }

  private func computed(
    _ suite: Suite, file: String, gate: GateTest, sound: [Cell: CellResult]
  ) throws -> [GateTest.Outcome] {
    let signals = StopSignals()
    let options = RunOptions(
      workers: Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount),
      storeFolder: store ?? Folders.cache + "/stages", resultsFolder: gate.results,
      data: try data ?? SuiteArtifacts.folder(for: suite, isQuiet: quiet, signals: signals),
      programVersion: Recollect.version)
    let display = ProgressDisplay(isQuiet: quiet)
    defer { display.end() }
    let run = FaultRun(
      suite: suite, file: file, options: options, shouldStop: { signals.received != nil },
      report: { display.show($0) })
    do {
      return try InjectedFault.allCases.map { try run.outcome(of: $0, in: gate, sound: sound) }
    } catch is RunStopped {
      throw signals.exitCode
    }
  }
}
