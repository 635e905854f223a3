import Foundation

/// Something that must not happen, and the input that made it happen.
struct Finding {
  let reader: String
  let index: UInt64
  let what: String
  /// Where the input's files are kept.
  let folder: String
}

/// A child that ended before or after the reader was at work.
struct HarnessError: Error, CustomStringConvertible {
  let description: String
}

/// What a reader did with its inputs.
struct Tally {
  let reader: String
  var outcomes: [String: Int] = [:]
  var slowest: (seconds: Double, index: UInt64) = (0, 0)
  var peakMiB = 0.0
  var seconds = 0.0
  var findings: [Finding] = []

  mutating func add(_ record: RunRecord) {
    outcomes.merge(record.outcomes, uniquingKeysWith: +)
    if record.slowest.seconds > slowest.seconds { slowest = record.slowest }
    peakMiB = max(peakMiB, record.peakMiB)
  }
}

/// The parent's side: gives each child a part of the inputs, and where one dies notes why and goes on behind the input.
struct Supervisor {
  /// Without progress for so long a child is ended, whether it computes or waits.
  static let patienceSeconds = 30.0
  /// A reader with so many findings has had enough.
  static let mostFindings = 20

  let plan: FuzzPlan
  /// How the children are started, but for what the parent adds.
  let arguments: [String]
  let workFolder: String
  let findingsFolder: String
  let jobs: Int

  private final class Child {
    let process: Process
    let record: RunRecord
    let indices: Range<UInt64>
    let errors: String
    var progress: (index: UInt64, since: Date)

    init(_ process: Process, _ record: RunRecord, _ indices: Range<UInt64>, errors: String) {
      self.process = process
      self.record = record
      self.indices = indices
      self.errors = errors
      progress = (indices.lowerBound, Date())
    }
  }

  func run(_ indices: Range<UInt64>) throws -> Tally {
    var tally = Tally(reader: plan.reader.name)
    let start = Date()
    let share = UInt64((indices.count + jobs - 1) / jobs)
    var waiting = stride(from: indices.lowerBound, to: indices.upperBound, by: Int(max(share, 1))).map {
      $0..<min($0 + share, indices.upperBound)
    }
    var children: [Child] = []
    while !waiting.isEmpty || !children.isEmpty {
      while children.count < jobs, let next = waiting.popLast() { children.append(try self.start(next)) }
      Thread.sleep(forTimeInterval: 0.02)
      for child in children { endIfStuck(child) }
      for child in children.filter({ !$0.process.isRunning }) {
        children.removeAll { $0 === child }
        tally.add(child.record)
        if child.record.isFinished { continue }
        tally.findings.append(try finding(child))
        let rest = child.record.index + 1..<max(child.indices.upperBound, child.record.index + 1)
        if !rest.isEmpty, tally.findings.count < Self.mostFindings { waiting.append(rest) }
      }
    }
    tally.seconds = Date().timeIntervalSince(start)
    return tally
  }

  private func start(_ indices: Range<UInt64>, isBounded: Bool = true) throws -> Child {
    let folder = workFolder + "/" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder + "/input", withIntermediateDirectories: true)
    let record = try RunRecord(path: folder + "/record", creating: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments =
      arguments + [
        "--reader", plan.reader.name, "--seed", "\(plan.seed)", "--first", "\(indices.lowerBound)",
        "--inputs", "\(indices.count)", "--child-folder", folder,
      ] + (isBounded ? [] : ["--unbounded"])
    var environment = ProcessInfo.processInfo.environment
    // Like the input, what is done with it shall be the same each time; and one thread is enough.
    environment["SWIFT_DETERMINISTIC_HASHING"] = "1"
    environment["OPENBLAS_NUM_THREADS"] = "1"
    environment["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = environment
    try Data().write(to: URL(fileURLWithPath: folder + "/errors"))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/errors"))
    try process.run()
    return Child(process, record, indices, errors: folder + "/errors")
  }

  private func endIfStuck(_ child: Child) {
    if child.record.index != child.progress.index { child.progress = (child.record.index, Date()) }
    guard Date().timeIntervalSince(child.progress.since) > Self.patienceSeconds else { return }
    kill(child.process.processIdentifier, SIGKILL)
  }

  // MARK: - Findings

  /// Keeps the input at which the child ended, and reads it once more, alone, to tell what ended it.
  private func finding(_ child: Child) throws -> Finding {
    let index = child.record.index
    let first = ending(child)
    guard child.record.isReading else {
      throw HarnessError(description: "\(plan.reader.name), input \(index): the harness itself failed: \(first)")
    }
    let folder = "\(findingsFolder)/\(plan.reader.name)-\(plan.seed)-\(index)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try plan.input(index).replace(nil, in: folder)
    let again = try alone(index, isBounded: true)
    let what: String
    if let again {
      let unbounded = try alone(index, isBounded: false)
      what = unbounded == nil ? "memory beyond the bound: \(again)" : again
    } else {
      what = "only once: \(first)"
    }
    return Finding(reader: plan.reader.name, index: index, what: what, folder: folder)
  }

  /// How reading this one input ends, nil where it ends well.
  private func alone(_ index: UInt64, isBounded: Bool) throws -> String? {
    let child = try start(index..<index + 1, isBounded: isBounded)
    while child.process.isRunning {
      Thread.sleep(forTimeInterval: 0.02)
      endIfStuck(child)
    }
    return child.record.isFinished ? nil : ending(child)
  }

  private func ending(_ child: Child) -> String {
    let status = child.process.terminationStatus
    let said = (try? String(contentsOfFile: child.errors, encoding: .utf8)) ?? ""
    let line = said.split(separator: "\n").first { $0.contains("rror") } ?? said.split(separator: "\n").first ?? ""
    guard child.process.terminationReason == .uncaughtSignal else { return "exit status \(status) \(line)" }
    switch status {
    case SIGPROF: return "a hang: over \(ReadingProcess.secondsPerInput) s of processor time"
    case SIGKILL: return "a hang: no progress in \(Int(Self.patienceSeconds)) s"
    default: return "a crash: \(String(cString: strsignal(status))) \(line)"
    }
  }
}
