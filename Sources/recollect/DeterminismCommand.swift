import ArgumentParser
import Comparison
import Experiments
import Foundation
import Results

struct DeterminismCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "determinism",
    abstract: "Run a suite again in ways that must not matter, and hold the results against the first, bit for bit.",
    discussion: """
      Takes the results of a run. The suite is then run anew, each time into an empty store in a temporary folder: on \
      one thread, a request at a time, and killed twice in the middle; and on three threads, many requests at a time; \
      both with the cells in another order. Times are not measured, and everything else must be the same to the last \
      bit: scores, answers, losses, choices, digests, and what was said to each document.

      Exit status: 0 all the same, 2 something differs, 3 there is no run to hold them against.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Flag(help: "Only the cells of the suite's quick run.")
  var quick = false

  @Option(help: "The folder that the suite's paths start at, in place of the suite's own.")
  var data: String?

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  /// A way to run that must not matter.
  private struct Variation {
    let title: String
    let options: [String]
    /// Killed once so many stages a cell are finished.
    var kills: [Int] = []
  }

  private static let variations = [
    Variation(
      title: "1 thread, a request at a time, cells in another order, killed twice",
      options: ["--threads", "1", "--batch", "1", "--shuffle", "1"], kills: [1, 4]),
    Variation(
      title: "3 threads, many requests at a time, cells in a third order",
      options: ["--threads", "3", "--batch", "8064", "--shuffle", "2"]),
  ]

  func run() throws {
    try reportingErrors {
      let file = try arguments.file()
      let suite = try Suite(contentsOf: file)
      let cells = quick ? try suite.quickCells() : try suite.cells()
      let first = StoredResults(folder: arguments.resultsFolder(of: suite), cells: cells)
      if let failure = cells.compactMap({ first.failures[$0] }).first {
        standardError("There is no whole run to hold others against: \(failure)")
        standardError("Run it first: recollect run \(arguments.suite)\(quick ? " --quick" : "")")
        throw ExitCode(3)
      }
      let signals = StopSignals()
      var differs = false
      for variation in Self.variations {
        let folder = FileManager.default.temporaryDirectory
          .appendingPathComponent("recollect-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let kills = try repeatRun(of: file, variation, cellCount: cells.count, in: folder, signals: signals)
        let repetition = try Repetition(
          of: first, as: StoredResults(folder: folder + "/results", cells: cells), cells: cells)
        let verdict = repetition.differences.isEmpty ? "the same  " : "DIFFERENT "
        print("\(verdict)\(variation.title)\(kills == variation.kills.count ? "" : " (killed only \(kills) times)")")
        for line in repetition.differences.prefix(20) { print("          \(line)") }
        if repetition.differences.count > 20 { print("          and \(repetition.differences.count - 20) more") }
        differs = differs || !repetition.differences.isEmpty
      }
      print("\(suite.name): \(cells.count) cells, each \(differs ? "NOT " : "")the same to the last bit in every run")
      if differs { throw ExitCode(2) }
    }
  }

  /// Runs until the end, and is killed on the way; says how often.
  private func repeatRun(
    of suiteFile: String, _ variation: Variation, cellCount: Int, in folder: String, signals: StopSignals
  ) throws -> Int {
    let store = StageStore(folder: folder + "/stages")
    var kills = 0
    for stagesOfCell in variation.kills + [nil] {
      if !quiet { standardError("\(variation.title)\(stagesOfCell == nil ? "" : ": to be killed")") }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments =
        ["run", suiteFile, "--no-latency", "--store", store.folder, "--output", folder + "/results"] + variation.options
        + (quick ? ["--quick"] : []) + (quiet ? ["--quiet"] : []) + (data.map { ["--data", $0] } ?? [])
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      while process.isRunning {
        if signals.received != nil {
          process.terminate()
          process.waitUntilExit()
          throw signals.exitCode
        }
        if let stagesOfCell, store.stageCount >= stagesOfCell * cellCount {
          kill(process.processIdentifier, SIGKILL)
        }
        usleep(20_000)
      }
      if process.terminationReason == .uncaughtSignal {
        kills += 1
      } else if process.terminationStatus != 0 {
        throw ExitCode(process.terminationStatus)
      }
    }
    return kills
  }
}
