import Artifacts
import Foundation

/// Names a stage of an experiment by everything that goes into it.
package struct StageKey: Hashable, Sendable {
  /// The canonical JSON text of what goes in.
  package let text: String
  package let digest: String

  package init(_ content: CanonicalJSON) {
    text = content.text
    digest = sha256(text.utf8)
  }
}

package enum StageError: Error, Equatable {
  case unwritable(folder: String, reason: String)
}

/// The stored outcome of a stage: a folder of files, whole by construction.
package struct StoredStage: Sendable {
  package let folder: String
  /// What the stage took when it was made.
  package let seconds: Double
  package let wasReused: Bool
}

/// The outcomes of stages, each in a folder named by the digest of everything that went into it, so that a stage that two
/// cells share is made once, and a run that was killed goes on where it was.
///
/// A stage is made in a folder of its own and takes its name only when it is whole, by renaming. Its files' digests are
/// recorded, and compared before it is used again: a damaged stage is made anew.
package struct StageStore: Sendable {
  package let folder: String
  /// A store whose stages may be used, and which is not written to.
  private let lender: String?

  package init(folder: String, borrowingFrom lender: String? = nil) {
    self.folder = folder
    self.lender = lender
  }

  private static let record = "stage.json"

  private struct Record: Codable {
    var key: String
    var seconds: Double
    var files: [String: String]
  }

  private func path(of key: StageKey, in folder: String) -> String {
    "\(folder)/\(key.digest.prefix(2))/\(key.digest)"
  }

  /// Where the maker of a stage may keep its state, so that another run goes on from it. It is removed with the stage's
  /// end.
  func stateFile(of key: StageKey) -> String { "\(folder)/unfinished/\(key.digest).state" }

  /// The stages that are finished.
  package var stageCount: Int {
    let files = FileManager.default
    let groups = ((try? files.contentsOfDirectory(atPath: folder)) ?? []).filter { $0 != "unfinished" }
    return groups.reduce(0) { $0 + ((try? files.contentsOfDirectory(atPath: "\(folder)/\($1)"))?.count ?? 0) }
  }

  /// The stage's outcome if it is stored and undamaged.
  package func stored(_ key: StageKey) -> StoredStage? {
    stored(key, in: folder) ?? lender.flatMap { stored(key, in: $0) }
  }

  private func stored(_ key: StageKey, in folder: String) -> StoredStage? {
    let path = path(of: key, in: folder)
    guard let data = FileManager.default.contents(atPath: path + "/" + Self.record),
      let record = try? JSONDecoder().decode(Record.self, from: data), record.key == key.text,
      // An unreadable file has no digest, and so differs from the recorded one.
      record.files.allSatisfy({ (try? sha256(ofFile: path + "/" + $0.key)) == $0.value })
    else { return nil }
    return StoredStage(folder: path, seconds: record.seconds, wasReused: true)
  }

  /// The stage's outcome, made by `make` where it is not stored.
  ///
  /// - Parameter make: writes the outcome's files into the folder it is given.
  package func stage(_ key: StageKey, make: (String) throws -> Void) throws -> StoredStage {
    if let stored = stored(key) { return stored }
    let path = path(of: key, in: folder)
    let files = FileManager.default
    let unfinished = "\(folder)/unfinished/\(key.digest).\(getpid()).\(UUID().uuidString)"
    do {
      try files.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
    } catch {
      throw StageError.unwritable(folder: unfinished, reason: error.localizedDescription)
    }
    defer { try? files.removeItem(atPath: unfinished) }  // Gone already where it took its name.
    let clock = ContinuousClock()
    let start = clock.now
    try make(unfinished)
    let seconds = (clock.now - start) / .seconds(1)
    do {
      var digests: [String: String] = [:]
      for file in try files.contentsOfDirectory(atPath: unfinished) {
        digests[file] = try sha256(ofFile: unfinished + "/" + file)
        try synchronize(unfinished + "/" + file)
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      let record = try encoder.encode(Record(key: key.text, seconds: seconds, files: digests))
      try record.write(to: URL(fileURLWithPath: unfinished + "/" + Self.record))
      try synchronize(unfinished + "/" + Self.record)
      try files.createDirectory(
        atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
      // What stands there is damaged (see `stored`), or was made by another process in the meantime, and is the same.
      if stored(key) == nil { try? files.removeItem(atPath: path) }
      if rename(unfinished, path) != 0, stored(key) == nil {
        throw StageError.unwritable(folder: path, reason: String(cString: strerror(errno)))
      }
    } catch let error as StageError {
      throw error
    } catch {
      throw StageError.unwritable(folder: path, reason: "\(error)")
    }
    unlink(stateFile(of: key))
    return StoredStage(folder: path, seconds: seconds, wasReused: false)
  }

  private func synchronize(_ path: String) throws(StageError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unwritable(folder: path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .unwritable(folder: path, reason: String(cString: strerror(errno))) }
  }

  /// Removes what killed runs left unfinished: the folders of processes that are no more. States are kept, since it is
  /// from them that a run goes on.
  package func removeAbandoned() {
    let unfinished = folder + "/unfinished"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: unfinished)) ?? [] {
      let parts = name.split(separator: ".")
      guard parts.count == 3, let process = Int32(parts[1]), kill(process, 0) != 0, errno == ESRCH else { continue }
      try? FileManager.default.removeItem(atPath: unfinished + "/" + name)
    }
  }
}
