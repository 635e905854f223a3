import Foundation
import Results
import Tensors

/// What a run's times were measured by and on, and what they are: kept beside the results, in `latency.json`.
///
/// Times are no stage: a stage is named by what goes into it and has the same bits wherever it is made, so that another
/// machine may take it; a time is of one machine and one build at one moment. So the record says which they were. A
/// later run takes its times from it where all of that is as it was; else, or when asked to, it measures again.
struct LatencyRecord: Codable, Equatable {
  /// The host, its processors, the threads, and the digest of the program.
  var machine: String
  var program: String
  var threads: Int
  var kernel: String
  var batch: Int
  var length: Int
  var repetitions: Int
  /// By model and compression.
  var groups: [String: Group] = [:]

  /// The models that were timed in turns.
  struct Group: Codable, Equatable {
    /// What was timed, by recovery: the digests of the cells' questions.
    var questions: [String: String]
    var latencies: [String: CellLatency]
    /// Of one pass, repetition by repetition, and whether the machine did other work; the model without recovery is "".
    var seconds: [String: [Double]]
    var disturbed: [String: [Bool]]
    /// The share of all processors that other work had, on average.
    var othersShare: Double
  }

  init(program: String, workers: Workers, setting: LatencySetting) {
    machine = Self.thisMachine()
    self.program = program
    threads = workers.threadCount
    kernel = OpenBLAS.kernel
    batch = setting.batch
    length = setting.length
    repetitions = setting.repetitions
  }

  /// Takes over the groups of a stored record of the same machine, program and setting. A file that cannot be read is
  /// one that is not there: what it said is measured again.
  mutating func takeGroups(from path: String) {
    guard let bytes = FileManager.default.contents(atPath: path),
      let stored = try? JSONDecoder().decode(LatencyRecord.self, from: bytes)
    else { return }
    var bare = stored
    bare.groups = [:]
    if bare == self { groups = stored.groups }
  }

  func write(to path: String) throws(ResultError) {
    try writeResult(resultJSON(self, file: path), to: path)
  }

  private static func thisMachine() -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let lines = FileManager.default.contents(atPath: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
    let processor = lines.split(separator: "\n").first { $0.hasPrefix("model name") }
      .flatMap { $0.split(separator: ":").last }.map { $0.trimmingCharacters(in: .whitespaces) }
    return "\(host), \(ProcessInfo.processInfo.processorCount) × \(processor ?? "a processor")"
  }
}
