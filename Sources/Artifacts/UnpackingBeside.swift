import Foundation

/// An archive that is unpacked on a thread of its own while its digest is still being computed.
///
/// Nothing of it counts before somebody else has found the digest right: until then the archive may be any file at all,
/// and may be emptied to be begun anew. So no error is told either: what could not be unpacked is unpacked once more when
/// it is known to be the right archive, and says then what is wrong with it.
///
/// Sendable, as everything that both threads see is guarded by `condition`.
final class UnpackingBeside: @unchecked Sendable {
  private let archive: String
  private let folder: String
  private let condition = NSCondition()
  private var progress = (read: 0, total: 0)
  private var isCancelled = false
  private var isEnded = false
  private var unpacked: [UnpackedMember]?
  /// Whether the folder is no concern of this any more.
  private var isHandedOver = false

  /// - Parameter folder: the members go to the folder `members` in it, which is made anew; it goes with them.
  init(_ content: ArchiveContent, of archive: String, into folder: String) {
    self.archive = archive
    self.folder = folder
    Thread.detachNewThread {
      // The cause of a failure is found once more where it matters.
      let members = try? content.unpack(
        archive, into: folder + "/members", shouldStop: { self.condition.withLock { self.isCancelled } },
        report: { read, total in self.condition.withLock { self.progress = (read, total) } })
      self.end(members)
    }
  }

  private func end(_ members: [UnpackedMember]?) {
    condition.withLock {
      unpacked = members
      if isCancelled || members == nil { drop() }
      isEnded = true
      condition.broadcast()
    }
  }

  var hasEnded: Bool { condition.withLock { isEnded } }

  /// Makes it nothing, at once or as soon as its thread finds time: the archive is not what it was taken for.
  func cancel() {
    condition.withLock {
      isCancelled = true
      if isEnded { drop() }
    }
  }

  /// Once: afterwards the folder may be that of another process.
  private func drop() {
    guard !isHandedOver else { return }
    isHandedOver = true
    unpacked = nil
    // What stays is removed before the next one unpacks here, or with the store's leftovers.
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Waits for the thread.
  func waitForEnd() {
    condition.withLock { while !isEnded { condition.wait() } }
  }

  /// The members once they are on the disk, in a folder that is the caller's then; nil where it was cancelled or failed.
  ///
  /// - Throws: `.stopped`, when the caller should wait no more; `shouldStop` is asked ten times a second.
  func members(
    shouldStop: () -> Bool, report: (_ bytesRead: Int, _ total: Int) -> Void
  ) throws(ArtifactError) -> [UnpackedMember]? {
    while true {
      let (progress, isEnded) = condition.withLock {
        if !self.isEnded { _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1)) }
        return (self.progress, self.isEnded)
      }
      report(progress.read, progress.total)
      if isEnded {
        return condition.withLock {
          isHandedOver = true
          return unpacked
        }
      }
      if shouldStop() { throw .stopped(file: archive) }
    }
  }
}

/// The archives of one fetch that are unpacked beside, one at a time: each takes memory, and a processor.
final class UnpackingsBeside {
  private var all: [Int: UnpackingBeside] = [:]

  /// Begins, unless another one is still at work: then the archive has to wait until it is verified.
  func begin(_ item: Int, _ content: ArchiveContent, of archive: String, into folder: String) {
    guard all.values.allSatisfy(\.hasEnded) else { return }
    all[item] = UnpackingBeside(content, of: archive, into: folder)
  }

  /// To be called whenever the item's archive may become another file.
  func cancel(_ item: Int) { all[item]?.cancel() }

  /// To be called before the lock on the item's work is given up.
  func drop(_ item: Int) {
    all[item]?.cancel()
    all[item]?.waitForEnd()
  }

  /// The item's, which is the caller's to wait for; nil where none was begun.
  subscript(item: Int) -> UnpackingBeside? { all[item] }

  /// Ends those that nobody asked for, and waits until no thread writes any more.
  func end() {
    for unpacking in all.values { unpacking.cancel() }
    for unpacking in all.values { unpacking.waitForEnd() }
  }
}
