import Artifacts
import Foundation
import TestServers
import Testing

/// What is fetched is verified before it stands in the store, and its digest is recorded where nobody knew it.
@Suite struct FetcherTests {
  private let fixture: FetchFixture
  private let bytes = FetchFixture.bytes
  private var server: FaultyServer { fixture.server }
  private var store: ArtifactStore { fixture.store }

  init() throws { fixture = try FetchFixture() }

  // MARK: Whole files

  @Test func `a file is verified, stored once, and linked under its name`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = fixture.artifact("a", [fixture.file("a.bin", sha256: sha256(bytes), size: bytes.count)])
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(fixture.content(of: artifact, "a.bin") == bytes)
    let objects = try store.allObjects()
    #expect(objects.map(\.sha256) == [sha256(bytes)] && objects.map(\.size) == [bytes.count])
    #expect(fixture.traces == [])
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `a file of another content is refused, and nothing of it is stored`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let expected = sha256([1, 2, 3])
    let outcome = try fixture.fetch([
      fixture.artifact("a", [fixture.file("a.bin", sha256: expected, size: bytes.count)])
    ])
    #expect(outcome.failures.count == 1)
    #expect(try store.allObjects().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: store.folder + "/artifacts/a"))
  }

  @Test func `what cannot be had leaves the others`() throws {
    server.serve(ServedFile(bytes), at: "/there.bin")
    let there = fixture.artifact("there", [fixture.file("there.bin", sha256: sha256(bytes))])
    let outcome = try fixture.fetch([fixture.artifact("gone", [fixture.file("gone.bin", sha256: sha256([1]))]), there])
    guard case .unreachable(file: "gone/gone.bin", let attempts)? = outcome.failures[0] else {
      Issue.record("\(outcome.failures)")
      return
    }
    #expect(attempts.count == 1 && outcome.failures.count == 1)
    #expect(fixture.content(of: there, "there.bin") == bytes)
  }

  @Test func `two names for one content are one download`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    server.serve(ServedFile(bytes), at: "/b.bin")
    let artifacts = ["a", "b"].map { fixture.artifact($0, [fixture.file("\($0).bin", sha256: sha256(bytes))]) }
    #expect(try fixture.fetch(artifacts).failures.isEmpty)
    #expect(server.requests.count == 1)
    #expect(fixture.content(of: artifacts[0], "a.bin") == bytes && fixture.content(of: artifacts[1], "b.bin") == bytes)
  }

  @Test func `too little room is said before the first byte`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let huge = fixture.artifact("a", [fixture.file("a.bin", sha256: sha256(bytes), size: 1 << 60)])
    let error = #expect(throws: ArtifactError.self) { try fixture.fetch([huge]) }
    guard case .notEnoughSpace(_, needed: 1 << 60, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(server.requests.isEmpty)
  }

  // MARK: Trust on first use

  @Test func `a digest that is not known is recorded, and later another content is an error`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = fixture.artifact("a", [fixture.file("a.bin")])
    #expect(try fixture.fetch([artifact]).recorded == ["a/a.bin"])
    let record = try RecordedDigests(contentsOf: fixture.recordFile)[artifact, artifact.files[0]]
    #expect(record == .init(sha256: sha256(bytes), size: bytes.count, source: server.url("/a.bin")))
    // Another machine, with the committed record, and a publisher who replaced the file by one of the same length.
    server.serve(ServedFile(bytes.reversed(), entityTag: "\"2\""), at: "/a.bin")
    let outcome = try fixture.fetch([artifact], store: ArtifactStore(folder: fixture.scratch.path + "/other"))
    #expect(outcome.failures.count == 1 && outcome.recorded.isEmpty)
    #expect(try ArtifactStore(folder: fixture.scratch.path + "/other").allObjects().isEmpty)
  }

  @Test func `where only known digests are wanted, a file without one is not asked for`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    var options = try fixture.options()
    options.requiresKnownDigests = true
    let outcome = try fixture.fetch([fixture.artifact("a", [fixture.file("a.bin")])], options: options)
    #expect(outcome.failures == [0: .unknownDigest(file: "a/a.bin")])
    #expect(server.requests.isEmpty)
  }
}
