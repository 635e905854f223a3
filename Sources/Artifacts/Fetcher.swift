import Foundation

/// What happens while files are fetched; `item` counts the plan's.
package enum FetchEvent: Sendable {
  case transfer(item: Int, DownloadProgress)
  /// Another process is at work on the same file.
  case waiting(item: Int, owner: String)
  case checking(item: Int)
  case unpacking(item: Int, read: Int, total: Int)
  case finished(item: Int)
  case failed(item: Int, ArtifactError)
}

package struct FetchOutcome: Sendable {
  /// By the item's number.
  package var failures: [Int: ArtifactError] = [:]
  /// Files whose digests were not known before.
  package var recorded: [String] = []
  package var isStopped = false
}

/// Brings artifacts into a store: from the Hugging Face hub's cache, mirrors or publishers; verified, and unpacked.
package struct Fetcher {
  package let store: ArtifactStore
  package let options: FetchOptions
  package let shouldStop: () -> Bool
  package let report: (FetchEvent) -> Void

  package init(
    store: ArtifactStore, options: FetchOptions, shouldStop: @escaping () -> Bool,
    report: @escaping (FetchEvent) -> Void
  ) {
    self.store = store
    self.options = options
    self.shouldStop = shouldStop
    self.report = report
  }

  /// Fetches what the plan lacks, and links every artifact that is complete then into its folder. What cannot be had is
  /// in the outcome; all else is fetched nevertheless.
  ///
  /// Several processes may do so with the same store: each file is the work of one, and the others wait for it.
  ///
  /// - Throws: `.notEnoughSpace` before anything is moved; an error of the store itself.
  package func fetch(_ plan: FetchPlan) throws -> FetchOutcome {
    guard plan.bytesToWrite <= plan.freeSpace else {
      throw ArtifactError.notEnoughSpace(folder: store.folder, needed: plan.bytesToWrite, free: plan.freeSpace)
    }
    try store.prepare()
    var outcome = FetchOutcome()
    var pending = Array(plan.items.indices)
    while !pending.isEmpty, !outcome.isStopped {
      let share = try takeShare(of: pending, plan, &outcome)
      if share.mine.isEmpty, let first = share.others.first {
        try waitForOthers(at: first, plan.items[first], &outcome)
      }
      try work(on: share.mine, &outcome)
      pending = share.others
    }
    try place(plan, outcome)
    return outcome
  }

  /// A file that this process is to get: its place in the plan, what is to be done by now, and the lock on doing it, which
  /// is given up as soon as the file is there, or is not to be had.
  private struct Work {
    let index: Int
    let item: FetchPlan.Item
    let key: String
    let lock: FileLock
  }

  /// The files that this process is to get, and those that another one is at work on.
  private struct Share {
    var mine: [Work] = []
    var others: [Int] = []
  }

  private func takeShare(
    of pending: [Int], _ plan: FetchPlan, _ outcome: inout FetchOutcome
  ) throws(ArtifactError) -> Share {
    var share = Share()
    var taken: Set<String> = []
    for index in pending {
      let item = plan.items[index]
      let key = store.workKey(item.artifact, item.file)
      // Another process may have recorded or stored something since.
      let now = try current(item)
      if now.state == .stored {
        try removeTraces(of: now)
        report(.finished(item: index))
        continue
      }
      // Two names for one file in this very list: the second finds it stored, once the first is through.
      let lock = taken.contains(key) ? nil : try FileLock.tried(path: store.lockPath(key), name: now.name)
      guard let lock else {
        share.others.append(index)
        continue
      }
      taken.insert(key)
      // What it was before the lock was had may be past.
      try recordArrived(now, key, &outcome)
      share.mine.append(Work(index: index, item: try current(item), key: key, lock: lock))
    }
    return share
  }

  private func waitForOthers(
    at index: Int, _ item: FetchPlan.Item, _ outcome: inout FetchOutcome
  ) throws(ArtifactError) {
    let key = store.workKey(item.artifact, item.file)
    do {
      _ = try FileLock.waiting(
        path: store.lockPath(key), name: item.name, shouldStop: shouldStop,
        willWait: { report(.waiting(item: index, owner: $0)) })
    } catch .stopped {
      outcome.isStopped = true
    }
  }

  private func current(_ item: FetchPlan.Item) throws(ArtifactError) -> FetchPlan.Item {
    FetchPlan.item(
      item.artifact, item.file, store: store, digests: try RecordedDigests(contentsOf: options.recordFile),
      options: options)
  }

  /// Removes what a process that died had no time to, when the file was stored already.
  private func removeTraces(of item: FetchPlan.Item) throws(ArtifactError) {
    let key = store.workKey(item.artifact, item.file)
    guard store.hasTraces(ofWork: key), let lock = try FileLock.tried(path: store.lockPath(key), name: item.name)
    else { return }
    defer { lock.release() }
    // Where members were just being taken out, the archive was about to go.
    let folder = store.unpackingFolder(ofWork: key)
    if FileManager.default.fileExists(atPath: folder) {
      if !options.keepsArchives, let sha256 = item.sha256 { try store.remove(sha256) }
      try? FileManager.default.removeItem(atPath: folder)
    }
    store.removePartial(ofWork: key)
  }

  /// Records the digest of a file that a process which died had stored, and not recorded yet.
  private func recordArrived(
    _ item: FetchPlan.Item, _ key: String, _ outcome: inout FetchOutcome
  ) throws(ArtifactError) {
    guard let record = store.noted(ofWork: key), store.contains(record.sha256) else { return }
    try keep(record, item, &outcome)
    store.removePartial(ofWork: key)
  }

  // MARK: The work of this process

  private func work(on share: [Work], _ outcome: inout FetchOutcome) throws {
    var archives: [(work: Work, sha256: String)] = []
    var downloads: [Work] = []
    for work in share {
      switch work.item.state {
      case .stored: finish(work)
      case .toUnpack(let archive): archives.append((work, archive))
      case .inHubCache(let path):
        if try takeFromHubCache(path, work, &outcome) { finish(work) } else { downloads.append(work) }
      case .toDownload: downloads.append(work)
      }
    }
    downloads = downloads.filter { work in
      let item = work.item
      let error: ArtifactError? =
        if options.requiresKnownDigests, item.sha256 == nil {
          .unknownDigest(file: item.name)
        } else if item.urls.isEmpty {
          .unreachable(file: item.name, attempts: [])
        } else { nil }
      if let error { fail(work, error, &outcome) }
      return error == nil
    }
    let besides = UnpackingsBeside()
    defer { besides.end() }
    archives += try download(downloads.filter { !$0.item.file.isSlice }, besides, &outcome)
    for work in downloads where work.item.file.isSlice {
      try attempt(work, &outcome) { try cut(work, &$0) }
    }
    for (work, sha256) in archives {
      try attempt(work, &outcome) { _ in try unpack(work, sha256, beside: besides[work.index]) }
    }
  }

  /// What fails for a file fails for this file alone; what fails for the store ends the whole.
  private func attempt(
    _ work: Work, _ outcome: inout FetchOutcome, _ body: (inout FetchOutcome) throws -> Void
  ) throws {
    guard !outcome.isStopped else { return }
    do {
      try body(&outcome)
      finish(work)
    } catch let error as ArtifactError {
      fail(work, error, &outcome)
    }
  }

  private func finish(_ work: Work) {
    // Also what an earlier process left, which had stored the archive and had no time for its members.
    store.removePartial(ofWork: work.key)
    work.lock.release()
    report(.finished(item: work.index))
  }

  private func fail(_ work: Work, _ error: ArtifactError, _ outcome: inout FetchOutcome) {
    work.lock.release()
    if case .stopped = error {
      outcome.isStopped = true
    } else {
      outcome.failures[work.index] = error
      report(.failed(item: work.index, error))
    }
  }

  /// Downloads whole files; the archives among them are returned, for unpacking, which some have begun `beside`.
  private func download(
    _ share: [Work], _ besides: UnpackingsBeside, _ outcome: inout FetchOutcome
  ) throws -> [(work: Work, sha256: String)] {
    var archives: [(work: Work, sha256: String)] = []
    let downloads = share.map { work in
      let item = work.item
      return Download(
        name: item.name, sources: item.urls, size: item.isSizeExact ? item.size : nil, sha256: item.sha256,
        partialFile: store.partialPath(ofWork: work.key))
    }
    try Downloader(settings: options.transfer).run(
      downloads, shouldStop: shouldStop,
      report: { progress in
        let work = share[progress.index]
        report(.transfer(item: work.index, progress))
        guard case .archive(let archive) = work.item.file.content else { return }
        switch progress.activity {
        case .checking:
          besides.begin(
            work.index, archive, of: downloads[progress.index].partialFile,
            into: store.unpackingFolder(ofWork: work.key))
        case .finished: break
        case .waiting, .connecting, .receiving, .retrying, .failed: besides.cancel(work.index)
        }
      },
      arrived: { number, result in
        let work = share[number]
        do {
          let file = try result.get()
          let record = RecordedDigests.Record(sha256: file.sha256, size: file.size, source: file.source)
          // Stored before it is recorded: who finds the record may rely on finding the file. Noted before it is stored:
          // who comes after a process that was killed in between need not get it again.
          if work.item.sha256 == nil { try store.note(record, ofWork: work.key) }
          try store.adopt(downloads[number].partialFile, sha256: file.sha256)
          try keep(record, work.item, &outcome)
          store.removePartial(ofWork: work.key)
          if case .archive = work.item.file.content {
            archives.append((work, file.sha256))
          } else {
            finish(work)
          }
        } catch let error as ArtifactError {
          besides.drop(work.index)
          fail(work, error, &outcome)
        }
      })
    return archives
  }

  /// Records the first digest of a file that had none.
  private func keep(
    _ record: RecordedDigests.Record, _ item: FetchPlan.Item, _ outcome: inout FetchOutcome
  ) throws(ArtifactError) {
    guard item.sha256 == nil else { return }
    try RecordedDigests.add(record, item.artifact, item.file, to: options.recordFile)
    outcome.recorded.append(item.name)
  }

  /// Whether the file that the hub's own cache has is the wanted one.
  private func takeFromHubCache(_ path: String, _ work: Work, _ outcome: inout FetchOutcome) throws -> Bool {
    let item = work.item
    guard !(options.requiresKnownDigests && item.sha256 == nil) else { return false }
    report(.checking(item: work.index))
    // A file there that cannot be read, or is another one, is none of ours to complain about.
    guard let found = try? sha256(ofFile: path), item.sha256 == nil || item.sha256 == found else { return false }
    try store.adoptForeign(path, sha256: found)
    let size = store.size(ofObject: found) ?? 0
    try keep(.init(sha256: found, size: size, source: "Hugging Face cache"), item, &outcome)
    return true
  }

  /// Cuts a slice out of a file of lines while it arrives.
  private func cut(_ work: Work, _ outcome: inout FetchOutcome) throws {
    let item = work.item
    guard case .slice(let selection) = item.file.content else { return }
    let partial = store.partialPath(ofWork: work.key)
    unlink(partial)
    var slice = try DocumentSlice(selection: selection, name: item.name, into: partial)
    let download = Download(
      name: item.name, sources: item.urls, size: item.file.size, sha256: nil, partialFile: partial + ".stream")
    let streamed = try Downloader(settings: options.transfer).stream(
      download, shouldStop: shouldStop, report: { report(.transfer(item: work.index, $0)) },
      consume: { try slice.consume($0) })
    let record = try slice.finish()
    if let expected = item.sha256, record.sha256 != expected {
      unlink(partial)
      throw ArtifactError.otherDigest(
        file: item.name, source: streamed.source, expected: expected, found: record.sha256)
    }
    let known = RecordedDigests.Record(
      sha256: record.sha256, size: record.size, source: streamed.source, documents: record.lines)
    if item.sha256 == nil { try store.note(known, ofWork: work.key) }
    try store.adopt(partial, sha256: record.sha256)
    try keep(known, item, &outcome)
    store.removePartial(ofWork: work.key)
  }

  /// - Parameter beside: what was begun before the archive's digest was known to be `sha256`.
  private func unpack(_ work: Work, _ sha256: String, beside: UnpackingBeside?) throws {
    guard case .archive(let archive) = work.item.file.content else { return }
    // The lock on this work is held: what else stands there was left by a process that is no more.
    let folder = store.unpackingFolder(ofWork: work.key)
    func note(_ read: Int, _ total: Int) { report(.unpacking(item: work.index, read: read, total: total)) }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let members =
      try beside?.members(shouldStop: shouldStop, report: note)
      ?? archive.unpack(
        store.path(ofObject: sha256), into: folder + "/members", shouldStop: shouldStop, report: note)
    try store.adopt(members)
    try store.record(members, of: sha256, by: folder + "/members.json")
    if !options.keepsArchives { try store.remove(sha256) }
  }

  /// Links the artifacts that are complete into their folders.
  private func place(_ plan: FetchPlan, _ outcome: FetchOutcome) throws {
    let digests = try RecordedDigests(contentsOf: options.recordFile)
    var seen: Set<String> = []
    for item in plan.items where seen.insert(item.artifact.name).inserted {
      if let objects = store.objects(of: item.artifact, digests: digests) {
        try store.place(objects, of: item.artifact)
      }
    }
  }
}

extension ArtifactStore {
  /// The objects of all files of an artifact, by name; nil unless all are stored.
  package func objects(of artifact: Artifact, digests: RecordedDigests) -> [String: String]? {
    var all: [String: String] = [:]
    for file in artifact.files {
      guard let objects = objects(of: artifact, file: file, digests: digests) else { return nil }
      all.merge(objects) { $1 }
    }
    return all
  }

  /// The objects of one file of an artifact, by name; nil unless all are stored.
  package func objects(of artifact: Artifact, file: ArtifactFile, digests: RecordedDigests) -> [String: String]? {
    objects(of: file, sha256: file.sha256 ?? digests[artifact, file]?.sha256)
  }
}
