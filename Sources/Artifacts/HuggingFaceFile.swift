import Foundation

/// A file of a repository of the Hugging Face hub, at one revision.
package struct HuggingFaceFile: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case model
    case dataset
  }

  package let kind: Kind
  /// As in "facebook/opt-125m".
  package let repository: String
  /// A commit.
  package let revision: String
  package let path: String

  package init(kind: Kind, repository: String, revision: String, path: String) {
    self.kind = kind
    self.repository = repository
    self.revision = revision
    self.path = path
  }

  /// - Parameter endpoint: the hub or a mirror of it, as in "https://huggingface.co".
  package func url(endpoint: String) -> String {
    let folder = kind == .model ? repository : "datasets/" + repository
    let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    return "\(endpoint)/\(folder)/resolve/\(revision)/\(escaped)"
  }
}

/// What the environment says of the Hugging Face hub.
///
/// Source: `conventions.md`, "Downloads and caches".
package struct HuggingFaceSettings: Sendable {
  package let endpoint: String
  package let isOffline: Bool
  /// The folder of the hub's own cache, which is read and never written.
  package let cacheFolder: String
  /// Never shown.
  package let token: String?

  package init(environment: [String: String], homeFolder: String) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    var endpoint = value("HF_ENDPOINT") ?? "https://huggingface.co"
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint
    isOffline = ["1", "true", "yes", "on"].contains(value("HF_HUB_OFFLINE")?.lowercased())
    let home = value("HF_HOME") ?? (value("XDG_CACHE_HOME") ?? homeFolder + "/.cache") + "/huggingface"
    cacheFolder = value("HF_HUB_CACHE") ?? home + "/hub"
    let tokenFile = value("HF_TOKEN_PATH") ?? home + "/token"
    let stored = FileManager.default.contents(atPath: tokenFile).flatMap { String(data: $0, encoding: .utf8) }
    let token = (value("HF_TOKEN") ?? stored)?.trimmingCharacters(in: .whitespacesAndNewlines)
    // A line feed would end the header that carries the token.
    self.token = token.flatMap { $0.isEmpty || $0.contains(where: \.isNewline) ? nil : $0 }
  }

  /// The file in the hub's cache, if it is there.
  package func cachedPath(of file: HuggingFaceFile) -> String? {
    let folder = "\(file.kind.rawValue)s--" + file.repository.replacingOccurrences(of: "/", with: "--")
    let path = "\(cacheFolder)/\(folder)/snapshots/\(file.revision)/\(file.path)"
    return FileManager.default.isReadableFile(atPath: path) ? path : nil
  }
}
