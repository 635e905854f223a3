import Artifacts
import Evaluation
import Foundation
import Models
import Synchronization

/// What can be wrong with a journal.
package enum JournalError: Error, Equatable {
  case unreadable(file: String, reason: String)
  case unwritable(file: String, reason: String)
  /// A file that no evaluation wrote: it is left as it is.
  case notAJournal(file: String)
  case otherQuestion(file: String)
  /// Another process has it open.
  case inUse(file: String)
}

/// The scores that an evaluation has found so far, in a file that outlives the program, however that ends.
///
/// A file of lines, each a checksum, a blank and a JSON object: the first names the question that is scored, each other
/// has the scores of some requests, or answers to documents, by their places in a benchmark. Lines are appended whole and
/// never changed. One that was cut off when the program or the machine died is taken away with all that follows.
///
/// Scores are stored as the bit patterns of doubles.
package final class ScoringJournal: Sendable {
  /// Of one benchmark, by the places of requests or documents.
  package struct Found: Sendable, Equatable {
    package internal(set) var scores: [Int: RequestScore] = [:]
    package internal(set) var answers: [Int: GeneratedAnswer] = [:]
  }

  package let path: String
  /// What the file had when it was opened, for each benchmark.
  package let found: [Found]
  private let descriptor: Int32
  private let lastSynchronized = Mutex(ContinuousClock.now)

  /// How long a score may be known and not yet be safe from a loss of power. A kill loses none.
  private static let synchronizationInterval = Duration.seconds(1)

  /// Opens a journal, or begins one where there is none.
  ///
  /// - Parameters:
  ///   - question: the digest of everything that determines the scores.
  ///   - counts: for each benchmark, how many requests, or else documents, it has.
  package init(path: String, question: String, counts: [Int]) throws(JournalError) {
    self.path = path
    (descriptor, found) = try Self.opened(path, question, counts)
  }

  private static func opened(
    _ path: String, _ question: String, _ counts: [Int]
  ) throws(JournalError) -> (descriptor: Int32, found: [Found]) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(file: path, reason: error.localizedDescription)
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("open", path) }
    do throws(JournalError) {
      guard isLocked(descriptor) else { throw .inUse(file: path) }
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw .unreadable(file: path, reason: "its bytes cannot be read")
      }
      var found = counts.map { _ in Found() }
      let header = line(["journal": 1, "question": .string(question)])
      var sound = 0
      if !header.utf8.starts(with: bytes) {
        var lines = Lines(bytes)
        guard let first = lines.next(), first["journal"] == .integer(1) else { throw .notAJournal(file: path) }
        guard first["question"] == .string(question) else { throw .otherQuestion(file: path) }
        sound = lines.position
        while let entry = lines.next(), take(entry, into: &found, counts: counts) { sound = lines.position }
      }
      guard ftruncate(descriptor, off_t(sound)) == 0 else { throw failure("ftruncate", path) }
      // A header that was cut off is written anew.
      if sound == 0 { try write(header, to: descriptor, path) }
      guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
      return (descriptor, found)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Adds scores of requests; from any thread.
  package func add(task: Int, places: [Int], scores: [RequestScore]) throws(JournalError) {
    let scores = zip(places, scores).map { place, score -> CanonicalJSON in
      let bits = String(score.logLikelihood.bitPattern, radix: 16)
      return .array([.integer(place), .string(bits), .boolean(score.isGreedy)] + wins(score.wins))
    }
    try append(["task": .integer(task), "scores": .array(scores)])
  }

  /// Adds answers to documents; from any thread.
  package func add(task: Int, places: [Int], answers: [GeneratedAnswer]) throws(JournalError) {
    let answers = zip(places, answers).map { place, answer -> CanonicalJSON in
      .array([.integer(place), .string(answer.text), .boolean(answer.hasNaN)] + wins(answer.wins))
    }
    try append(["task": .integer(task), "answers": .array(answers)])
  }

  private func wins(_ wins: PromptWins?) -> [CanonicalJSON] {
    wins.map { [.array($0.counts.map { .array($0.map { .integer($0) }) })] } ?? []
  }

  /// Waits until all that was added is on the disk.
  package func synchronize() throws(JournalError) {
    guard fsync(descriptor) == 0 else { throw Self.failure("fsync", path) }
  }

  /// Takes the file away: its results are written elsewhere.
  package func remove() { unlink(path) }

  private func append(_ entry: CanonicalJSON) throws(JournalError) {
    let line = Self.line(entry)
    try lastSynchronized.withLock { last throws(JournalError) in
      try Self.write(line, to: descriptor, path)
      let now = ContinuousClock.now
      guard now - last >= Self.synchronizationInterval else { return }
      last = now
      try synchronize()
    }
  }

  // MARK: Lines

  private static func checksum(_ text: some Sequence<UInt8>) -> String { String(sha256(text).prefix(16)) }

  private static func line(_ entry: CanonicalJSON) -> String {
    let text = entry.text
    return "\(checksum(text.utf8)) \(text)\n"
  }

  /// The entries of the sound lines at the beginning of a file.
  private struct Lines {
    private let bytes: Data
    /// Behind the line read last.
    private(set) var position = 0

    init(_ bytes: Data) { self.bytes = bytes }

    mutating func next() -> JSONValue? {
      let rest = bytes[(bytes.startIndex + position)...]
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      let line = rest[..<end]
      guard let blank = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
      let text = line[(blank + 1)...]
      // With the right checksum it is a line of this program's own, and so JSON.
      guard line[..<blank].elementsEqual(checksum(text).utf8), let entry = try? JSONValue(parsing: text) else {
        return nil
      }
      position = end + 1 - bytes.startIndex
      return entry
    }
  }

  /// Whether the entry is one of this question's.
  private static func take(_ entry: JSONValue, into found: inout [Found], counts: [Int]) -> Bool {
    guard let task = entry["task"]?.integer, counts.indices.contains(task) else { return false }
    func isPlace(_ place: Int) -> Bool { (0..<counts[task]).contains(place) }
    for element in entry["scores"]?.array ?? [] {
      guard let parts = element.array, 3...4 ~= parts.count, let place = parts[0].integer, isPlace(place),
        let bits = parts[1].string.flatMap({ UInt64($0, radix: 16) }), let isGreedy = parts[2].boolean
      else { return false }
      found[task].scores[place] = RequestScore(
        logLikelihood: Double(bitPattern: bits), isGreedy: isGreedy, wins: parts.dropFirst(3).first.map(wins))
    }
    for element in entry["answers"]?.array ?? [] {
      guard let parts = element.array, 3...4 ~= parts.count, let place = parts[0].integer, isPlace(place),
        let text = parts[1].string, let hasNaN = parts[2].boolean
      else { return false }
      found[task].answers[place] = GeneratedAnswer(
        text: text, hasNaN: hasNaN, wins: parts.dropFirst(3).first.map(wins))
    }
    return true
  }

  private static func wins(_ value: JSONValue) -> PromptWins {
    PromptWins(counts: (value.array ?? []).map { ($0.array ?? []).compactMap(\.integer) })
  }

  // MARK: The file

  private static func failure(_ call: String, _ path: String) -> JournalError {
    .unwritable(file: path, reason: "\(call): \(String(cString: strerror(errno)))")
  }

  /// Whether nobody else has the file. One that was killed may take a moment to be gone, and is waited for.
  private static func isLocked(_ descriptor: Int32) -> Bool {
    for _ in 0..<100 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      usleep(10_000)
    }
    return false
  }

  private static func write(_ text: String, to descriptor: Int32, _ path: String) throws(JournalError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("write", path) }
      rest = rest.dropFirst(count)
    }
  }
}
