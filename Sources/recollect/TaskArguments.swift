import ArgumentParser
import Artifacts
import Evaluation
import Experiments

/// Which benchmarks a command asks, and where their files are.
struct TaskArguments: ParsableArguments {
  @Option(
    help: """
      Benchmarks, separated by commas, each with a version behind an at sign where it is not --protocol's: \
      arc_easy,sciq@0.4. There are \(Benchmark.names.joined(separator: ", ")); triviaqa also has @2023-v2 and @2023-v3. \
      “all” means all.
      """)
  var tasks: String

  @Option(
    name: .customLong("protocol"),
    help: "The form of lm-evaluation-harness that is followed: 2023, as papers of that year, or 0.4.")
  var harness = HarnessProtocol.master2023

  @Option(help: "A folder with the benchmarks' published files, somewhere below it.")
  var data: String?

  @Option(
    name: .customLong("file"),
    help:
      "The file of a benchmark, with that of its labels where it has one: NAME=PATH or NAME=PATH,LABELS; may be repeated."
  )
  var files: [String] = []

  @Option(help: "The folder of fetched files. (default: RECOLLECT_CACHE or the user's cache)")
  var store: String?

  @Option(help: "Score at most so many documents of each, in the protocol's order; such results are not comparable.")
  var limit: Int?

  @Option(
    help: """
      In which order documents are taken: file or shuffled, as the harness of 2023 does. (default: the protocol's)
      """)
  var order: DocumentSelection.Order?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    _ = try benchmarks()
    _ = try given()
  }

  /// The benchmarks with the documents that are scored.
  func chosen() throws -> [ChosenTask] {
    let finder = try TaskFileFinder(
      given: given(), folder: data, store: ArtifactStore(folder: store ?? Folders.cache))
    // All are looked for before any is read.
    let benchmarks = try benchmarks()
    let files = try benchmarks.map { try finder.files(of: $0) }
    return try zip(benchmarks, files).map { try ChosenTask($0, files: $1, order: order, limit: limit) }
  }

  private func benchmarks() throws -> [any BenchmarkTask] {
    let names = tasks == "all" ? Benchmark.names : tasks.split(separator: ",").map(String.init)
    guard !names.isEmpty else { throw ValidationError("--tasks names none.") }
    var seen: Set<String> = []
    return try names.map { name in
      guard let task = Benchmark.named(name, protocol: harness) else {
        throw ValidationError(
          "--tasks: there is no benchmark “\(name)”; there are \(Benchmark.names.joined(separator: ", ")), with @2023 or @0.4 for a version."
        )
      }
      guard seen.insert(task.name).inserted else { throw ValidationError("--tasks names \(task.name) twice.") }
      return task
    }
  }

  private func given() throws -> [String: TaskFiles] {
    var given: [String: TaskFiles] = [:]
    for text in files {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let task = Benchmark.named(parts[0]) else {
        throw ValidationError("--file \(text): it should be NAME=PATH or NAME=PATH,LABELS, such as sciq=test.json.")
      }
      guard given[task.name] == nil else { throw ValidationError("--file gives \(task.name) twice.") }
      var paths = [parts[1]]
      // Only where labels are needed is a comma no part of a name.
      if task.needsLabelFile, let comma = parts[1].lastIndex(of: ",") {
        paths = [String(parts[1][..<comma]), String(parts[1][parts[1].index(after: comma)...])]
      }
      given[task.name] = TaskFiles(documents: paths[0], labels: paths.count > 1 ? paths[1] : nil)
    }
    return given
  }
}

extension HarnessProtocol: ExpressibleByArgument {}
extension DocumentSelection.Order: ExpressibleByArgument {}
