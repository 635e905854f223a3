import Foundation

extension ArtifactStore {
  /// Writes artifacts into one tar file, for a machine without a network: their objects by digest, what archives held,
  /// and the digests that were recorded.
  ///
  /// - Throws: `.unreachable` for an artifact that is not complete in the store.
  package func export(
    _ artifacts: [Artifact], digests: RecordedDigests, to path: String, report: (_ written: Int, _ total: Int) -> Void
  ) throws {
    var objects: Set<String> = []
    var records: [String: RecordedDigests.Record] = [:]
    var archives: Set<String> = []
    for artifact in artifacts {
      for file in artifact.files {
        let sha256 = file.sha256 ?? digests[artifact, file]?.sha256
        guard let stored = self.objects(of: file, sha256: sha256) else {
          throw ArtifactError.unreachable(file: "\(artifact.name)/\(file.name)", attempts: [])
        }
        objects.formUnion(stored.values)
        if case .archive = file.content, let sha256, unpacked(sha256) != nil { archives.insert(sha256) }
        if let record = digests[artifact, file] { records[RecordedDigests.key(artifact, file)] = record }
      }
    }
    let total = objects.reduce(0) { $0 + (size(ofObject: $1) ?? 0) }
    var written = 0
    var archive = try ArchiveWriter(path)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try archive.add(bytes: Array(try encoder.encode(records)), as: "digests.json")
    for sha256 in archives.sorted() {
      try archive.add(file: self.path(ofUnpacked: sha256), as: "unpacked/\(sha256).json")
    }
    for sha256 in objects.sorted() {
      try archive.add(file: self.path(ofObject: sha256), as: "objects/\(sha256)")
      written += size(ofObject: sha256) ?? 0
      report(written, total)
    }
    try archive.finish()
  }

  package struct ImportedFiles: Sendable, Equatable {
    package var objects = 0
    package var bytes = 0
    /// Digests that were not recorded here before, by "artifact/file".
    package var records: [String: RecordedDigests.Record] = [:]
  }

  /// Takes in what `export` wrote. Every object's digest is computed; nothing of a file that holds something else is kept.
  package func importArchive(
    _ path: String, shouldStop: () -> Bool, report: (_ read: Int, _ total: Int) -> Void
  ) throws -> ImportedFiles {
    try prepare()
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    let free = try freeSpace(at: folder)
    guard size <= free else { throw ArtifactError.notEnoughSpace(folder: folder, needed: size, free: free) }
    let unfinished = "\(folder)/unfinished/import.\(getpid())"
    try? FileManager.default.removeItem(atPath: unfinished)
    try makeFolder(unfinished)
    defer { try? FileManager.default.removeItem(atPath: unfinished) }
    // A tar file is no smaller than what is in it.
    let members = try Unpacker(largestTotal: size).unpack(
      path, kind: .entries, members: .all, into: unfinished, shouldStop: shouldStop, report: report)
    var imported = ImportedFiles()
    for member in members {
      let parts = member.path.split(separator: "/").map(String.init)
      switch (parts.first, parts.count) {
      case ("objects", 2) where parts[1] == member.sha256: break
      case ("objects", 2) where isSHA256(parts[1]):
        throw ArtifactError.otherDigest(file: member.path, source: path, expected: parts[1], found: member.sha256)
      case ("unpacked", 2) where parts[1].hasSuffix(".json") && isSHA256(String(parts[1].dropLast(5))): break
      case ("digests.json", 1): imported.records = try RecordedDigests(contentsOf: member.file).records
      default:
        throw ArtifactError.refusedEntry(
          file: path, entry: member.path, reason: "nothing that “recollect cache export” writes")
      }
    }
    let objects = members.filter { $0.path.hasPrefix("objects/") }
    try adopt(objects.filter { !contains($0.sha256) })
    imported.objects = objects.count
    imported.bytes = objects.reduce(0) { $0 + $1.size }
    for member in members where member.path.hasPrefix("unpacked/") {
      let archive = String(member.path.dropFirst("unpacked/".count).dropLast(".json".count))
      guard let data = FileManager.default.contents(atPath: member.file),
        let content = try? JSONDecoder().decode(UnpackedArchive.self, from: data),
        content.members.values.allSatisfy({ isSHA256($0.sha256) })
      else { throw ArtifactError.unreadable(file: member.path, reason: "no record of an unpacked archive") }
      if unpacked(archive) == nil {
        try writeDurably(data, to: self.path(ofUnpacked: archive), by: member.file + ".new")
      }
    }
    return imported
  }
}
