import Artifacts
import Foundation
import TestServers
import Testing

/// Of an archive its members are kept, once its digest is known to be the right one.
@Suite struct FetcherArchiveTests {
  private let fixture: FetchFixture
  private let bytes = FetchFixture.bytes
  /// Large enough to be unpacked while the digest is computed.
  private var longText: [UInt8] { (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) } }
  private var server: FaultyServer { fixture.server }
  private var store: ArtifactStore { fixture.store }

  init() throws { fixture = try FetchFixture() }

  @Test func `of an archive its members are kept, and the archive is not asked for again`() throws {
    let artifact = try fixture.archived(member: bytes)
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(fixture.content(of: artifact, "text.txt") == bytes)
    #expect(try store.allObjects().map(\.sha256) == [sha256(bytes)])
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `members whose digests nobody knows are known by their archive's`() throws {
    let artifact = try fixture.archived(member: bytes, isKnown: false)
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(fixture.content(of: artifact, "text.txt") == bytes)
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `an archive with another member than is known is refused, and no member is stored`() throws {
    let artifact = try fixture.archived(member: bytes, known: [1, 2, 3])
    let outcome = try fixture.fetch([artifact])
    #expect(outcome.failures.count == 1)
    #expect(try store.allObjects().map(\.sha256) == [artifact.files[0].sha256])
    #expect(!FileManager.default.fileExists(atPath: store.folder + "/artifacts/archive"))
  }

  @Test func `an archive that was stored but not unpacked is unpacked without another download`() throws {
    let artifact = try fixture.archived(member: bytes)
    var options = try fixture.options()
    options.keepsArchives = true
    #expect(try fixture.fetch([artifact], options: options).failures.isEmpty)
    try store.remove(sha256(bytes))
    // As if killed when the archive had just arrived.
    _ = try fixture.scratch.file("store/partial/\(try #require(artifact.files[0].sha256)).json", [1])
    #expect(try fixture.fetch([artifact], options: options).failures.isEmpty)
    #expect(server.requests.count == 1)
    #expect(fixture.content(of: artifact, "text.txt") == bytes)
    #expect(fixture.traces == [])
  }

  @Test func `of an archive with another digest nothing is kept, and the digest is the error even if it is broken`()
    throws
  {
    let zip = HandMadeZipArchive([.init(fixture.member, longText)]).bytes
    let others = [zip, Array(zip[..<(zip.count - 9)]), longText, HandMadeZipArchive([.init("../up", longText)]).bytes]
    for (number, other) in others.enumerated() {
      server.serve(ServedFile(other), at: "/\(number).zip")
      let outcome = try fixture.fetch([fixture.archive(other.count, digest: sha256([1]), paths: ["/\(number).zip"])])
      guard case .otherDigest(_, _, expected: sha256([1]), found: sha256(other))? = outcome.failures[0] else {
        Issue.record("\(number): \(outcome.failures)")
        continue
      }
      #expect(try store.allObjects().isEmpty)
      for folder in ["unfinished", "unpacked", "artifacts"] {
        #expect(try fixture.names(in: folder).isEmpty, "\(number)")
      }
    }
  }

  @Test func `an archive of the right digest that is broken is refused for what it is`() throws {
    let zip = HandMadeZipArchive([.init("../up", longText)]).bytes
    server.serve(ServedFile(zip), at: "/up.zip")
    let outcome = try fixture.fetch([fixture.archive(zip.count, digest: sha256(zip), paths: ["/up.zip"])])
    let error = ArtifactError.refusedEntry(
      file: store.path(ofObject: sha256(zip)), entry: "../up", reason: "a path with ..")
    #expect(outcome.failures == [0: error])
    #expect(try fixture.names(in: "unfinished").isEmpty && fixture.names(in: "unpacked").isEmpty)
  }

  @Test func `what a wrong archive held is not taken for what the right one holds`() throws {
    let right = HandMadeZipArchive([.init(fixture.member, longText)]).bytes
    let wrong = HandMadeZipArchive([.init(fixture.member, longText.reversed())]).bytes
    server.serve(ServedFile(right), at: "/right.zip")
    server.serve(ServedFile(wrong), at: "/wrong.zip")
    let artifact = fixture.archive(right.count, digest: sha256(right), paths: ["/wrong.zip", "/right.zip"])
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(server.requests.map(\.path) == ["/wrong.zip", "/right.zip"])
    #expect(fixture.content(of: artifact, "text.txt") == longText)
    #expect(try fixture.names(in: "unfinished").isEmpty)
  }

  @Test func `what a killed process left half unpacked is not taken`() throws {
    let zip = HandMadeZipArchive([.init(fixture.member, longText)]).bytes
    server.serve(ServedFile(zip), at: "/archive.zip")
    let left = "\(store.folder)/unfinished/\(sha256(zip))/folder name"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: left + "/text.txt"))
    let artifact = fixture.archive(zip.count, digest: sha256(zip), paths: ["/archive.zip"])
    #expect(try fixture.fetch([artifact]).failures.isEmpty)
    #expect(fixture.content(of: artifact, "text.txt") == longText)
    #expect(try fixture.names(in: "unfinished").isEmpty && store.allObjects().count == 1)
  }

  @Test func `several archives at once are all unpacked`() throws {
    let artifacts = (0..<4).map { number in
      let zip = HandMadeZipArchive([.init(fixture.member, longText + [UInt8(number)])]).bytes
      server.serve(ServedFile(zip), at: "/\(number).zip")
      return fixture.archive(
        zip.count, digest: number == 3 ? nil : sha256(zip), paths: ["/\(number).zip"], name: "\(number)")
    }
    #expect(try fixture.fetch(artifacts).failures.isEmpty)
    for (number, artifact) in artifacts.enumerated() {
      #expect(fixture.content(of: artifact, "text.txt") == longText + [UInt8(number)])
    }
    #expect(try fixture.names(in: "unfinished").isEmpty && store.allObjects().count == 4)
  }
}
