import Foundation

/// Creates, writes and hashes members one after another, on a second thread while the caller reads the archive.
///
/// Making a file takes about as long as inflating and judging a small one. Steps are handed over in batches, of which
/// there are a few: memory stays constant.
///
/// The second thread is behind the caller. So whatever fails there stands before all that the caller has found since, and
/// is the error of the two that counts: which one that is does not depend on who was faster.
struct MemberWriter: ~Copyable {
  private let state: State
  private var batch = Batch()

  /// - Parameter archive: what errors call the source of the members.
  init(_ folder: consuming MemberFolder, archive: String) { state = State(MemberFiles(folder, archive: archive)) }

  /// Leaves out whatever is not done; then nothing is written any more.
  deinit { state.end() }

  /// Begins a member.
  ///
  /// - Parameter sha256: what its digest has to be, if known.
  mutating func create(_ path: EntryPath, sha256: String?) throws(ArtifactError) {
    try append(.create(path, sha256: sha256, found: nil))
  }

  /// Appends to the member that was begun last.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = batch.gather(rest)
      if count > 0 { try append(.write(count: count)) } else { batch = try state.exchange(batch) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  mutating func complete() throws(ArtifactError) { try append(.complete) }

  private mutating func append(_ step: MemberStep) throws(ArtifactError) {
    batch.steps.append(step)
    if batch.steps.count == Batch.mostSteps { batch = try state.exchange(batch) }
  }

  /// Has the steps so far done soon, as no more may follow for long.
  ///
  /// - Throws: What failed by now.
  mutating func handOver() throws(ArtifactError) {
    if batch.steps.isEmpty { try state.check() } else { batch = try state.exchange(batch) }
  }

  /// Waits for all steps.
  ///
  /// - Returns: The complete members, in their order.
  /// - Throws: The first failure of any step so far.
  mutating func finish() throws(ArtifactError) -> [UnpackedMember] {
    batch = try state.exchange(batch)
    return try state.finish()
  }

  /// Brings all that was written to the disk; see `MemberFolder.synchronize`.
  func synchronize() throws(ArtifactError) { try state.synchronize() }

  /// Steps, and the bytes that they write, one after another.
  private final class Batch {
    static let size = 1 << 18
    static let mostSteps = 1024

    var steps: [MemberStep] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    private var count = 0

    deinit { buffer.deallocate() }

    /// Takes bytes from the front; returns how many there was room for.
    func gather(_ bytes: UnsafeRawBufferPointer) -> Int {
      let taken = min(bytes.count, buffer.count - count)
      UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + taken])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
      count += taken
      return taken
    }

    /// Computes the digests of the members that are whole in here, so that the second thread need not.
    func hashWholeMembers() {
      var start: Int?
      var hasher = SHA256Hasher()
      var rest = UnsafeRawBufferPointer(buffer)
      for (index, step) in steps.enumerated() {
        switch step {
        case .create:
          start = index
          hasher = SHA256Hasher()
        case .write(let count):
          if start != nil { hasher.update(UnsafeRawBufferPointer(rebasing: rest[..<count])) }
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        case .complete:
          if let start, case .create(let path, let sha256, _) = steps[start] {
            steps[start] = .create(path, sha256: sha256, found: hasher.finalize())
            hasher = SHA256Hasher()
          }
          start = nil
        }
      }
    }

