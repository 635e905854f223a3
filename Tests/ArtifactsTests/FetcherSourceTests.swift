import Artifacts
import Foundation
import TestServers
import Testing

/// Where a file is looked for: mirrors, the store, the hub's own cache and the hub.
@Suite struct FetcherSourceTests {
  private let fixture: FetchFixture
  private let bytes = FetchFixture.bytes
  private var server: FaultyServer { fixture.server }
  private var store: ArtifactStore { fixture.store }

  init() throws { fixture = try FetchFixture() }

  private func hubArtifact(_ revision: String, sha256: String?) -> Artifact {
    let source = HuggingFaceFile(kind: .model, repository: "org/model", revision: revision, path: "config.json")
    return fixture.artifact(
      "model",
      [
        ArtifactFile(
          name: "config.json", sources: [.huggingFace(source)], size: nil, approximateSize: nil, sha256: sha256,
          content: .whole)
      ])
  }

  /// Puts a file into a cache as the hub's own programs lay it out: a link to a blob.
  private func hubCache(_ revision: String, _ bytes: [UInt8]) throws -> String {
    let model = fixture.scratch.path + "/hub/models--org--model"
    for folder in ["blobs", "snapshots/\(revision)"] {
      try FileManager.default.createDirectory(atPath: "\(model)/\(folder)", withIntermediateDirectories: true)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: model + "/blobs/1"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(model)/snapshots/\(revision)/config.json", withDestinationPath: "../../blobs/1")
    return model + "/blobs/1"
  }

  private func hub(_ more: [String: String] = [:]) -> HuggingFaceSettings {
    let environment = ["HF_HUB_CACHE": fixture.scratch.path + "/hub", "HF_ENDPOINT": server.url("/")]
    return HuggingFaceSettings(environment: environment.merging(more) { $1 }, homeFolder: fixture.scratch.path)
  }

  private func inode(_ path: String) -> UInt? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt(status.st_ino) : nil
  }

  @Test func `mirrors are asked first, in both of their forms, and the publisher when they fail`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = fixture.artifact("a", [fixture.file("a.bin", sha256: sha256(bytes))])
    // A folder like the artifacts'.
    _ = try fixture.scratch.folder("mirror")
    _ = try fixture.scratch.folder("mirror/a")
    _ = try fixture.scratch.file("mirror/a/a.bin", bytes)
    var options = try fixture.options()
    options.mirrors = [fixture.scratch.path + "/mirror"]
    #expect(try fixture.fetch([artifact], options: options).failures.isEmpty)
    #expect(server.requests.isEmpty)
    // Another store, by digest.
    options.mirrors = [store.folder]
    let other = ArtifactStore(folder: fixture.scratch.path + "/other")
    #expect(try fixture.fetch([artifact], store: other, options: options).failures.isEmpty)
    #expect(server.requests.isEmpty)
    // A mirror with a damaged file.
    _ = try fixture.scratch.file("mirror/a/a.bin", bytes.reversed())
    options.mirrors = [fixture.scratch.path + "/mirror"]
    let third = ArtifactStore(folder: fixture.scratch.path + "/third")
    #expect(try fixture.fetch([artifact], store: third, options: options).failures.isEmpty)
    #expect(server.requests.count == 1 && third.contains(sha256(bytes)))
  }

  @Test func `offline, only the store and folders are looked into`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = fixture.artifact("a", [fixture.file("a.bin", sha256: sha256(bytes))])
    var options = try fixture.options()
    options.isOffline = true
    #expect(
      try fixture.fetch([artifact], options: options).failures == [0: .unreachable(file: "a/a.bin", attempts: [])])
    #expect(server.requests.isEmpty)
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(try fixture.fetch([artifact], options: options).failures.isEmpty)
  }

  @Test func `a file in the hub's own cache is linked, not downloaded or copied`() throws {
    let revision = String(repeating: "a", count: 40)
    let cached = try hubCache(revision, bytes)
    let artifact = hubArtifact(revision, sha256: sha256(bytes))
    var options = try fixture.options()
    options.hub = hub()
    #expect(try fixture.fetch([artifact], options: options).failures.isEmpty)
    #expect(fixture.content(of: artifact, "config.json") == bytes)
    #expect(inode(store.path(ofObject: sha256(bytes))) == inode(cached))
    #expect(server.requests.isEmpty)
  }

  @Test func `another content in the hub's own cache is not taken`() throws {
    let revision = String(repeating: "a", count: 40)
    _ = try hubCache(revision, [1, 2, 3])
    server.serve(ServedFile(bytes), at: "/org/model/resolve/\(revision)/config.json")
    let artifact = hubArtifact(revision, sha256: sha256(bytes))
    var options = try fixture.options()
    options.hub = hub()
    #expect(try fixture.fetch([artifact], options: options).failures.isEmpty)
    #expect(fixture.content(of: artifact, "config.json") == bytes)
  }

  @Test func `the endpoint and the token of the hub are used`() throws {
    let revision = String(repeating: "b", count: 40)
    server.serve(ServedFile(bytes), at: "/org/model/resolve/\(revision)/config.json")
    let artifact = hubArtifact(revision, sha256: nil)
    var options = try fixture.options()
    options.hub = hub(["HF_TOKEN": "secret"])
    options.transfer.token = options.hub.token.map { Token(value: $0, origin: options.hub.endpoint) }
    #expect(try fixture.fetch([artifact], options: options).failures.isEmpty)
    #expect(server.requests.map(\.authorization) == ["Bearer secret"])
    let record = try RecordedDigests(contentsOf: fixture.recordFile)
    #expect(!"\(record)".contains("secret"))
  }
}
