import Artifacts
import Foundation
import Results

extension Manifest {
  /// Reads the YAML file of a manifest; every error names the file and the line.
  package init(contentsOf path: String) throws(SuiteError) {
    let text: String
    do {
      text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    } catch {
      throw SuiteError(file: path, line: 0, problem: .unreadable(reason: error.localizedDescription))
    }
    try self.init(yaml: text, file: path)
  }

  /// Reads a manifest's YAML text; `file` is named in errors.
  package init(yaml: String, file: String) throws(SuiteError) {
    let root = try SuiteMapping(
      SuiteMapping.compose(yaml, file: file), "manifest", known: ["suites", "artifacts"], file: file)
    var names = NameLines()
    let artifacts = try root.elements("artifacts", "artifact", known: Artifact.keys) { element throws(SuiteError) in
      try Artifact(element, names: &names)
    }
    var suites: [String: [String]] = [:]
    if root.has("suites") {
      let mapping = try root.mapping("suites", known: nil)
      let known = artifacts.map(\.name)
      for suite in mapping.keys {
        suites[suite] = try mapping.texts(suite)
        for name in suites[suite]! where !known.contains(name) {
          throw mapping.error(
            suite, .unknownValue(key: "artifact", found: name, nearest: nearest(to: name, among: known), known: known))
        }
      }
    }
    self.init(artifacts: artifacts, suites: suites)
  }

  /// The artifacts of these names, or those that a suite needs, in the manifest's order.
  ///
  /// - Throws: the first name that is not known, with what it may have been meant to be.
  package func artifacts(named names: [String], suite: String?) throws(UnknownArtifact) -> [Artifact] {
    var wanted = Set(names)
    if let suite {
      guard let needed = suites[suite] else {
        throw UnknownArtifact(
          kind: "suite", name: suite, nearest: nearest(to: suite, among: Array(suites.keys)),
          known: suites.keys.sorted())
      }
      wanted.formUnion(needed)
    }
    let known = artifacts.map(\.name)
    for name in names where !known.contains(name) {
      throw UnknownArtifact(kind: "artifact", name: name, nearest: nearest(to: name, among: known), known: known)
    }
    return artifacts.filter { wanted.contains($0.name) }
  }
}

/// A name that the manifest does not have.
package struct UnknownArtifact: Error, Equatable {
  package let kind: String
  package let name: String
  package let nearest: String?
  package let known: [String]
}

// What each part of the file holds. Sizes are in bytes. A size or a digest that nobody has recorded is said to be
// `unknown`: left out, it would be an error, so that none is forgotten.

extension Artifact {
  fileprivate static let keys = ["name", "title", "licence", "terms", "huggingface", "files"]

  fileprivate init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    let name = try mapping.name("name")
    try names.add(name, from: mapping, key: "name")
    let repository: Repository? =
      mapping.has("huggingface")
      ? try Repository(mapping.mapping("huggingface", known: ["model", "dataset", "revision"])) : nil
    var placed = NameLines()
    let files = try mapping.elements("files", "file", known: ArtifactFile.keys) { element throws(SuiteError) in
      let file = try ArtifactFile(element, repository: repository)
      for name in file.placedNames { try placed.add(name, from: element, key: "file") }
      return file
    }
    self.init(
      name: name, title: try mapping.text("title"), licence: try mapping.text("licence"),
      terms: mapping.has("terms") ? try mapping.text("terms") : nil, files: files)
  }
}

/// A repository of the Hugging Face hub at one revision.
private struct Repository {
  let kind: HuggingFaceFile.Kind
  let name: String
  let revision: String

  init(_ mapping: SuiteMapping) throws(SuiteError) {
    kind = mapping.has("dataset") ? .dataset : .model
    name = try mapping.text(kind.rawValue)
    revision = try mapping.text("revision")
    guard Cell.isValidName(revision) else {
      throw mapping.error("revision", .outOfRange(key: "revision", expected: "a commit or a branch", found: revision))
    }
  }
}

