import Foundation

extension ArtifactStore {
  package struct Object: Sendable, Equatable {
    package let sha256: String
    package let size: Int
  }

  /// All objects, by digest.
  package func allObjects() throws(ArtifactError) -> [Object] {
    var objects: [Object] = []
    for prefix in try names(in: "\(folder)/objects") {
      for name in try names(in: "\(folder)/objects/\(prefix)") where isSHA256(name) {
        if let size = size(ofObject: name) { objects.append(Object(sha256: name, size: size)) }
      }
    }
    return objects.sorted { $0.sha256 < $1.sha256 }
  }

  /// Whether the object's bytes still have its digest.
  package func isWhole(_ object: Object) throws(ArtifactError) -> Bool {
    do {
      return try Artifacts.sha256(ofFile: path(ofObject: object.sha256)) == object.sha256
    } catch {
      throw .unreadable(file: error.file, reason: error.reason)
    }
  }

  /// Removes an object; one that is gone already is none the less.
  package func remove(_ sha256: String) throws(ArtifactError) {
    guard unlink(path(ofObject: sha256)) == 0 || errno == ENOENT else {
      throw .unwritable(file: path(ofObject: sha256), reason: String(cString: strerror(errno)))
    }
  }

  /// What a cleaning would remove, or has removed.
  package struct Leftovers: Sendable, Equatable {
    package var objects: [Object] = []
    /// Incomplete downloads.
    package var partialBytes = 0
    package var partialCount = 0
    package var bytes: Int { objects.reduce(partialBytes) { $0 + $1.size } }
  }

  /// Removes the objects that no artifact's folder names and no artifact needs, and what nobody is at work on any more.
  ///
  /// What another process is just fetching is left alone: its locks are held.
  ///
  /// - Parameters:
  ///   - artifacts: all that are known.
  ///   - removed: names of artifacts that are not kept either.
  ///   - isTrial: nothing is removed, only counted.
  package func removeLeftovers(
    of artifacts: [Artifact], digests: RecordedDigests, removing removed: Set<String>, isTrial: Bool
  ) throws(ArtifactError) -> Leftovers {
    var leftovers = Leftovers()
    var kept = try linkedObjects(except: removed)
    for artifact in artifacts where !removed.contains(artifact.name) {
      for file in artifact.files {
        let sha256 = file.sha256 ?? digests[artifact, file]?.sha256
        if let objects = objects(of: file, sha256: sha256) {
          kept.formUnion(objects.values)
        } else if let sha256 {
          // An archive whose members are still to be unpacked.
          kept.insert(sha256)
        }
      }
    }
    let busy = try busyKeys()
    // While anyone fetches, a new object may not be linked yet: only what nobody can be waiting for goes.
    if busy.isEmpty {
      for object in try allObjects() where !kept.contains(object.sha256) {
        leftovers.objects.append(object)
        if !isTrial { try remove(object.sha256) }
      }
    }
    for name in try names(in: "\(folder)/partial") where !busy.contains(where: name.hasPrefix) {
      let path = "\(folder)/partial/\(name)"
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      leftovers.partialBytes += Int(status.st_size)
      if isSHA256(name) { leftovers.partialCount += 1 }
      if !isTrial { unlink(path) }
    }
    if !isTrial {
      for name in try names(in: "\(folder)/unfinished") where !busy.contains(where: name.hasPrefix) {
        try? FileManager.default.removeItem(atPath: "\(folder)/unfinished/\(name)")
      }
      try removeDanglingLinks()
    }
    return leftovers
  }

  /// The digests of the objects that the artifacts' folders name.
  private func linkedObjects(except removed: Set<String>) throws(ArtifactError) -> Set<String> {
    var objects: Set<String> = []
    for artifact in try names(in: "\(folder)/artifacts") where !removed.contains(artifact) {
      let path = "\(folder)/artifacts/\(artifact)"
      for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
        guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/\(name)") else { continue }
        objects.insert(URL(fileURLWithPath: link).lastPathComponent)
      }
    }
    return objects
  }

  /// The keys of the work that some process is doing now. The locks of work that is done are removed.
  private func busyKeys() throws(ArtifactError) -> [String] {
    var busy: [String] = []
    for name in try names(in: "\(folder)/locks") {
      if let lock = try FileLock.tried(path: lockPath(name), name: name) {
        lock.release()
      } else {
        busy.append(name)
      }
    }
    return busy
  }

  /// Removes the names whose objects are gone, and the folders of artifacts that are empty then.
  package func removeDanglingLinks() throws(ArtifactError) {
    for artifact in try names(in: "\(folder)/artifacts") {
      let path = "\(folder)/artifacts/\(artifact)"
      let links = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
      // Deepest first, so that folders are empty when they are come to. `rmdir` leaves those that are not.
      for name in links.sorted(by: >) {
        var status = stat()
        let link = "\(path)/\(name)"
        if lstat(link, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
          rmdir(link)
        } else if stat(link, &status) != 0 {
          unlink(link)
        }
      }
      rmdir(path)
    }
  }

  /// The names in a folder, sorted; none where there is no such folder.
  func names(in folder: String) throws(ArtifactError) -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw .unreadable(file: folder, reason: error.localizedDescription)
    }
  }
}
