import Artifacts
import Foundation
import Synchronization
import TestServers
import Testing

/// What a killed process left, and what another one is at work on.
@Suite struct FetcherLeftoverTests {
  private let fixture: FetchFixture
  private let bytes = FetchFixture.bytes
  private var server: FaultyServer { fixture.server }
  private var store: ArtifactStore { fixture.store }

  init() throws { fixture = try FetchFixture() }

  @Test func `what was stored but could not be recorded is recorded later, without another download`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = fixture.artifact("a", [fixture.file("a.bin")])
    var spoiled = try fixture.options()
    spoiled.recordFile = fixture.scratch.path + "/nowhere/artifacts.lock.json"
    #expect(try fixture.fetch([artifact], options: spoiled).failures.count == 1)
    #expect(try store.allObjects().count == 1)
    #expect(try fixture.fetch([artifact]).recorded == ["a/a.bin"])
    #expect(server.requests.count == 1)
    #expect(fixture.content(of: artifact, "a.bin") == bytes)
    #expect(fixture.traces == [])
  }

  @Test func `what stands about of files that are stored is removed by the next fetch`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let plain = fixture.artifact("a", [fixture.file("a.bin", sha256: sha256(bytes))])
    let archive = try fixture.archived(member: bytes)
    let key = try #require(archive.files[0].sha256)
    var options = try fixture.options()
    options.keepsArchives = true
    #expect(try fixture.fetch([plain, archive], options: options).failures.isEmpty)
    #expect(fixture.traces == [])
    // As if killed between the members' arrival and the archive's removal, or between a file's arrival and the end.
    _ = try fixture.scratch.folder("store/unfinished/\(key)")
    let suffixes = [".json", ".json.new", ".record", ".record.new"]
    for name in ["partial/\(key).json"] + suffixes.map({ "partial/\(sha256(bytes))\($0)" }) {
      _ = try fixture.scratch.file("store/\(name)", [1])
    }
    _ = try fixture.scratch.file("store/locks/\(sha256(bytes))", [])
    let requests = server.requests.count
    #expect(try fixture.fetch([plain, archive]).failures.isEmpty)
    #expect(server.requests.count == requests)
    #expect(fixture.traces == [])
    #expect(try store.allObjects().map(\.sha256) == [sha256(bytes)])
  }

  @Test func `what another process is at work on is left to it`() throws {
    let archive = try fixture.archived(member: bytes)
    let key = try #require(archive.files[0].sha256)
    #expect(try fixture.fetch([archive]).failures.isEmpty)
    _ = try fixture.scratch.folder("store/unfinished/\(key)")
    let lock = try #require(try FileLock.tried(path: store.folder + "/locks/\(key)", name: "archive"))
    #expect(try fixture.fetch([archive]).failures.isEmpty)
    #expect(fixture.traces == ["locks/\(key)", "unfinished/\(key)"])
    lock.release()
  }

  @Test func `who waits for one file of many waits no longer than for this one`() throws {
    server.serve(ServedFile(bytes), at: "/small.bin")
    server.script("/small.bin", after: .slow(bytesPerSecond: 50_000))
    server.serve(ServedFile(bytes), at: "/large.bin")
    server.script("/large.bin", after: .stall(after: 10_000))
    let small = fixture.artifact("small", [fixture.file("small.bin", sha256: sha256(bytes))])
    // The same bytes under a digest that they do not have: they are another file as far as anyone knows.
    let large = fixture.artifact("large", [fixture.file("large.bin", sha256: sha256([1]), size: bytes.count)])
    let isDone = Mutex(false)
    let ended = DispatchSemaphore(value: 0)
    let plan = try FetchPlan([small, large], store: store, digests: .init(), options: try fixture.options())
    let (store, options) = (store, try fixture.options())
    Thread.detachNewThread {
      let fetcher = Fetcher(store: store, options: options, shouldStop: { isDone.withLock { $0 } }, report: { _ in })
      #expect(throws: Never.self) { try fetcher.fetch(plan) }
      ended.signal()
    }
    while server.requests.count < 2 { usleep(1000) }
    #expect(try fixture.fetch([small]).failures.isEmpty)
    #expect(fixture.content(of: small, "small.bin") == bytes)
    #expect(server.requests(for: "/small.bin").count == 1)
    isDone.withLock { $0 = true }
    ended.wait()
  }
}
