import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct DownloadTests {
  let fixture: DownloadFixture
  let bytes = DownloadFixture.bytes(10_000)
  var server: FaultyServer { fixture.server }

  init() throws { fixture = try DownloadFixture() }

  /// A download of the bytes from a server that serves them at `/file`, after it was told what to do wrong.
  private func served(_ behaviours: ServerBehaviour..., after habit: ServerBehaviour = .proper) -> Download {
    server.serve(ServedFile(bytes), at: "/file")
    server.script("/file", behaviours, after: habit)
    return fixture.download("/file", of: bytes)
  }

  /// The file arrives, as it should be.
  private func expectArrival(_ download: Download, _ end: Result<ArrivedFile, ArtifactError>?) throws {
    let file = try #require(try end?.get())
    #expect(file.size == bytes.count)
    #expect(file.sha256 == sha256(bytes))
    #expect(fixture.partial(download) == bytes)
  }

  private var ranges: [String?] { server.requests(for: "/file").map(\.range) }

  // MARK: What goes well

  @Test func `a file arrives with its source, size and digest`() throws {
    let download = served()
    let end = fixture.run(download)
    try expectArrival(download, end)
    #expect(try end?.get().source == server.url("/file"))
    #expect(fixture.names == ["file.part", "file.part.json"])
  }

  @Test func `without a declared size and digest those of what came are reported`() throws {
    _ = served()
    let download = fixture.download(server.url("/file"))
    try expectArrival(download, fixture.run(download))
  }

  @Test(arguments: [0, 1, 262_143, 262_144, 3_000_000])
  func `a file of any size has its digest`(count: Int) throws {
    let bytes = DownloadFixture.bytes(count)
    server.serve(ServedFile(bytes), at: "/file")
    let download = fixture.download("/file", of: bytes)
    #expect(try fixture.run(download)?.get().sha256 == sha256(bytes))
    #expect(fixture.partial(download) == bytes)
  }

  @Test func `chunks are put together`() throws {
    let download = served(.chunked)
    try expectArrival(download, fixture.run(download))
  }

  @Test func `the chunked body of a file of which nothing is known is believed`() throws {
    _ = served(.chunked)
    let download = fixture.download(server.url("/file"))
    try expectArrival(download, fixture.run(download))
  }

  @Test func `many files come over a few connections`() throws {
    let downloads = (0..<40).map { index in
      let bytes = DownloadFixture.bytes(1000 + index, seed: UInt64(index))
      server.serve(ServedFile(bytes), at: "/\(index)")
      return fixture.download("/\(index)", of: bytes, to: "\(index)")
    }
    var arrived: Set<Int> = []
    Downloader(settings: DownloadFixture.settings).run(downloads, shouldStop: { false }, report: { _ in }) {
      index, end in
      if case .success = end { arrived.insert(index) }
    }
    #expect(arrived == Set(0..<40))
    #expect(server.requests.count == 40)
    #expect(Set(server.requests.map(\.connection)).count <= 4)
  }

  @Test func `one that fails does not stop the others`() throws {
    let good = served()
    let bad = fixture.download(server.url("/nothing"), to: "other")
    var ends: [Int: Result<ArrivedFile, ArtifactError>] = [:]
    Downloader(settings: DownloadFixture.settings)
      .run([bad, good], shouldStop: { false }, report: { _ in }) { ends[$0] = $1 }
    #expect(ends[0]?.reasons == ["HTTP 404"])
    try expectArrival(good, ends[1])
  }

  @Test func `progress ends with all bytes and finished`() throws {
    let download = served(.slow(bytesPerSecond: 50_000))
    var progress: [DownloadProgress] = []
    Downloader(settings: DownloadFixture.settings)
      .run([download], shouldStop: { false }, report: { progress.append($0) }, arrived: { _, _ in })
    #expect(progress.first?.activity == .connecting)
    #expect(progress.contains { $0.activity == .receiving && (1..<10_000).contains($0.received) && $0.total == 10_000 })
    let last = DownloadProgress(
      index: 0, received: 10_000, total: 10_000, activity: .finished, source: server.url("/file"))
    #expect(progress.last == last)
  }

  @Test func `an error of the receiver ends the run`() throws {
    struct Enough: Error {}
    let download = served()
    #expect(throws: Enough.self) {
      try Downloader(settings: DownloadFixture.settings)
        .run([download], shouldStop: { false }, report: { _ in }, arrived: { _, _ in throw Enough() })
    }
  }

  // MARK: Cuts and stalls

  @Test(arguments: [0, 1, 9_999])
  func `a cut is followed by a request for the rest`(count: Int) throws {
    let download = served(.cut(after: count))
    try expectArrival(download, fixture.run(download))
    #expect(ranges == [nil, count > 0 ? "bytes=\(count)-" : nil])
    #expect(server.requests.map(\.bytesSent).reduce(0, +) == 10_000)
  }

  @Test func `any number of cuts is borne as long as each brings bytes`() throws {
    let download = served(after: .cut(after: 900))
    try expectArrival(download, fixture.run(download))
    #expect(ranges.count == 12)
  }

  @Test func `cuts that bring nothing use the attempts up`() throws {
    let download = served(.cut(after: 500), after: .hangUp)
    #expect(fixture.run(download)?.reasons == ["closed without an answer"])
    #expect(fixture.partial(download) == Array(bytes[..<500]))
    #expect(ranges == [nil, "bytes=500-", "bytes=500-", "bytes=500-"])
  }

  @Test func `a server that begins anew each time and cuts each time is given up`() throws {
    _ = served(after: .cut(after: 500))
    server.serve(ServedFile(bytes, entityTag: nil), at: "/file")
    let download = fixture.download(server.url("/file"))
    #expect(fixture.run(download)?.reasons == ["closed after 500 of 10000 bytes"])
    #expect(ranges == [nil, nil, nil, nil])
  }

  @Test func `a stall is followed by a request for the rest`() throws {
    let download = served(.stall(after: 4_000))
    try expectArrival(download, fixture.run(download))
    #expect(ranges == [nil, "bytes=4000-"])
  }

  @Test func `a server that only stalls is given up, with the reason`() throws {
    let download = served(after: .stall(after: 0))
    #expect(fixture.run(download)?.reasons == ["stalled for 0.30 s"])
  }

  @Test func `a slow server does not stall`() throws {
    let download = served(.slow(bytesPerSecond: 20_000))
    try expectArrival(download, fixture.run(download))
    #expect(ranges == [nil])
  }

  @Test func `nobody listening is said`() throws {
    let listener = try FaultyServer()
    let url = listener.url("/file")
    listener.stop()
    // The port is closed by the server's own thread.
    while let socket = try? Data(contentsOf: URL(fileURLWithPath: "/proc/net/tcp")),
      String(decoding: socket, as: UTF8.self).contains(String(format: "0100007F:%04X 00000000:0000 0A", listener.port))
    { usleep(1000) }
    #expect(fixture.run(fixture.download(url))?.reasons == ["connection refused"])
  }

  // MARK: Ranges

  @Test func `a range that is ignored begins the file anew`() throws {
    let download = served(.cut(after: 3_000), .ignoreRange)
    try expectArrival(download, fixture.run(download))
    #expect(ranges == [nil, "bytes=3000-"])
  }

  @Test func `a range of another place is not written`() throws {
    let download = served(.cut(after: 3_000), .shiftRange(by: 7))
    try expectArrival(download, fixture.run(download))
    #expect(ranges == [nil, "bytes=3000-", nil])
  }

  @Test func `a range of a file of another size is refused`() throws {
    let download = served(.cut(after: 3_000), after: .total(12_000))
    let expected = ArtifactError.otherSize(
      file: "file", source: server.url("/file"), expected: 10_000, found: 12_000)
    #expect(fixture.run(download) == .failure(expected))
    #expect(fixture.partial(download) == Array(bytes[..<3_000]))
  }

  @Test(arguments: [true, false])
  func `a file that changes between two ranges is got whole`(isDeclared: Bool) throws {
    let earlier = DownloadFixture.bytes(10_000, seed: 2)
    server.serve(ServedFile(earlier), at: "/file")
    server.script("/file", [.cut(after: 3_000), .replace(with: ServedFile(bytes, entityTag: "\"2\""))])
    let download = isDeclared ? fixture.download("/file", of: bytes) : fixture.download(server.url("/file"))
    try expectArrival(download, fixture.run(download))
    #expect(server.requests.map(\.bytesSent) == [3_000, 10_000])
    #expect(server.requests[1].fields["if-range"] == "\"1\"")
  }

  @Test func `a change that no validator shows is noticed at the end, and the file got whole`() throws {
    let earlier = DownloadFixture.bytes(10_000, seed: 2)
    server.serve(ServedFile(earlier, entityTag: nil, lastModified: "Mon, 02 Jan 2023 00:00:00 GMT"), at: "/file")
    let later = ServedFile(bytes, entityTag: nil, lastModified: "Mon, 02 Jan 2023 00:00:00 GMT")
    server.script("/file", [.cut(after: 3_000), .replace(with: later)])
    // Nothing tells that these parts are of two files, except the digest at the end.
    let download = fixture.download("/file", of: bytes)
    try expectArrival(download, fixture.run(download))
    #expect(server.requests.map(\.bytesSent) == [3_000, 7_000, 10_000])
  }

  @Test func `without a digest a file of no validator is begun anew`() throws {
    _ = served(.cut(after: 3_000))
    server.serve(ServedFile(bytes, entityTag: nil), at: "/file")
    let download = fixture.download(server.url("/file"))
    try expectArrival(download, fixture.run(download))
    #expect(ranges == [nil, nil])
  }

  @Test func `a weak entity tag is no condition`() throws {
    _ = served(.cut(after: 3_000))
    server.serve(ServedFile(bytes, entityTag: "W/\"1\"", lastModified: "Mon, 02 Jan 2023 00:00:00 GMT"), at: "/file")
    let download = fixture.download("/file", of: bytes)
    try expectArrival(download, fixture.run(download))
    #expect(server.requests.last?.fields["if-range"] == "Mon, 02 Jan 2023 00:00:00 GMT")
  }

  @Test func `a file that is whole already is only checked`() throws {
    let download = served()
    try Data(bytes).write(to: URL(fileURLWithPath: download.partialFile))
    try fixture.write(Array("{\"etag\":\"1\"}".utf8), to: "file.part.json")
    try expectArrival(download, fixture.run(download))
    #expect(server.requests.isEmpty)
  }

  @Test func `nothing beyond what is there means that it is whole`() throws {
    _ = served()
    let download = fixture.download(server.url("/file"), sha256: sha256(bytes))
    try Data(bytes).write(to: URL(fileURLWithPath: download.partialFile))
    try fixture.write(Array("{}".utf8), to: "file.part.json")
    try expectArrival(download, fixture.run(download))
    #expect(server.requests.map(\.status) == [416])
  }

  @Test func `more than the file has is dropped`() throws {
    _ = served()
    let download = fixture.download(server.url("/file"), sha256: sha256(bytes))
    try Data(bytes + [1, 2, 3]).write(to: URL(fileURLWithPath: download.partialFile))
    try fixture.write(Array("{}".utf8), to: "file.part.json")
    try expectArrival(download, fixture.run(download))
    #expect(server.requests.map(\.status) == [416, 200])
  }

  // MARK: Lengths

  @Test func `too much is stopped, and the next source tried`() throws {
    _ = served(after: .tooMuch(5_000_000))
    server.serve(ServedFile(bytes), at: "/mirror")
    let download = fixture.download(
      server.url("/file"), server.url("/mirror"), size: bytes.count, sha256: sha256(bytes))
    try expectArrival(download, fixture.run(download))
    #expect(server.requests(for: "/mirror").map(\.range) == [nil])
  }

  @Test func `too much alone leaves nothing`() throws {
    let download = served(after: .tooMuch(1))
    #expect(fixture.run(download)?.reasons == ["more than the 10000 bytes that the file has"])
    #expect(fixture.partial(download) == [])
  }

  @Test func `another length than the declared one is refused before its bytes come`() throws {
    let download = served(after: .tooLittle(1))
    let expected = ArtifactError.otherSize(file: "file", source: server.url("/file"), expected: 10_000, found: 9_999)
    #expect(fixture.run(download) == .failure(expected))
    #expect(fixture.partial(download) == [])
  }

  @Test func `a length that nobody says is believed where the digest is right`() throws {
    _ = served(after: .withoutLength())
    let download = fixture.download(server.url("/file"), sha256: sha256(bytes))
    try expectArrival(download, fixture.run(download))
  }

  @Test func `a length that nobody says is believed where the size is right`() throws {
    _ = served(after: .withoutLength())
    let download = fixture.download(server.url("/file"), size: bytes.count)
    try expectArrival(download, fixture.run(download))
  }

  @Test func `a body cut where nobody says its length is got once more`() throws {
    _ = served(.withoutLength(cutAfter: 700))
    let download = fixture.download(server.url("/file"), sha256: sha256(bytes))
    try expectArrival(download, fixture.run(download))
    #expect(ranges == [nil, nil])
  }

  @Test func `a body of which nothing is known, not even its end, is not believed`() throws {
    _ = served(after: .withoutLength())
    let download = fixture.download(server.url("/file"))
    #expect(fixture.run(download)?.reasons == ["does not say how long the file is, and neither does anyone else"])
  }

  // MARK: Content

  @Test func `wrong bytes of the right length are named and dropped`() throws {
    let download = served(after: .wrongBytes)
    let expected = ArtifactError.otherDigest(
      file: "file", source: server.url("/file"), expected: sha256(bytes), found: sha256(bytes.map { ~$0 }))
    #expect(fixture.run(download) == .failure(expected))
    #expect(fixture.partial(download) == [])
    #expect(server.requests.count == 1)
  }

  @Test func `after wrong bytes the next source is asked for the whole file`() throws {
    _ = served(after: .wrongBytes)
    server.serve(ServedFile(bytes), at: "/mirror")
    let download = fixture.download(
      server.url("/file"), server.url("/mirror"), size: bytes.count, sha256: sha256(bytes))
    let end = fixture.run(download)
    try expectArrival(download, end)
    #expect(try end?.get().source == server.url("/mirror"))
  }

  @Test func `wrong bytes before a cut are got once more`() throws {
    server.serve(ServedFile(DownloadFixture.bytes(10_000, seed: 2)), at: "/file")
    server.script("/file", [.cut(after: 3_000), .replace(with: ServedFile(bytes))])
    let download = fixture.download("/file", of: bytes)
    try expectArrival(download, fixture.run(download))
    #expect(ranges == [nil, "bytes=3000-", nil])
  }

  @Test func `a mirror continues what another began, where a digest will tell`() throws {
    _ = served(.cut(after: 3_000), after: .status(503))
    server.serve(ServedFile(bytes, entityTag: "\"other\""), at: "/mirror")
    let download = fixture.download(
      server.url("/file"), server.url("/mirror"), size: bytes.count, sha256: sha256(bytes))
    try expectArrival(download, fixture.run(download))
    #expect(server.requests(for: "/mirror").map(\.range) == ["bytes=3000-"])
  }

  @Test func `a mirror continues nothing where no digest will tell`() throws {
    _ = served(.cut(after: 3_000), after: .status(503))
    server.serve(ServedFile(bytes), at: "/mirror")
    let download = fixture.download(server.url("/file"), server.url("/mirror"))
    try expectArrival(download, fixture.run(download))
    #expect(server.requests(for: "/mirror").map(\.range) == [nil])
  }

  @Test func `an encoded body is refused`() throws {
    let download = served(after: .encoded("gzip"))
    #expect(fixture.run(download)?.reasons == ["sent with Content-Encoding gzip, which was not asked for"])
    #expect(server.requests[0].fields["accept-encoding"] == nil)
    #expect(fixture.partial(download) == [])
  }
  /// Apache's own configuration has `AddEncoding x-gzip .gz .tgz`.
  @Test(arguments: [("/file.tgz", "x-gzip"), ("/file.tar.gz", "gzip"), ("/file.json.gz?download=1", "X-GZIP")])
  func `a gzip'd file that a server calls encoded is the file`(path: String, encoding: String) throws {
    server.serve(ServedFile(bytes), at: path)
    server.script(path, after: .encoded(encoding))
    let download = fixture.download(path, of: bytes)
    try expectArrival(download, fixture.run(download))
  }

  @Test func `a gzip'd file under another encoding is refused`() throws {
    server.serve(ServedFile(bytes), at: "/file.gz")
    server.script("/file.gz", after: .encoded("br"))
    #expect(
      fixture.run(fixture.download("/file.gz", of: bytes))?.reasons == [
        "sent with Content-Encoding br, which was not asked for"
      ])
  }
}