    /// Does all steps, and forgets them.
    func perform(on files: inout MemberFiles) throws(ArtifactError) {
      var rest = UnsafeRawBufferPointer(buffer)
      for step in steps {
        switch step {
        case .create(let path, let sha256, let found): try files.create(path, sha256: sha256, found: found)
        case .write(let count):
          try files.write(UnsafeRawBufferPointer(rebasing: rest[..<count]))
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        case .complete: try files.complete()
        }
      }
      steps.removeAll(keepingCapacity: true)
      count = 0
    }
  }

  // Sendable, as everything that both threads see is guarded by `condition`; the files, and the batch at work, are the
  // second thread's while `isAtWork`, and the caller's while not.
  private final class State: @unchecked Sendable {
    static let mostBatches = 8

    private let condition = NSCondition()
    private var files: MemberFiles
    private var waiting: [Batch] = []
    private var isAtWork = false
    private var spare: [Batch] = []
    /// How many there are, the caller's own too.
    private var batchCount = 1
    private var failure: ArtifactError?
    private var isEnded = false
    private var isRunning = false

    init(_ files: consuming MemberFiles) { self.files = files }

    /// Takes a full batch; returns an empty one, as soon as there is one.
    func exchange(_ batch: Batch) throws(ArtifactError) -> Batch {
      // Rather than wait for the second thread, the caller takes some of its work.
      if condition.withLock({ spare.isEmpty && batchCount == Self.mostBatches }) { batch.hashWholeMembers() }
      condition.lock()
      defer { condition.unlock() }
      if let failure { throw failure }
      if !isRunning {
        isRunning = true
        Thread.detachNewThread { self.work() }
      }
      waiting.append(batch)
      condition.broadcast()
      if spare.isEmpty, batchCount < Self.mostBatches {
        batchCount += 1
        return Batch()
      }
      while spare.isEmpty, failure == nil { condition.wait() }
      if let failure { throw failure }
      return spare.removeLast()
    }

    func check() throws(ArtifactError) {
      if let failure = condition.withLock({ failure }) { throw failure }
    }

    func finish() throws(ArtifactError) -> [UnpackedMember] {
      condition.lock()
      defer { condition.unlock() }
      while isAtWork || !waiting.isEmpty, failure == nil { condition.wait() }
      if let failure { throw failure }
      return files.members
    }

    func synchronize() throws(ArtifactError) { try files.synchronize() }

    func end() {
      condition.withLock {
        isEnded = true
        condition.broadcast()
        while isRunning { condition.wait() }
      }
    }

    /// The second thread, which ends with the value, or with the first failure.
    private func work() {
      while let batch = next() {
        var outcome: ArtifactError?
        do throws(ArtifactError) {
          try batch.perform(on: &files)
        } catch {
          outcome = error
        }
        condition.withLock {
          isAtWork = false
          failure = outcome
          spare.append(batch)
          condition.broadcast()
        }
      }
      condition.withLock {
        isRunning = false
        condition.broadcast()
      }
    }

    private func next() -> Batch? {
      condition.withLock {
        while waiting.isEmpty, !isEnded, failure == nil { condition.wait() }
        guard !isEnded, failure == nil else { return nil }
        isAtWork = true
        return waiting.removeFirst()
      }
    }
  }
}

private enum MemberStep {
  /// - Parameter found: the digest of what follows, if it is known already.
  case create(EntryPath, sha256: String?, found: String?)
  case write(count: Int)
  case complete
}

/// The files of members, one of them being written.
private struct MemberFiles: ~Copyable {
  private(set) var members: [UnpackedMember] = []
  private let archive: String
  private var folder: MemberFolder
  private var current: MemberFile?
  private var path = ""
  private var expected: String?
  private var known: String?
  /// Of the current member, where it is not known.
  private var digest = DigestBeside()

  init(_ folder: consuming MemberFolder, archive: String) {
    self.folder = folder
    self.archive = archive
  }

  mutating func create(_ path: EntryPath, sha256: String?, found: String?) throws(ArtifactError) {
    current = try folder.create(path)
    self.path = path.text
    expected = sha256
    known = found
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) {
    if known == nil { digest.update(bytes) }
    try current?.write(bytes)
  }

  mutating func complete() throws(ArtifactError) {
    guard let file = current.take() else { preconditionFailure("no member was begun") }
    let found = known ?? digest.finalize()
    if let expected, expected != found {
      throw .otherDigest(file: path, source: archive, expected: expected, found: found)
    }
    members.append(UnpackedMember(path: path, file: file.path, size: file.size, sha256: found))
  }

  func synchronize() throws(ArtifactError) { try folder.synchronize() }
}
