import Artifacts
import Foundation
import TestServers
import Testing

/// What is done with files that are stored: they are exported and imported, removed and checked.
@Suite struct ArtifactStoreTests {
  private let fixture: FetchFixture
  private let bytes = FetchFixture.bytes
  private var server: FaultyServer { fixture.server }
  private var store: ArtifactStore { fixture.store }

  init() throws { fixture = try FetchFixture() }

  // MARK: Export and import

  @Test func `an exported archive makes a store on a machine without a network`() throws {
    let archive = try fixture.archived(member: bytes, isKnown: false)
    server.serve(ServedFile([1, 2, 3]), at: "/b.bin")
    let unknown = fixture.artifact("b", [fixture.file("b.bin")])
    #expect(try fixture.fetch([archive, unknown]).failures.isEmpty)
    let digests = try RecordedDigests(contentsOf: fixture.recordFile)
    let tar = fixture.scratch.path + "/export.tar"
    try store.export([archive, unknown], digests: digests, to: tar) { _, _ in }

    let other = ArtifactStore(folder: fixture.scratch.path + "/other")
    let imported = try other.importArchive(tar, shouldStop: { false }, report: { _, _ in })
    #expect(imported.objects == 2 && imported.bytes == bytes.count + 3)
    #expect(imported.records == digests.records)
    for artifact in [archive, unknown] {
      let objects = try #require(other.objects(of: artifact, digests: RecordedDigests(records: imported.records)))
      try other.place(objects, of: artifact)
    }
    #expect(FileManager.default.contents(atPath: other.folder(of: archive) + "/text.txt").map(Array.init) == bytes)
  }

  @Test func `an archive that was tampered with is not imported`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = fixture.artifact("a", [fixture.file("a.bin", sha256: sha256(bytes))])
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    let tar = fixture.scratch.path + "/export.tar"
    try store.export([artifact], digests: RecordedDigests(), to: tar) { _, _ in }
    var content = try #require(FileManager.default.contents(atPath: tar).map(Array.init))
    let place = try #require(content.firstRange(of: bytes[5000..<6000])).lowerBound
    content[place] ^= 1
    let tampered = try fixture.scratch.file("tampered.tar", content)
    let other = ArtifactStore(folder: fixture.scratch.path + "/other")
    #expect(throws: ArtifactError.self) {
      try other.importArchive(tampered, shouldStop: { false }, report: { _, _ in })
    }
    #expect(try other.allObjects().isEmpty)
  }

  // MARK: Cleaning

  @Test func `cleaning keeps what artifacts need, and removes the rest`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    server.serve(ServedFile([7]), at: "/b.bin")
    let kept = fixture.artifact("a", [fixture.file("a.bin", sha256: sha256(bytes))])
    let removed = fixture.artifact("b", [fixture.file("b.bin", sha256: sha256([7]))])
    #expect(try fixture.fetch([kept, removed]).failures.isEmpty)
    _ = try fixture.scratch.file("store/partial/\(sha256([9]))", [1, 2])
    for suffix in [".json", ".json.new", ".record"] {
      _ = try fixture.scratch.file("store/partial/\(sha256([9]))\(suffix)", [])
    }
    func clean(removing: Set<String>, isTrial: Bool) throws -> ArtifactStore.Leftovers {
      try store.removeLeftovers(of: [kept, removed], digests: .init(), removing: removing, isTrial: isTrial)
    }
    let trial = try clean(removing: [], isTrial: true)
    #expect(trial.objects.isEmpty && trial.partialBytes == 2 && trial.partialCount == 1)
    #expect(try clean(removing: ["b"], isTrial: true).objects.map(\.sha256) == [sha256([7])])
    #expect(try store.allObjects().count == 2)
    #expect(try clean(removing: ["b"], isTrial: false).bytes == 3)
    #expect(try store.allObjects().map(\.sha256) == [sha256(bytes)])
    #expect(!FileManager.default.fileExists(atPath: store.folder + "/artifacts/b"))
    #expect(fixture.traces == [])
    #expect(fixture.content(of: kept, "a.bin") == bytes)
    // An artifact that the manifest no longer has is kept, as its folder names its files.
    _ = try store.removeLeftovers(of: [], digests: .init(), removing: [], isTrial: false)
    #expect(fixture.content(of: kept, "a.bin") == bytes)
  }

  @Test func `a damaged object is found`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    #expect(try fixture.fetch([fixture.artifact("a", [fixture.file("a.bin", sha256: sha256(bytes))])]).failures.isEmpty)
    let object = try #require(try store.allObjects().first)
    #expect(try store.isWhole(object))
    let path = store.path(ofObject: object.sha256)
    chmod(path, 0o644)
    try Data(bytes.reversed()).write(to: URL(fileURLWithPath: path))
    #expect(try !store.isWhole(object))
  }
}
