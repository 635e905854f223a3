import Foundation

/// What fetching artifacts takes, before the first byte is moved.
package struct FetchPlan: Sendable {
  package enum State: Sendable, Equatable {
    /// All that is wanted of the file is in the store.
    case stored
    /// The archive is in the store, its members are not.
    case toUnpack(archive: String)
    /// In the Hugging Face hub's own cache, at that path.
    case inHubCache(path: String)
    /// From its sources; so many bytes are there from an earlier attempt.
    case toDownload(received: Int)
  }

  package struct Item: Sendable {
    package let artifact: Artifact
    package let file: ArtifactFile
    package let state: State
    /// The manifest's, or what was recorded when the file first came.
    package let sha256: String?
    /// Exact where `isSizeExact`; nil where nothing is known.
    package let size: Int?
    package let isSizeExact: Bool
    /// In the order in which they are tried.
    package let urls: [String]

    package var name: String { "\(artifact.name)/\(file.name)" }

    /// Bytes to be moved over the network, as far as known.
    package var bytesToDownload: Int? {
      guard case .toDownload(let received) = state else { return 0 }
      if case .slice = file.content { return file.approximateSize }
      return size.map { max(0, $0 - received) }
    }

    /// Bytes that the file system has to take, as far as known, at the most at one time.
    package var bytesToWrite: Int {
      switch state {
      case .stored: 0
      case .inHubCache: 0  // Linked, not copied, where that is possible.
      case .toUnpack: unpackedBytes
      case .toDownload: (bytesToDownload ?? 0) + unpackedBytes
      }
    }

    private var unpackedBytes: Int {
      guard case .archive(let archive) = file.content else { return 0 }
      let sizes = archive.members.map(\.wanted.size)
      return sizes.contains(nil) ? archive.largestTotal : sizes.reduce(0) { $0 + $1! }
    }
  }

  package let items: [Item]
  /// Bytes free where the store is.
  package let freeSpace: Int

  package var bytesToDownload: Int { items.reduce(0) { $0 + ($1.bytesToDownload ?? 0) } }
  package var bytesToWrite: Int { items.reduce(0) { $0 + $1.bytesToWrite } }
  /// Whether a size that counts above is a guess or missing.
  package var isRough: Bool {
    items.contains { $0.state != .stored && (!$0.isSizeExact || $0.bytesToDownload == nil) }
  }

  package init(
    _ artifacts: [Artifact], store: ArtifactStore, digests: RecordedDigests, options: FetchOptions
  ) throws(ArtifactError) {
    items = artifacts.flatMap { artifact in
      artifact.files.map { file in
        Self.item(artifact, file, store: store, digests: digests, options: options)
      }
    }
    freeSpace = try Artifacts.freeSpace(at: store.folder)
  }

  static func item(
    _ artifact: Artifact, _ file: ArtifactFile, store: ArtifactStore, digests: RecordedDigests, options: FetchOptions
  ) -> Item {
    let record = digests[artifact, file]
    let sha256 = file.sha256 ?? record?.sha256
    var exact = file.size
    if case .slice = file.content {} else { exact = exact ?? record?.size }
    return Item(
      artifact: artifact, file: file,
      state: state(artifact, file, sha256, store: store, options: options),
      sha256: sha256, size: exact ?? file.approximateSize, isSizeExact: exact != nil,
      urls: options.urls(artifact, file, sha256: sha256))
  }

  private static func state(
    _ artifact: Artifact, _ file: ArtifactFile, _ sha256: String?, store: ArtifactStore, options: FetchOptions
  ) -> State {
    if store.objects(of: file, sha256: sha256) != nil { return .stored }
    if case .archive = file.content, let sha256, store.contains(sha256) { return .toUnpack(archive: sha256) }
    if case .whole = file.content {
      for case .huggingFace(let source) in file.sources {
        if let path = options.hub.cachedPath(of: source) { return .inHubCache(path: path) }
      }
    }
    let partial = store.partialPath(ofWork: store.workKey(artifact, file))
    var status = stat()
    return .toDownload(received: stat(partial, &status) == 0 ? Int(status.st_size) : 0)
  }
}

extension ArtifactStore {
  /// The objects that a file comes to, by their names in the artifact's folder; nil unless all are stored.
  ///
  /// - Parameter sha256: of the file, if known.
  func objects(of file: ArtifactFile, sha256: String?) -> [String: String]? {
    switch file.content {
    case .whole, .slice:
      guard let sha256, contains(sha256) else { return nil }
      return [file.name: sha256]
    case .archive(let archive):
      let unpacked = sha256.flatMap(unpacked)
      var objects: [String: String] = [:]
      for member in archive.members {
        guard let digest = member.wanted.sha256 ?? unpacked?.members[member.wanted.path]?.sha256, contains(digest)
        else { return nil }
        objects[member.name] = digest
      }
      return objects
    }
  }
}
