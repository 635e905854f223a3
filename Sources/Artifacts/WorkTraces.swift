import Foundation

/// What the work of getting one file leaves about while it is done, and when its process is killed: a lock, the partial
/// file with what is known of its bytes, and the members of an archive on their way.
extension ArtifactStore {
  /// Names the work of getting a file, for all that: by the file's digest where the manifest has it, so that two
  /// artifacts with the same file share the work; else by its place there, which stays the same when the first digest is
  /// recorded in the middle of the work.
  func workKey(_ artifact: Artifact, _ file: ArtifactFile) -> String {
    file.sha256 ?? Artifacts.sha256("\(artifact.name)\n\(file.name)\n\(file.sources)\n\(file.content)".utf8)
  }

  func lockPath(_ key: String) -> String { "\(folder)/locks/\(key)" }

  /// Where a file that is not whole yet is kept.
  func partialPath(ofWork key: String) -> String { "\(folder)/partial/\(key)" }

  /// Where the members of an archive are while it is unpacked.
  func unpackingFolder(ofWork key: String) -> String { "\(folder)/unfinished/\(key)" }

  private func notePath(_ key: String) -> String { partialPath(ofWork: key) + ".record" }
  private func newNotePath(_ key: String) -> String { notePath(key) + ".new" }

  func hasTraces(ofWork key: String) -> Bool {
    (partialNames(key) + [lockPath(key), unpackingFolder(ofWork: key)]).contains(where: FileManager.default.fileExists)
  }

  private func partialNames(_ key: String) -> [String] {
    PartialFile.names(of: partialPath(ofWork: key)) + [notePath(key), newNotePath(key)]
  }

  /// Removes a partial file with what is kept beside it; what cannot be removed is left for a cleaning.
  func removePartial(ofWork key: String) {
    for name in partialNames(key) { unlink(name) }
  }

  /// Notes what is to be recorded of a file once it is stored.
  func note(_ record: RecordedDigests.Record, ofWork key: String) throws(ArtifactError) {
    guard let data = try? JSONEncoder().encode(record) else { preconditionFailure("\(record) has no JSON") }
    try writeDurably(data, to: notePath(key), by: newNotePath(key))
  }

  /// A note that cannot be read is none: the file is then got again.
  func noted(ofWork key: String) -> RecordedDigests.Record? {
    let note = FileManager.default.contents(atPath: notePath(key))
      .flatMap { try? JSONDecoder().decode(RecordedDigests.Record.self, from: $0) }
    return note.flatMap { isSHA256($0.sha256) ? $0 : nil }
  }
}
