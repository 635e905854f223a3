import Artifacts
import Foundation
import TestServers
import Testing

/// What one run leaves, and the next one makes of it.
@Suite struct DownloadResumeTests {
  let fixture: DownloadFixture
  let bytes = DownloadFixture.bytes(60_000)
  var server: FaultyServer { fixture.server }

  init() throws { fixture = try DownloadFixture() }

  /// Leaves a part of the file, and the number of bytes it has.
  private func interrupt(_ download: Download) throws -> Int {
    server.script("/file", [.slow(bytesPerSecond: 200_000)])
    #expect(fixture.run(download, until: 10_000) == .failure(.stopped(file: "file")))
    let count = try #require(fixture.partial(download)?.count)
    #expect((10_000..<60_000).contains(count))
    #expect(fixture.names == ["file.part", "file.part.json"])
    return count
  }

  private func expectArrival(_ download: Download) throws {
    #expect(try fixture.run(download)?.get().sha256 == sha256(bytes))
    #expect(fixture.partial(download) == bytes)
    #expect(fixture.names == ["file.part", "file.part.json"])
  }

  @Test(arguments: [true, false])
  func `the next run asks only for the rest`(isDeclared: Bool) throws {
    server.serve(ServedFile(bytes), at: "/file")
    let download = isDeclared ? fixture.download("/file", of: bytes) : fixture.download(server.url("/file"))
    let count = try interrupt(download)
    try expectArrival(download)
    #expect(server.requests.last?.range == "bytes=\(count)-")
    #expect(server.requests.last?.bytesSent == 60_000 - count)
  }

  @Test(arguments: [true, false])
  func `the next run finds that the file changed`(isDeclared: Bool) throws {
    server.serve(ServedFile(DownloadFixture.bytes(60_000, seed: 2)), at: "/file")
    let download = isDeclared ? fixture.download("/file", of: bytes) : fixture.download(server.url("/file"))
    let count = try interrupt(download)
    server.serve(ServedFile(bytes, entityTag: "\"2\""), at: "/file")
    try expectArrival(download)
    #expect(server.requests.map(\.range) == [nil, "bytes=\(count)-"])
    #expect(server.requests.last?.bytesSent == 60_000)
  }

  @Test func `a part of a changed file is not taken where the server ignores the condition`() throws {
    server.serve(ServedFile(DownloadFixture.bytes(60_000, seed: 2)), at: "/file")
    let download = fixture.download(server.url("/file"))
    let count = try interrupt(download)
    server.serve(ServedFile(bytes, entityTag: "\"2\""), at: "/file")
    server.script("/file", [.ignoreCondition])
    try expectArrival(download)
    #expect(server.requests.map(\.range) == [nil, "bytes=\(count)-", nil])
  }

  @Test func `without a digest the next run goes on at the source of the first bytes`() throws {
    server.serve(ServedFile(bytes), at: "/file")
    _ = try interrupt(fixture.download(server.url("/file")))
    server.serve(ServedFile(bytes), at: "/mirror")
    let download = fixture.download(server.url("/mirror"), server.url("/file"))
    try expectArrival(download)
    #expect(server.requests(for: "/mirror").isEmpty)
  }

  @Test(arguments: ["", "{", "[1]", "{\"size\": \"many\"}"])
  func `a part whose origin cannot be read is got anew`(origin: String) throws {
    server.serve(ServedFile(bytes), at: "/file")
    try fixture.write(Array(bytes[..<100]), to: "file.part")
    try fixture.write(Array(origin.utf8), to: "file.part.json")
    try expectArrival(fixture.download("/file", of: bytes))
    #expect(server.requests.map(\.range) == [nil])
  }

  @Test func `a part that is not of the file is noticed at the end, and got anew`() throws {
    server.serve(ServedFile(bytes), at: "/file")
    try fixture.write([1, 2, 3], to: "file.part")
    try fixture.write(Array("{}".utf8), to: "file.part.json")
    try expectArrival(fixture.download("/file", of: bytes))
    #expect(server.requests.map(\.range) == ["bytes=3-", nil])
  }

  @Test func `parts of two sources are not taken for one source's by a run without a digest`() throws {
    server.serve(ServedFile(bytes), at: "/file")
    let count = try interrupt(fixture.download("/file", of: bytes))
    server.serve(ServedFile(bytes), at: "/mirror")
    server.script("/mirror", [.slow(bytesPerSecond: 100_000)])
    let mirrored = fixture.download("/mirror", of: bytes)
    #expect(fixture.run(mirrored, until: count + 1) == .failure(.stopped(file: "file")))
    try expectArrival(fixture.download(server.url("/mirror")))
    #expect(server.requests(for: "/mirror").map(\.range) == ["bytes=\(count)-", nil])
  }

