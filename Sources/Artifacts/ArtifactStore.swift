import Foundation

/// The files that were fetched, each once, named by its SHA-256 digest, below a cache folder that several processes share.
///
/// - `objects/`: whole, verified, read-only files; nothing else is ever there.
/// - `unpacked/`: by an archive's digest, what its members were.
/// - `partial/`: files on their way, kept for resuming. `locks/`: who is at work on what.
/// - `artifacts/`: a folder an artifact, with links to its files' objects under the names that programs expect.
package struct ArtifactStore: Sendable {
  package let folder: String

  package init(folder: String) { self.folder = folder }

  /// Where the object of that digest is, or would be.
  package func path(ofObject sha256: String) -> String { "\(objectFolder(of: sha256))/\(sha256)" }

  private func objectFolder(of sha256: String) -> String { "\(folder)/objects/\(sha256.prefix(2))" }

  /// The bytes of the object; nil where it is not stored.
  package func size(ofObject sha256: String) -> Int? {
    var status = stat()
    guard stat(path(ofObject: sha256), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  package func contains(_ sha256: String) -> Bool { size(ofObject: sha256) != nil }

  /// The folder of an artifact's files.
  package func folder(of artifact: Artifact) -> String { folder(ofArtifact: artifact.name) }

  package func folder(ofArtifact name: String) -> String { "\(folder)/artifacts/\(name)" }

  func prepare() throws(ArtifactError) {
    for name in ["objects", "unpacked", "partial", "locks", "artifacts", "unfinished"] {
      try makeFolder("\(folder)/\(name)")
    }
  }

  /// Takes in a complete file whose digest was found to be that, by renaming it: it lies on the store's file system, and
  /// its bytes are on the disk.
  func adopt(_ file: String, sha256: String) throws(ArtifactError) {
    try take(file, sha256)
    // Not before: a partial file whose process was killed in between could not be opened for writing again.
    try makeReadOnly(path(ofObject: sha256))
  }

  /// Takes in all that was unpacked, as `adopt` does a file, but waits for each folder of objects only once: waiting for
  /// every file takes longer than all else where they are thousands.
  ///
  /// Nothing says that the members are there before this returns, and after a crash in the middle each object is whole, as
  /// its bytes were on the disk before it got its name: it is kept, or the archive is unpacked again.
  func adopt(_ members: [UnpackedMember]) throws(ArtifactError) {
    // By folder, one object in it.
    var objects: [String: String] = [:]
    for member in members {
      let path = path(ofObject: member.sha256)
      let folder = objectFolder(of: member.sha256)
      if objects.updateValue(path, forKey: folder) == nil { try makeFolder(folder) }
      try move(member.file, to: path)
      try makeReadOnly(path)
    }
    for path in objects.values { try synchronizeFolder(of: path) }
  }

  /// Takes in a file of another program, whose digest was found to be that: as a further link to the same bytes, or,
  /// where the file systems differ, as a copy.
  func adoptForeign(_ file: String, sha256: String) throws(ArtifactError) {
    let temporary = "\(folder)/unfinished/\(sha256).\(getpid())"
    unlink(temporary)
    let original = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
    if link(original, temporary) == 0 {
      try take(temporary, sha256)
      return
    }
    do {
      try FileManager.default.copyItem(atPath: original, toPath: temporary)
    } catch {
      unlink(temporary)
      throw .unwritable(file: temporary, reason: error.localizedDescription)
    }
    try synchronizeFile(temporary)
    try adopt(temporary, sha256: sha256)
  }

  private func take(_ file: String, _ sha256: String) throws(ArtifactError) {
    let path = path(ofObject: sha256)
    try makeFolder(objectFolder(of: sha256))
    try move(file, to: path)
    try synchronizeFolder(of: path)
  }

  private func makeReadOnly(_ file: String) throws(ArtifactError) {
    guard chmod(file, 0o444) == 0 else { throw .unwritable(file: file, reason: String(cString: strerror(errno))) }
  }

  private func move(_ file: String, to path: String) throws(ArtifactError) {
    guard rename(file, path) == 0 else { throw .unwritable(file: path, reason: String(cString: strerror(errno))) }
  }

  // MARK: What archives held

  struct UnpackedArchive: Codable {
    struct Member: Codable {
      var sha256: String
      var size: Int
    }
    /// By their paths in the archive.
    var members: [String: Member]
  }

  func path(ofUnpacked archive: String) -> String { "\(folder)/unpacked/\(archive).json" }

  /// What was found in the archive of that digest. A record that cannot be read is none: the archive is then got again.
  func unpacked(_ archive: String) -> UnpackedArchive? {
    FileManager.default.contents(atPath: path(ofUnpacked: archive))
      .flatMap { try? JSONDecoder().decode(UnpackedArchive.self, from: $0) }
  }

  /// - Parameter temporary: where the record is written first; see `writeDurably`.
  func record(_ members: [UnpackedMember], of archive: String, by temporary: String) throws(ArtifactError) {
    var content = unpacked(archive) ?? UnpackedArchive(members: [:])
    for member in members { content.members[member.path] = .init(sha256: member.sha256, size: member.size) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      try writeDurably(try encoder.encode(content), to: path(ofUnpacked: archive), by: temporary)
    } catch let error as ArtifactError {
      throw error
    } catch {
      throw .unwritable(file: path(ofUnpacked: archive), reason: error.localizedDescription)
    }
  }

  // MARK: Under their names

  /// Makes the artifact's folder name exactly these objects, each file by a relative link, so that the cache can be moved.
  package func place(_ objects: [String: String], of artifact: Artifact) throws(ArtifactError) {
    let target = folder(of: artifact)
    for (name, sha256) in objects.sorted(by: { $0.key < $1.key }) {
      let link = "\(target)/\(name)"
      try makeFolder(URL(fileURLWithPath: link).deletingLastPathComponent().path)
      let depth = 2 + name.split(separator: "/").count - 1
      let object = String(repeating: "../", count: depth) + "objects/\(sha256.prefix(2))/\(sha256)"
      if let present = try? FileManager.default.destinationOfSymbolicLink(atPath: link), present == object { continue }
      let temporary = "\(folder)/unfinished/link.\(UUID().uuidString)"
      guard symlink(object, temporary) == 0, rename(temporary, link) == 0 else {
        throw .unwritable(file: link, reason: String(cString: strerror(errno)))
      }
    }
  }
}
