import Foundation

/// What a child process has done so far, in a file that both it and its parent map, so that it outlives the child.
final class RunRecord {
  static let byteCount = 8192
  private static let outcomeCount = 64
  private static let labelLength = 56

  private struct Fields {
    var index: UInt64 = 0
    var isReading = false
    var isFinished = false
    var slowestNanoseconds: UInt64 = 0
    var slowestIndex: UInt64 = 0
    /// Resident memory at the start, and the most that there was.
    var startKiB = 0
    var peakKiB = 0
  }

  private let base: UnsafeMutableRawPointer
  private let fields: UnsafeMutablePointer<Fields>

  /// - Parameter creating: whether the file is made anew.
  init(path: String, creating: Bool) throws {
    let descriptor = open(path, O_RDWR | O_CLOEXEC | (creating ? O_CREAT | O_TRUNC : 0), 0o600)
    guard descriptor >= 0 else { throw SystemError("open \(path)") }
    defer { close(descriptor) }
    guard !creating || ftruncate(descriptor, Self.byteCount) == 0 else { throw SystemError("ftruncate \(path)") }
    guard let base = mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
    else { throw SystemError("mmap \(path)") }
    self.base = base
    fields = base.bindMemory(to: Fields.self, capacity: 1)
    if creating { fields.pointee = Fields() }
  }

  deinit { munmap(base, Self.byteCount) }

  var index: UInt64 { fields.pointee.index }
  /// Whether the reader is at work on `index`; otherwise what fails is the harness.
  var isReading: Bool { fields.pointee.isReading }
  var isFinished: Bool { fields.pointee.isFinished }
  var slowest: (seconds: Double, index: UInt64) {
    (Double(fields.pointee.slowestNanoseconds) / 1e9, fields.pointee.slowestIndex)
  }
  /// Beyond what was there at the start.
  var peakMiB: Double { Double(max(0, fields.pointee.peakKiB - fields.pointee.startKiB)) / 1024 }

  // MARK: The child's side

  func begin(_ index: UInt64) { fields.pointee.index = index }

  func read(_ body: () -> Void) {
    fields.pointee.isReading = true
    let start = Self.processorNanoseconds()
    body()
    let elapsed = Self.processorNanoseconds() - start
    fields.pointee.isReading = false
    if elapsed > fields.pointee.slowestNanoseconds {
      fields.pointee.slowestNanoseconds = elapsed
      fields.pointee.slowestIndex = fields.pointee.index
    }
  }

  /// Begins to note the most memory anew.
  func noteStart() throws {
    try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    fields.pointee.startKiB = try Self.mostMemory()
  }

  func finish() throws {
    fields.pointee.peakKiB = try Self.mostMemory()
    fields.pointee.isFinished = true
  }

  /// The most resident memory that there was, in KiB.
  private static func mostMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let words = line?.split(whereSeparator: \.isWhitespace), words.count == 3, let number = Int(words[1]) else {
      throw SystemError("VmHWM")
    }
    return number
  }

  private static func processorNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  // MARK: Outcomes

  private func slot(_ index: Int) -> UnsafeMutableRawPointer { base + 512 + index * (Self.labelLength + 8) }

  private func label(_ index: Int) -> String {
    let bytes = UnsafeRawBufferPointer(start: slot(index), count: Self.labelLength)
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Counts one input that ended so.
  func count(_ outcome: String) {
    for index in 0..<Self.outcomeCount {
      let found = label(index)
      if found.isEmpty { slot(index).copyMemory(from: Array(outcome.utf8), byteCount: outcome.utf8.count) }
      guard found.isEmpty || found == outcome else { continue }
      let counter = (slot(index) + Self.labelLength).assumingMemoryBound(to: UInt64.self)
      counter.pointee += 1
      return
    }
    preconditionFailure("more than \(Self.outcomeCount) kinds of outcome")
  }

  var outcomes: [String: Int] {
    var counts: [String: Int] = [:]
    for index in 0..<Self.outcomeCount where !label(index).isEmpty {
      counts[label(index)] = Int((slot(index) + Self.labelLength).assumingMemoryBound(to: UInt64.self).pointee)
    }
    return counts
  }
}
