import Foundation
import Models
import Tensors

/// What is read in one run: inputs are a function of reader, seed, index, and the files that they begin as.
struct FuzzPlan {
  let reader: Reader
  let seed: UInt64
  /// Inputs made by code, which the reader accepts.
  let made: [FuzzInput]
  /// Inputs of a corpus, which it may refuse.
  let found: [FuzzInput]

  init(reader: Reader, seed: UInt64, corpus: Corpus) throws {
    self.reader = reader
    self.seed = seed
    made = try reader.made()
    found = corpus.inputs(of: reader)
  }

  func input(_ index: UInt64) -> FuzzInput {
    var mutator = Mutator(stream: RandomStream(seed: seed, purpose: "fuzz \(reader.name)", index: index))
    return mutator.input(made: made, found: found)
  }
}

/// The child's side: reads one input after the other under limits that end the process where one is passed.
struct ReadingProcess {
  /// Address space beyond what the process has before its first input.
  static let freeBytes = 64 << 20
  /// Further address space for each byte of the input.
  static let bytesPerInputByte = 256
  /// Processor time for an input.
  static let secondsPerInput = 1

  let plan: FuzzPlan
  /// Where the input's files lie.
  let folder: String
  let record: RunRecord

  /// - Parameter isBounded: whether memory is limited.
  func run(_ indices: Range<UInt64>, isBounded: Bool) throws {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    let read = try plan.reader.prepare(folder)
    // The unchanged files first: they must be accepted, and what is made once is made now.
    var previous: FuzzInput?
    for input in plan.made {
      try input.replace(previous, in: folder)
      previous = input
      try read(input)
    }
    let start = try addressSpace()
    try record.noteStart()
    for index in indices {
      record.begin(index)
      let input = plan.input(index)
      try input.replace(previous, in: folder)
      previous = input
      if isBounded { try limitAddressSpace(start + Self.freeBytes + Self.bytesPerInputByte * input.byteCount) }
      var outcome = "accepted"
      startTimer(seconds: Self.secondsPerInput)
      record.read {
        do { try read(input) } catch { outcome = Self.kind(of: error) }
      }
      startTimer(seconds: 0)
      record.count(outcome)
      if isBounded { try limitAddressSpace(Int.max) }
    }
    try record.finish()
  }

  /// The case of the error, without what it carries.
  private static func kind(of error: any Error) -> String {
    guard error is CheckpointError else { return "\(type(of: error))" }
    return Mirror(reflecting: error).children.first?.label ?? "\(error)"
  }

  /// Bytes of address space that this process has.
  private func addressSpace() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    guard let pages = text.split(separator: " ").first.flatMap({ Int($0) }) else { throw SystemError("statm") }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private func limitAddressSpace(_ byteCount: Int) throws {
    var limit = rlimit(rlim_cur: byteCount == .max ? rlim_t.max : rlim_t(byteCount), rlim_max: rlim_t.max)
    guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { throw SystemError("setrlimit") }
  }

  /// Ends the process (SIGPROF) when it has computed for so long; 0 stops the timer.
  private func startTimer(seconds: Int) {
    var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: seconds, tv_usec: 0))
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
  }
}
