import Foundation

/// The wanted lines of a text that arrives piece by piece, written to a file.
struct LineSlice: ~Copyable {
  private let selection: SliceSelection
  private let name: String
  private let largestLine: Int
  private let path: String
  private let descriptor: Int32
  private var isFinished = false
  /// Lines that ended so far, and those of them that were kept.
  private(set) var seen = 0
  private var kept = 0
  /// Of the line that has not ended yet: its bytes so far, which are kept if it is wanted.
  private var lineCount = 0
  private var line: [UInt8] = []
  private var hasher = SHA256Hasher()
  private var size = 0
  private var unwritten: [UInt8] = []

  init(
    _ selection: SliceSelection, of name: String, largestLine: Int, into file: String
  ) throws(ArtifactError) {
    descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    path = file
    self.selection = selection
    self.name = name
    self.largestLine = largestLine
    guard descriptor >= 0 else { throw .unwritable(file: file, reason: reasonOfErrno()) }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      if !isFinished { unlink(path) }
    }
  }

  var isComplete: Bool { kept == selection.count }

  /// Why the slice is not complete, when nothing more comes.
  var shortage: ArtifactError {
    let next = selection.line(after: kept) ?? seen
    return lineCount > 0
      ? .invalidText(file: name, line: seen, reason: "the text ends within this line; line \(next) was wanted next")
      : .invalidText(file: name, line: next, reason: "the text has only \(seen) lines")
  }

  mutating func take(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) {
    var rest = bytes
    while !rest.isEmpty, !isComplete {
      let lineFeed = memchr(rest.baseAddress!, 0x0A, rest.count).map { UnsafeRawPointer($0) - rest.baseAddress! }
      let part = rest[..<(lineFeed.map { $0 + 1 } ?? rest.count)]
      lineCount += part.count
      guard lineCount - (lineFeed == nil ? 0 : 1) <= largestLine else {
        throw .invalidText(file: name, line: seen, reason: "over \(largestLine) bytes")
      }
      let isWanted = selection.line(after: kept) == seen
      if isWanted { line += part }
      if lineFeed != nil {
        if isWanted { try keepLine() }
        seen += 1
        lineCount = 0
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[part.endIndex...])
    }
  }

  private mutating func keepLine() throws(ArtifactError) {
    guard String(validating: line, as: UTF8.self) != nil else {
      throw .invalidText(file: name, line: seen, reason: "not UTF-8")
    }
    unwritten += line
    line.removeAll(keepingCapacity: line.count < 1 << 20)
    kept += 1
    if unwritten.count >= 1 << 18 { try write() }
  }

  private mutating func write() throws(ArtifactError) {
    let path = path
    let written = unwritten.withUnsafeBytes { bytes in
      hasher.update(bytes)
      var rest = bytes
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return true
    }
    guard written else { throw .unwritable(file: path, reason: reasonOfErrno()) }
    size += unwritten.count
    unwritten.removeAll(keepingCapacity: true)
  }

  /// The whole slice's size and digest, when it is on the disk.
  mutating func finish() throws(ArtifactError) -> (size: Int, sha256: String) {
    try write()
    guard fsync(descriptor) == 0 else { throw .unwritable(file: path, reason: reasonOfErrno()) }
    isFinished = true
    var whole = SHA256Hasher()
    swap(&whole, &hasher)
    return (size, whole.finalize())
  }
}