extension ArtifactFile {
  fileprivate static let keys = [
    "file", "path", "urls", "size", "about", "sha256", "members", "expands", "stream", "first",
  ]

  fileprivate init(_ mapping: SuiteMapping, repository: Repository?) throws(SuiteError) {
    let name = try mapping.relativePath("file")
    var sources: [ArtifactSource] = []
    if mapping.has("urls") {
      for url in try mapping.texts("urls") {
        if ["https://", "http://", "file:///"].contains(where: url.hasPrefix) {
          sources.append(.url(url))
        } else if url.hasPrefix("./") || url.hasPrefix("../") {
          // What the project has itself: a path that starts at the manifest's folder.
          let manifest = URL(fileURLWithPath: mapping.file)
          sources.append(.url(URL(fileURLWithPath: url, relativeTo: manifest).standardizedFileURL.absoluteString))
        } else {
          throw mapping.error(
            "urls",
            .outOfRange(
              key: "urls", expected: "https, http or file URLs, or paths that begin with ./ or ../", found: url))
        }
      }
    }
    if let repository {
      sources.append(
        .huggingFace(
          HuggingFaceFile(
            kind: repository.kind, repository: repository.name, revision: repository.revision,
            path: mapping.has("path") ? try mapping.relativePath("path") : name)))
    }
    guard !sources.isEmpty else { throw mapping.error("file", .missingKey("urls", in: mapping.subject)) }
    self.init(
      name: name, sources: sources, size: try mapping.knownSize("size"),
      approximateSize: try mapping.optionalInteger("about", in: 1...Int.max), sha256: try mapping.knownDigest("sha256"),
      content: try ArtifactContent(mapping))
  }
}

extension ArtifactContent {
  fileprivate init(_ mapping: SuiteMapping) throws(SuiteError) {
    if mapping.has("first") {
      for key in ["members", "expands", "stream"] where mapping.has(key) {
        throw mapping.error(key, .unknownKey(key, in: "slice", nearest: nil, known: ["first"]))
      }
      self = .slice(.first(try mapping.integer("first", in: 1...Int.max)))
    } else if mapping.has("members") {
      let members = try mapping.elements("members", "member", known: ["member", "as", "size", "sha256"]) {
        element throws(SuiteError) in
        let path = try element.text("member")
        let last = path.split(separator: "/").last.map(String.init) ?? path
        return ArchiveContent.Member(
          name: element.has("as") ? try element.relativePath("as") : last,
          wanted: WantedMember(
            path: path, size: try element.knownSize("size"), sha256: try element.knownDigest("sha256")))
      }
      let isSingleStream = mapping.has("stream")
      guard !isSingleStream || members.count == 1 else {
        throw mapping.error(
          "members", .outOfRange(key: "members", expected: "one, as a stream has no more", found: "\(members.count)"))
      }
      self = .archive(
        ArchiveContent(
          members: members, largestTotal: try mapping.integer("expands", in: 1...Int.max),
          isSingleStream: isSingleStream))
    } else {
      for key in ["expands", "stream"] where mapping.has(key) {
        throw mapping.error(key, .missingKey("members", in: mapping.subject))
      }
      self = .whole
    }
  }
}

extension SuiteMapping {
  fileprivate func knownSize(_ key: String) throws(SuiteError) -> Int? {
    try text(key) == "unknown" ? nil : try integer(key, in: 0...Int.max)
  }

  fileprivate func knownDigest(_ key: String) throws(SuiteError) -> String? {
    try text(key) == "unknown" ? nil : try sha256(key)
  }

  /// Names of folders and a file, which stay below where they start.
  fileprivate func relativePath(_ key: String) throws(SuiteError) -> String {
    let path = try text(key)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ Cell.isValidName(String($0)) }) else {
      throw error(
        key, .outOfRange(key: key, expected: "names of letters, digits and ._-+, with / between them", found: path))
    }
    return path
  }
}
