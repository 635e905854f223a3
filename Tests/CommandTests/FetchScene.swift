import Artifacts
import Foundation
import TestServers

/// A manifest whose files a server on loopback has, and a folder for what comes of it.
final class FetchScene {
  let server: FaultyServer
  let scratch: ScratchFolder
  /// The artifacts' mappings in the manifest.
  private var artifacts: [String] = []
  private(set) var files: [SceneFile] = []

  init() throws {
    server = try FaultyServer()
    scratch = try ScratchFolder()
  }

  deinit { server.stop() }

  var manifest: String { scratch.path + "/artifacts.yaml" }
  var recordFile: String { scratch.path + "/artifacts.lock.json" }
  var store: ArtifactStore { ArtifactStore(folder: scratch.path + "/store") }

  /// Bytes without a pattern that a shift or a swap would leave as it is.
  static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }

  /// Serves files, and writes the manifest with one more artifact that they make.
  func add(_ name: String, _ new: [SceneFile], more: String = "") throws {
    for file in new { server.serve(ServedFile(file.bytes), at: "/\(file.name)") }
    files += new
    let lines = new.map { "      - " + $0.mapping(url: server.url("/\($0.name)")) + "\n" }
    artifacts.append(
      "  - name: \(name)\n    title: The \(name)\n    licence: CC0\n\(more)    files:\n" + lines.joined())
    let names = ["all: [" + artifacts.indices.map { self.name(of: $0) }.joined(separator: ", ") + "]"]
    let text = "suites:\n  \(names[0])\nartifacts:\n" + artifacts.joined()
    try text.write(toFile: manifest, atomically: true, encoding: .utf8)
  }

  private func name(of index: Int) -> String {
    String(artifacts[index].dropFirst("  - name: ".count).prefix { $0 != "\n" })
  }

  /// No variable of whoever runs the tests counts.
  func environment(_ more: [String: String] = [:]) -> [String: String] {
    var variables = ["HF_HOME": scratch.path + "/hub", "HF_TOKEN_PATH": scratch.path + "/hub/token"]
    for name in ["HF_TOKEN", "HF_ENDPOINT", "HF_HUB_CACHE", "HF_HUB_OFFLINE"] { variables[name] = "" }
    for name in ["http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] { variables[name] = "" }
    return variables.merging(more) { $1 }
  }

  private func located(_ arguments: [String], store: String?) -> [String] {
    arguments + ["--manifest", manifest, "--store", store ?? self.store.folder]
  }

  func run(
    _ arguments: String..., store: String? = nil, environment: [String: String] = [:]
  ) throws -> Command.Outcome {
    try Command.run(located(arguments, store: store), environment: self.environment(environment))
  }

  /// Begins a fetch of all.
  func start(log: String) throws -> Process {
    try Command.start(
      located(["fetch", "--suite", "all", "--quiet"], store: nil), environment: environment(),
      output: URL(fileURLWithPath: "\(scratch.path)/\(log).out"),
      errors: URL(fileURLWithPath: "\(scratch.path)/\(log).err"))
  }

  func text(_ name: String) throws -> String { try String(contentsOfFile: "\(scratch.path)/\(name)", encoding: .utf8) }

  /// What a fetch wrote to standard error.
  func errors(_ log: String) -> String {
    FileManager.default.contents(atPath: "\(scratch.path)/\(log).err").map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// What the store has under an artifact's name.
  func content(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(store.folder)/artifacts/\(name)").map(Array.init)
  }

  /// All that lies in the store apart from `objects`, `unpacked` and `artifacts`.
  var traces: [String] {
    ["partial", "locks", "unfinished"].flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(store.folder)/\(folder)")) ?? []
      return names.map { "\(folder)/\($0)" }.sorted()
    }
  }
}

/// A file as the server has it and the manifest names it.
struct SceneFile {
  enum Kind {
    case whole
    case archive(members: [(path: String, bytes: [UInt8])])
  }

  let name: String
  let bytes: [UInt8]
  var kind = Kind.whole
  var isDigestKnown = true
  var isSizeKnown = true
  /// Of the members, in the manifest.
  var expands = 10_000_000
  /// Instead of the true one.
  var declaredDigest: String?

  static func zip(_ name: String, _ members: [(path: String, bytes: [UInt8])]) -> SceneFile {
    SceneFile(
      name: name, bytes: HandMadeZipArchive(members.map { .init($0.path, $0.bytes) }).bytes,
      kind: .archive(members: members))
  }

  static func compressedTar(_ name: String, _ members: [(path: String, bytes: [UInt8])]) -> SceneFile {
    let tar = HandMadeTar(members.map { .init($0.path, $0.bytes) }).bytes
    return SceneFile(name: name, bytes: HandMadeArchive.gzip(tar), kind: .archive(members: members))
  }

  /// The objects that it comes to in the store.
  var objects: [String] {
    switch kind {
    case .whole: [sha256(bytes)]
    case .archive(let members): members.map { sha256($0.bytes) }
    }
  }

  fileprivate func mapping(url: String) -> String {
    let size = isSizeKnown ? "\(bytes.count)" : "unknown"
    let digest = declaredDigest ?? (isDigestKnown ? sha256(bytes) : "unknown")
    let own = "file: \(name), urls: [\"\(url)\"], size: \(size), sha256: \(digest)"
    guard case .archive(let members) = kind else { return "{\(own)}" }
    let wanted = members.map { "{member: \($0.path), size: unknown, sha256: unknown}" }.joined(separator: ", ")
    return "{\(own), expands: \(expands), members: [\(wanted)]}"
  }
}