  @Test func `whoever stops waits for neither a retry nor a stall`() throws {
    server.script("/busy", after: .status(503, fields: ["Retry-After: 60"]))
    server.serve(ServedFile(bytes), at: "/file")
    server.script("/file", after: .stall(after: 5))
    var settings = DownloadFixture.settings
    settings.stallSeconds = 60
    settings.concurrentDownloads = 2
    let downloads = ["/busy", "/file", "/file", "/file"].enumerated().map {
      fixture.download(server.url($0.element), to: "\($0.offset)")
    }
    let start = ContinuousClock.now
    var ends: [Int: Result<ArrivedFile, ArtifactError>] = [:]
    Downloader(settings: settings).run(
      downloads, shouldStop: { ContinuousClock.now - start > .seconds(0.3) }, report: { _ in },
      arrived: { ends[$0] = $1 })
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(ends.keys.sorted() == [0, 1, 2, 3])
    for (index, end) in ends { #expect(end == .failure(.stopped(file: "\(index)"))) }
  }

  @Test func `the limit holds over all transfers together`() throws {
    let downloads = (0..<3).map { index in
      let bytes = DownloadFixture.bytes(50_000, seed: UInt64(index))
      server.serve(ServedFile(bytes), at: "/\(index)")
      return fixture.download("/\(index)", of: bytes, to: "\(index)")
    }
    var settings = DownloadFixture.settings
    settings.bytesPerSecond = 200_000
    let start = ContinuousClock.now
    Downloader(settings: settings)
      .run(downloads, shouldStop: { false }, report: { _ in }, arrived: { #expect((try? $1.get()) != nil, "\($0)") })
    // 150,000 bytes at 200,000 each second, less what is saved up at most.
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    #expect(seconds > 0.6)
    #expect(seconds < 3)
  }

  // MARK: File URLs

  @Test func `a file of this machine is copied`() throws {
    let path = try fixture.write(bytes, to: "a file")
    let download = fixture.download("file://" + path.replacing(" ", with: "%20"), size: 60_000, sha256: sha256(bytes))
    #expect(try fixture.run(download)?.get().sha256 == sha256(bytes))
    #expect(fixture.partial(download) == bytes)
  }

  @Test func `the copy of a file is continued if the file is still the same`() throws {
    let path = try fixture.write(bytes, to: "original")
    let download = fixture.download("file://" + path)
    var settings = DownloadFixture.settings
    settings.bytesPerSecond = 100_000
    #expect(fixture.run(download, until: 10_000, settings) == .failure(.stopped(file: "file")))
    let count = try #require(fixture.partial(download)?.count)
    var received: [Int] = []
    Downloader(settings: settings)
      .run([download], shouldStop: { false }, report: { received.append($0.received) }, arrived: { _, _ in })
    #expect(received.min() == count)
    #expect(fixture.partial(download) == bytes)
  }

  @Test func `the copy of a file that changed is begun anew`() throws {
    let path = try fixture.write(DownloadFixture.bytes(70_000, seed: 2), to: "original")
    let download = fixture.download("file://" + path)
    var settings = DownloadFixture.settings
    settings.bytesPerSecond = 100_000
    #expect(fixture.run(download, until: 10_000, settings) == .failure(.stopped(file: "file")))
    try fixture.write(bytes, to: "original")
    _ = try fixture.run(download)?.get()
    #expect(fixture.partial(download) == bytes)
  }

  @Test func `no file there is said`() throws {
    let missing = fixture.download("file://\(fixture.folder)/missing", "file://\(fixture.folder)")
    #expect(fixture.run(missing)?.reasons == ["no such file or directory", "not a file"])
  }

  // MARK: The disk

  @Test func `a folder that is not there is named`() throws {
    var download = fixture.download(server.url("/file"))
    download.partialFile = fixture.folder + "/missing/file.part"
    let expected = ArtifactError.unwritable(file: download.partialFile, reason: "No such file or directory")
    #expect(fixture.run(download) == .failure(expected))
  }

  @Test func `a full disk is said, and what fitted is continued once there is room`() throws {
    let disk = fixture.folder + "/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    guard mount("none", disk, "tmpfs", 0, "size=1m") == 0 else {
      try Test.cancel("no file system may be mounted here")
    }
    defer { umount2(disk, Int32(MNT_DETACH)) }
    let bytes = DownloadFixture.bytes(3_000_000)
    server.serve(ServedFile(bytes), at: "/file")
    var download = fixture.download("/file", of: bytes)
    download.partialFile = disk + "/file.part"
    let expected = ArtifactError.unwritable(file: download.partialFile, reason: "No space left on device")
    #expect(fixture.run(download) == .failure(expected))
    let count = try #require(fixture.partial(download)?.count)
    #expect(count > 500_000 && fixture.partial(download) == Array(bytes[..<count]))
    try #require(mount("none", disk, "tmpfs", UInt(MS_REMOUNT), "size=8m") == 0)
    _ = try fixture.run(download)?.get()
    #expect(fixture.partial(download) == bytes)
    #expect(server.requests.last?.range == "bytes=\(count)-")
  }
}
