import ArgumentParser
import Foundation

/// Gives the readers inputs that are nearly valid, in processes of their own, and tells what should not have happened.
@main
struct FuzzReaders: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ci/fuzz",
    abstract:
      "Reads many damaged files; ends with 1 when one of them made a reader crash, hang, or take too much memory.",
    discussion: """
      An input is a function of reader, seed, index and the seed files, so that --first repeats a single one: \
      ci/fuzz --reader json --seed 7 --first 4711 --inputs 1
      """)

  @Option(
    name: .long, help: "A reader, of \(Reader.all.map(\.name).joined(separator: ", ")); may be repeated. (default: all)"
  )
  var reader: [String] = []

  @Option(name: .long, help: "How many inputs each reader is given.")
  var inputs: UInt64 = 100_000

  @Option(name: .long, help: "Another seed gives other inputs.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "The index of the first input.")
  var first: UInt64 = 0

  @Option(name: .long, help: "A folder whose small files serve as seeds too, where there is one.")
  var corpus = "../shared"

  @Option(name: .long, help: "How many processes read at the same time. (default: one for each processor)")
  var jobs: Int = ProcessInfo.processInfo.activeProcessorCount

  @Option(name: .long, help: "Where inputs are kept that made a reader fail.")
  var findings = "fuzz-findings"

  @Option(name: .long, help: .hidden)
  var childFolder: String?

  @Flag(name: .long, help: .hidden)
  var unbounded = false

  func validate() throws {
    for name in reader where !Reader.all.contains(where: { $0.name == name }) {
      throw ValidationError("No reader “\(name)”; there are \(Reader.all.map(\.name).joined(separator: ", ")).")
    }
    guard jobs > 0 else { throw ValidationError("--jobs is at least 1.") }
    guard inputs < 1 << 40, first < 1 << 40 else { throw ValidationError("So many inputs would never be read.") }
  }

  func run() throws {
    let corpus = Corpus(folder: self.corpus)
    let plans = try Reader.all.filter { reader.isEmpty || reader.contains($0.name) }.map { reader in
      try FuzzPlan(reader: reader, seed: seed, corpus: corpus)
    }
    if let childFolder {
      let record = try RunRecord(path: childFolder + "/record", creating: false)
      for plan in plans {
        try ReadingProcess(plan: plan, folder: childFolder + "/input", record: record)
          .run(first..<first + inputs, isBounded: !unbounded)
      }
      return
    }
    print(
      """
      Seed \(seed). Bounds for an input: \(ReadingProcess.secondsPerInput) s of processor time; \
      \(ReadingProcess.freeBytes >> 20) MiB and \(ReadingProcess.bytesPerInputByte) bytes for each of its own.
      \(self.corpus): \(corpus.files.count) small files.
      """)
    let memory = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let workFolder = "\(memory)/recollect-fuzz-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: workFolder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: workFolder) }
    var tallies: [Tally] = []
    for plan in plans {
      let supervisor = Supervisor(
        plan: plan, arguments: ["--corpus", self.corpus], workFolder: workFolder, findingsFolder: findings, jobs: jobs)
      let tally = try supervisor.run(first..<first + inputs)
      tallies.append(tally)
      let refusals = tally.outcomes.filter { $0.key != "accepted" }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      print(
        "\n\(plan.reader.name), from \(plan.made.count) made and \(plan.found.count) found: \(refusals.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"
      )
      for finding in tally.findings { print("  input \(finding.index): \(finding.what)\n    \(finding.folder)") }
      fflush(nil)
    }
    print("\n" + Self.table(tallies))
    let findingCount = tallies.reduce(0) { $0 + $1.findings.count }
    print("\(findingCount) findings")
    if findingCount > 0 { throw ExitCode(1) }
  }

  private static func table(_ tallies: [Tally]) -> String {
    func line(_ name: String, _ cells: [String]) -> String {
      name.padding(toLength: 16, withPad: " ", startingAt: 0)
        + cells.map { String(repeating: " ", count: max(1, 14 - $0.count)) + $0 }.joined() + "\n"
    }
    let head = line("reader", ["inputs", "accepted", "findings", "slowest ms", "its index", "memory MiB", "time s"])
    return tallies.reduce(head) { text, tally in
      let count = tally.outcomes.values.reduce(0, +) + tally.findings.count
      return text
        + line(
          tally.reader,
          [
            "\(count)", "\(tally.outcomes["accepted"] ?? 0)", "\(tally.findings.count)",
            String(format: "%.1f", tally.slowest.seconds * 1000), "\(tally.slowest.index)",
            String(format: "%.1f", tally.peakMiB), String(format: "%.0f", tally.seconds),
          ])
    }
  }
}
