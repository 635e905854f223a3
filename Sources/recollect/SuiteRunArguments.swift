import ArgumentParser
import Experiments
import Foundation
import Tensors

/// How a suite is run, on which files.
struct SuiteRunArguments: ParsableArguments {
  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @Option(help: "Score at most so many documents a task; such results are not comparable.")
  var limit: Int?

  @Option(help: "The folder that the suite's paths start at, in place of the suite's own.")
  var data: String?

  @Option(help: "The folder of finished stages. (default: stages in RECOLLECT_CACHE or the user's cache)")
  var store: String?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
  }

  /// The options of a run; what the suite's own folder lacks of its files is fetched.
  func options(
    for suite: Suite, resultsFolder: String, isQuiet: Bool, signals: StopSignals
  ) throws -> RunOptions {
    RunOptions(
      workers: Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount),
      storeFolder: store ?? Folders.cache + "/stages", resultsFolder: resultsFolder,
      data: try data ?? SuiteArtifacts.folder(for: suite, isQuiet: isQuiet, signals: signals), limit: limit,
      programVersion: Recollect.version)
  }
}
