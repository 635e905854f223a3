import Foundation

/// The digests of files whose publishers give none, as they were when the files came first: trust on first use.
///
/// Kept in a JSON file beside the manifest, which can be committed: whoever fetches the same files later, on whatever
/// machine, then gets the same bytes or an error.
package struct RecordedDigests: Sendable, Equatable {
  package struct Record: Codable, Sendable, Equatable {
    package var sha256: String
    package var size: Int
    /// Where the file came from.
    package var source: String
    /// Of a slice, how many documents it has.
    package var documents: Int?

    package init(sha256: String, size: Int, source: String, documents: Int? = nil) {
      self.sha256 = sha256
      self.size = size
      self.source = source
      self.documents = documents
    }
  }

  /// By "artifact/file".
  package private(set) var records: [String: Record]

  package init(records: [String: Record] = [:]) { self.records = records }

  package subscript(artifact: Artifact, file: ArtifactFile) -> Record? { records[Self.key(artifact, file)] }

  static func key(_ artifact: Artifact, _ file: ArtifactFile) -> String { "\(artifact.name)/\(file.name)" }

  /// Reads the file; one that is not there has no records.
  ///
  /// - Throws: `.unreadable` for a file that is no such record, so that a damaged one is not taken for an empty one.
  package init(contentsOf path: String) throws(ArtifactError) {
    guard FileManager.default.fileExists(atPath: path) else {
      self.init()
      return
    }
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      let records = try JSONDecoder().decode([String: Record].self, from: data)
      for (key, record) in records where !isSHA256(record.sha256) || record.size < 0 {
        throw ArtifactError.unreadable(file: path, reason: "“\(key)” has no valid digest and size")
      }
      self.init(records: records)
    } catch let error as ArtifactError {
      throw error
    } catch let error as DecodingError {
      throw .unreadable(file: path, reason: "no record of digests: \(error)")
    } catch {
      throw .unreadable(file: path, reason: error.localizedDescription)
    }
  }

  /// Adds a record to the file, whatever another process added in the meantime.
  ///
  /// - Throws: `.otherDigest` when the file has another digest for it by now.
  package static func add(
    _ record: Record, _ artifact: Artifact, _ file: ArtifactFile, to path: String
  ) throws(ArtifactError) {
    let lock = try FileLock.waiting(path: path + ".lock", name: path)
    defer { lock.release() }
    var known = try RecordedDigests(contentsOf: path)
    if let old = known[artifact, file] {
      guard old.sha256 == record.sha256 else {
        throw .otherDigest(
          file: key(artifact, file), source: record.source, expected: old.sha256, found: record.sha256)
      }
      return
    }
    known.records[key(artifact, file)] = record
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      try writeDurably(try encoder.encode(known.records) + Data("\n".utf8), to: path, by: path + ".new")
    } catch let error as ArtifactError {
      throw error
    } catch {
      throw .unwritable(file: path, reason: error.localizedDescription)
    }
  }
}

/// Whether it is a digest as this program writes them: 64 lower-case hexadecimal digits.
package func isSHA256(_ text: String) -> Bool {
  text.utf8.count == 64 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
}
