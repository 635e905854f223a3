import Artifacts
import Foundation
import TestServers
import Testing

/// Of a file of documents the first few are kept.
@Suite struct FetcherSliceTests {
  private let fixture: FetchFixture
  private var server: FaultyServer { fixture.server }
  private var store: ArtifactStore { fixture.store }

  init() throws { fixture = try FetchFixture() }

  @Test func `a slice ends its transfer, and is the same slice again elsewhere`() throws {
    let line = Array("{\"text\": \"\(String(repeating: "word ", count: 2000))\"}\n".utf8)
    let whole = (0..<2000).flatMap { _ in line }
    // Stored, so that the file is large: 20 MB.
    server.serve(ServedFile(HandMadeArchive.gzip(whole)), at: "/c4.json.gz")
    let slice = ArtifactFile(
      name: "first.jsonl", sources: [.url(server.url("/c4.json.gz"))], size: nil, approximateSize: nil, sha256: nil,
      content: .slice(.first(3)))
    let artifact = fixture.artifact("c4", [slice])
    #expect(try fixture.fetch([artifact]).recorded == ["c4/first.jsonl"])
    #expect(fixture.content(of: artifact, "first.jsonl") == line + line + line)
    let record = try RecordedDigests(contentsOf: fixture.recordFile)[artifact, slice]
    #expect(record?.documents == 3 && record?.size == 3 * line.count)
    #expect(server.requests[0].bytesSent < whole.count)
    // A publisher who changes the file is found out.
    #expect(
      try fixture.fetch([artifact], store: ArtifactStore(folder: fixture.scratch.path + "/other")).failures.isEmpty)
    server.serve(ServedFile(HandMadeArchive.gzip(Array("{}\n{}\n{}\n{}\n".utf8))), at: "/c4.json.gz")
    #expect(
      try fixture.fetch([artifact], store: ArtifactStore(folder: fixture.scratch.path + "/third")).failures.count == 1)
  }

  @Test func `a slice of more documents than there are is an error`() throws {
    server.serve(ServedFile(HandMadeArchive.gzip(Array("{}\n{}\n".utf8))), at: "/c4.json.gz")
    let slice = ArtifactFile(
      name: "first.jsonl", sources: [.url(server.url("/c4.json.gz"))], size: nil, approximateSize: nil, sha256: nil,
      content: .slice(.first(3)))
    #expect(try fixture.fetch([fixture.artifact("c4", [slice])]).failures.count == 1)
    #expect(try store.allObjects().isEmpty)
  }
}
