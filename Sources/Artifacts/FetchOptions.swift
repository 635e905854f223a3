import Foundation

/// How files are fetched.
package struct FetchOptions: Sendable {
  /// Nothing is asked of the network; `file://` mirrors are.
  package var isOffline: Bool
  /// Folders or URLs that are tried before the publishers: another store, or folders named like the artifacts.
  package var mirrors: [String]
  /// Refuse files whose digest neither the manifest nor the record gives.
  package var requiresKnownDigests: Bool
  package var keepsArchives: Bool
  package var hub: HuggingFaceSettings
  package var transfer: TransferSettings
  /// Where first digests are recorded.
  package var recordFile: String

  package init(
    isOffline: Bool = false, mirrors: [String] = [], requiresKnownDigests: Bool = false, keepsArchives: Bool = false,
    hub: HuggingFaceSettings, transfer: TransferSettings, recordFile: String
  ) {
    self.isOffline = isOffline || hub.isOffline
    self.mirrors = mirrors
    self.requiresKnownDigests = requiresKnownDigests
    self.keepsArchives = keepsArchives
    self.hub = hub
    self.transfer = transfer
    self.recordFile = recordFile
  }

  /// Where to get the file, in the order in which they are tried.
  func urls(_ artifact: Artifact, _ file: ArtifactFile, sha256: String?) -> [String] {
    var urls: [String] = []
    for mirror in mirrors {
      let base = mirror.contains("://") ? mirror : URL(fileURLWithPath: mirror).absoluteString
      let folder = base.hasSuffix("/") ? base : base + "/"
      // A slice's digest is that of its text, which no mirror has; the file that it is cut from has another.
      if let sha256, !file.isSlice { urls.append("\(folder)objects/\(sha256.prefix(2))/\(sha256)") }
      let name = "\(artifact.name)/\(file.publishedName)"
      urls.append(folder + (name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? name))
    }
    for source in file.sources {
      switch source {
      case .url(let url): urls.append(url)
      case .huggingFace(let file): urls.append(file.url(endpoint: hub.endpoint))
      }
    }
    return isOffline ? urls.filter { $0.hasPrefix("file:") } : urls
  }
}

extension ArtifactFile {
  var isSlice: Bool { if case .slice = content { true } else { false } }

  /// The file's name at its publisher: a slice is named otherwise than what it is cut from.
  var publishedName: String {
    guard isSlice, let source = sources.first else { return name }
    let path =
      switch source {
      case .url(let url): url
      case .huggingFace(let file): file.path
      }
    return path.split(separator: "/").last.map(String.init) ?? name
  }
}
