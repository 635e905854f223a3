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
      var share = try takeShare(of: pending, plan)
      if share.mine.isEmpty, let first = share.others.first {
        try waitForOthers(at: first, plan.items[first], &outcome)
      }
      try work(on: share.mine, &outcome)
      for lock in share.locks.values { lock.removeFile() }
      share.locks = [:]
      pending = share.others
    }
    try place(plan, outcome)
    return outcome
  }

  /// The files that this process is to get, and those that another one is at work on.
  private struct Share {
    var mine: [(item: Int, now: FetchPlan.Item)] = []
    var others: [Int] = []
    /// Those of `mine`, by the work's key.
    var locks: [String: FileLock] = [:]
  }

  private func takeShare(of pending: [Int], _ plan: FetchPlan) throws(ArtifactError) -> Share {
    var share = Share()
    for index in pending {
      let item = plan.items[index]
      // Another process may have recorded or stored something since.
      let now = try current(item)
      let key = store.workKey(item.artifact, item.file, sha256: now.sha256)
      if now.state == .stored {
        report(.finished(item: index))
        continue
      }
      // Two names for one file in this very list: the second finds it stored, once the first is through.
      let lock = share.locks[key] == nil ? try FileLock.tried(path: store.lockPath(key), name: now.name) : nil
      guard let lock else {
        share.others.append(index)
        continue
      }
      share.locks[key] = lock
      // What it was before the lock was had may be past.
      share.mine.append((index, try current(item)))
    }
    return share
  }

  private func waitForOthers(
    at index: Int, _ item: FetchPlan.Item, _ outcome: inout FetchOutcome
  ) throws(ArtifactError) {
    let key = store.workKey(item.artifact, item.file, sha256: try current(item).sha256)
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

  // MARK: The work of this process

  private func work(on items: [(item: Int, now: FetchPlan.Item)], _ outcome: inout FetchOutcome) throws {
    var archives: [(item: Int, now: FetchPlan.Item, sha256: String)] = []
    var downloads: [(item: Int, now: FetchPlan.Item)] = []
    for (index, item) in items {
      switch item.state {
      case .stored: report(.finished(item: index))
      case .toUnpack(let archive): archives.append((index, item, archive))
      case .inHubCache(let path):
        if try takeFromHubCache(path, index, item, &outcome) {
          report(.finished(item: index))
        } else {
          downloads.append((index, item))
        }
      case .toDownload: downloads.append((index, item))
      }
    }
    downloads = downloads.filter { index, item in
      let error: ArtifactError? =
        if options.requiresKnownDigests, item.sha256 == nil {
          .unknownDigest(file: item.name)
        } else if item.urls.isEmpty {
          .unreachable(file: item.name, attempts: [])
        } else { nil }
      if let error { fail(index, error, &outcome) }
      return error == nil
    }
    archives += try download(downloads.filter { !$0.now.file.isSlice }, &outcome)
    for (index, item) in downloads where item.file.isSlice {
      try attempt(index, &outcome) { try cut(index, item, &$0) }
    }
    for (index, item, sha256) in archives {
      try attempt(index, &outcome) { _ in try unpack(index, item, sha256) }
    }
  }

  /// What fails for a file fails for this file alone; what fails for the store ends the whole.
  private func attempt(
    _ index: Int, _ outcome: inout FetchOutcome, _ body: (inout FetchOutcome) throws -> Void
  ) throws {
    guard !outcome.isStopped else { return }
    do {
      try body(&outcome)
      report(.finished(item: index))
    } catch let error as ArtifactError {
      fail(index, error, &outcome)
    }
  }

  private func fail(_ index: Int, _ error: ArtifactError, _ outcome: inout FetchOutcome) {
    if case .stopped = error {
      outcome.isStopped = true
    } else {
      outcome.failures[index] = error
      report(.failed(item: index, error))
    }
  }

  /// Downloads whole files; the archives among them are returned, for unpacking.
  private func download(
    _ items: [(item: Int, now: FetchPlan.Item)], _ outcome: inout FetchOutcome
  ) throws -> [(item: Int, now: FetchPlan.Item, sha256: String)] {
    var archives: [(item: Int, now: FetchPlan.Item, sha256: String)] = []
    let downloads = items.map { _, item in
      Download(
        name: item.name, sources: item.urls, size: item.isSizeExact ? item.size : nil, sha256: item.sha256,
        partialFile: store.partialPath(item.artifact, item.file, sha256: item.sha256))
    }
    try Downloader(settings: options.transfer).run(
      downloads, shouldStop: shouldStop,
      report: { report(.transfer(item: items[$0.index].item, $0)) },
      arrived: { number, result in
        let (index, item) = items[number]
        do {
          let file = try result.get()
          // Stored before it is recorded: who finds the record may rely on finding the file.
          try store.adopt(downloads[number].partialFile, sha256: file.sha256)
          try keep(file, item, &outcome)
          if case .archive = item.file.content {
            archives.append((index, item, file.sha256))
          } else {
            report(.finished(item: index))
          }
        } catch let error as ArtifactError {
          fail(index, error, &outcome)
        }
      })
    return archives
  }

  /// Records the first digest of a file that had none.
  private func keep(_ file: ArrivedFile, _ item: FetchPlan.Item, _ outcome: inout FetchOutcome) throws(ArtifactError) {
    guard item.sha256 == nil else { return }
    try RecordedDigests.add(
      .init(sha256: file.sha256, size: file.size, source: file.source), item.artifact, item.file,
      to: options.recordFile)
    outcome.recorded.append(item.name)
  }

  /// Whether the file that the hub's own cache has is the wanted one.
  private func takeFromHubCache(
    _ path: String, _ index: Int, _ item: FetchPlan.Item, _ outcome: inout FetchOutcome
  ) throws -> Bool {
    guard !(options.requiresKnownDigests && item.sha256 == nil) else { return false }
    report(.checking(item: index))
    // A file there that cannot be read, or is another one, is none of ours to complain about.
    guard let found = try? sha256(ofFile: path), item.sha256 == nil || item.sha256 == found else { return false }
    try store.adoptForeign(path, sha256: found)
    let size = store.size(ofObject: found) ?? 0
    try keep(ArrivedFile(source: "Hugging Face cache", size: size, sha256: found), item, &outcome)
    return true
  }

  /// Cuts a slice out of a file of lines while it arrives.
  private func cut(_ index: Int, _ item: FetchPlan.Item, _ outcome: inout FetchOutcome) throws {
    guard case .slice(let selection) = item.file.content else { return }
    let partial = store.partialPath(item.artifact, item.file, sha256: item.sha256)
    unlink(partial)
    var slice = try DocumentSlice(selection: selection, name: item.name, into: partial)
    let download = Download(
      name: item.name, sources: item.urls, size: item.file.size, sha256: nil, partialFile: partial + ".stream")
    let streamed = try Downloader(settings: options.transfer).stream(
      download, shouldStop: shouldStop, report: { report(.transfer(item: index, $0)) },
      consume: { try slice.consume($0) })
    let record = try slice.finish()
    if let expected = item.sha256, record.sha256 != expected {
      unlink(partial)
      throw ArtifactError.otherDigest(
        file: item.name, source: streamed.source, expected: expected, found: record.sha256)
    }
    try store.adopt(partial, sha256: record.sha256)
    guard item.sha256 == nil else { return }
    try RecordedDigests.add(
      .init(sha256: record.sha256, size: record.size, source: streamed.source, documents: record.lines),
      item.artifact, item.file, to: options.recordFile)
    outcome.recorded.append(item.name)
  }

  private func unpack(_ index: Int, _ item: FetchPlan.Item, _ sha256: String) throws {
    guard case .archive(let archive) = item.file.content else { return }
    // The lock on the archive's work is held: what stands there was left by a process that is no more.
    let folder = "\(store.folder)/unfinished/\(sha256)"
    try? FileManager.default.removeItem(atPath: folder)
    try makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let members = try Unpacker(largestTotal: archive.largestTotal).unpack(
      store.path(ofObject: sha256),
      kind: archive.isSingleStream ? .compressedFile(name: archive.members[0].wanted.path) : .entries,
      members: .listed(archive.members.map(\.wanted)), into: folder, shouldStop: shouldStop,
      report: { report(.unpacking(item: index, read: $0, total: $1)) })
    for member in members { try store.adopt(member.file, sha256: member.sha256) }
    try store.record(members, of: sha256)
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
