import Artifacts
import Foundation
import TestServers
import Testing

/// Files whose bytes are handed over and not kept.
@Suite struct DownloadStreamTests {
  let fixture: DownloadFixture
  let bytes = DownloadFixture.bytes(100_000)
  var server: FaultyServer { fixture.server }

  init() throws { fixture = try DownloadFixture() }

  private func served(_ behaviours: ServerBehaviour..., after habit: ServerBehaviour = .proper) -> Download {
    server.serve(ServedFile(bytes), at: "/file")
    server.script("/file", behaviours, after: habit)
    return fixture.download("/file", of: bytes)
  }

  /// Streams until so many bytes have come.
  private func stream(_ download: Download, until count: Int = .max) throws -> (file: StreamedFile, bytes: [UInt8]) {
    var taken: [UInt8] = []
    let file = try Downloader(settings: DownloadFixture.settings)
      .stream(download, shouldStop: { false }, report: { _ in }) { piece in
        taken += piece
        return taken.count < count
      }
    return (file, taken)
  }

  @Test func `all bytes come in order, and are verified`() throws {
    let (file, taken) = try stream(served())
    #expect(taken == bytes)
    #expect(file.isComplete && file.byteCount == 100_000 && file.total == 100_000)
    #expect(file.sha256 == sha256(bytes) && file.source == server.url("/file"))
    #expect(fixture.names.isEmpty)
  }

  @Test func `the transfer ends when enough has come`() throws {
    let (file, taken) = try stream(served(.slow(bytesPerSecond: 200_000)), until: 20_000)
    #expect(taken == Array(bytes[..<taken.count]) && (20_000..<60_000).contains(taken.count))
    #expect(!file.isComplete && file.byteCount == taken.count && file.total == 100_000)
    #expect(file.sha256 == sha256(taken))
    #expect(server.requests[0].bytesSent < 100_000)
  }

  @Test func `cuts and stalls are not seen by the reader`() throws {
    let (_, taken) = try stream(served(.cut(after: 1_000), .stall(after: 2_000), .cut(after: 0), .status(503)))
    #expect(taken == bytes)
    #expect(server.requests.map(\.range) == [nil, "bytes=1000-", "bytes=3000-", "bytes=3000-", "bytes=3000-"])
  }

  @Test func `an answer from the first byte on is skipped up to where the reader is`() throws {
    let (_, taken) = try stream(served(.cut(after: 30_000), .ignoreRange))
    #expect(taken == bytes)
  }

  @Test func `a mirror continues if it begins with the same bytes`() throws {
    _ = served(.cut(after: 30_000), after: .status(404))
    server.serve(ServedFile(bytes, entityTag: "\"other\""), at: "/mirror")
    let (_, taken) = try stream(fixture.download(server.url("/file"), server.url("/mirror")))
    #expect(taken == bytes)
    #expect(server.requests(for: "/mirror").map(\.range) == [nil])
  }

  @Test func `a file that changed is not put together with what was handed over`() throws {
    _ = served(.cut(after: 30_000), .replace(with: ServedFile(bytes.map { ~$0 }, entityTag: "\"2\"")))
    let reason = "another file than the one that was begun"
    let attempts = [ArtifactError.FailedAttempt(source: server.url("/file"), reason: reason)]
    #expect(throws: ArtifactError.unreachable(file: "file", attempts: attempts)) {
      try stream(fixture.download("/file", of: bytes))
    }
  }

  @Test func `wrong bytes are an error at the end`() throws {
    let expected = ArtifactError.otherDigest(
      file: "file", source: server.url("/file"), expected: sha256(bytes), found: sha256(bytes.map { ~$0 }))
    #expect(throws: expected) { try stream(served(after: .wrongBytes)) }
  }

  @Test func `the reader's own error comes through`() throws {
    struct Unreadable: Error {}
    #expect(throws: Unreadable.self) {
      try Downloader(settings: DownloadFixture.settings)
        .stream(served(), shouldStop: { false }, report: { _ in }) { _ in throw Unreadable() }
    }
  }

  @Test func `whoever stops gets an error`() throws {
    var taken = 0
    #expect(throws: ArtifactError.stopped(file: "file")) {
      try Downloader(settings: DownloadFixture.settings)
        .stream(served(.stall(after: 10)), shouldStop: { taken > 0 }, report: { _ in }) { piece in
          taken += piece.count
          return true
        }
    }
  }

  @Test func `a reader slower than the server holds it back`() throws {
    let bytes = DownloadFixture.bytes(40_000_000)
    server.serve(ServedFile(bytes), at: "/large")
    var mostAhead = 0
    var taken = 0
    let file = try Downloader(settings: DownloadFixture.settings).stream(
      fixture.download(server.url("/large")), shouldStop: { false },
      report: { mostAhead = max(mostAhead, $0.received - taken) }
    ) { piece in
      taken += piece.count
      usleep(1000)
      return true
    }
    #expect(file.sha256 == sha256(bytes))
    #expect(mostAhead < 6_000_000)
  }
}
