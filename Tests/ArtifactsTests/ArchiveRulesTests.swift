import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct ArchiveRulesTests {
  static let text = Array("text".utf8)

  /// Unpacks the archive into a folder of its own, beside a file that must stay as it is.
  private func unpack(
    _ bytes: [UInt8], _ members: MemberSelection = .all, largestTotal: Int = 1 << 20
  ) throws -> [UnpackedMember] {
    let scratch = try ScratchFolder()
    let archive = try scratch.file("archive", bytes)
    let folder = try scratch.folder("members")
    defer {
      let beside = (try? FileManager.default.contentsOfDirectory(atPath: scratch.path))?.sorted()
      #expect(beside == ["archive", "members"])
    }
    return try Unpacker(largestTotal: largestTotal).unpack(
      archive, kind: .entries, members: members, into: folder, shouldStop: { false }, report: { _, _ in })
  }

  private func expectRefusal(
    _ bytes: [UInt8], _ members: MemberSelection = .all, largestTotal: Int = 1 << 20, entry: String? = nil,
    because reason: String, at location: SourceLocation = #_sourceLocation
  ) {
    do {
      let members = try unpack(bytes, members, largestTotal: largestTotal)
      Issue.record("unpacked \(members.map(\.path))", sourceLocation: location)
    } catch ArtifactError.refusedEntry(let file, let refused, let found) {
      #expect(file.hasSuffix("/archive"), sourceLocation: location)
      #expect(found.contains(reason), sourceLocation: location)
      if let entry { #expect(refused == entry, sourceLocation: location) }
    } catch {
      Issue.record("\(error)", sourceLocation: location)
    }
  }

  private func tar(_ entries: HandMadeTar.Entry...) -> [UInt8] { HandMadeTar(entries).bytes }

  private func zip(_ entries: HandMadeZipArchive.Entry...) -> [UInt8] { HandMadeZipArchive(entries).bytes }

  static let refusedNames: [(name: String, reason: String)] = [
    ("/etc/motd", "absolute"), ("//host/share", "absolute"), ("../up", "with .."), ("a/../../up", "with .."),
    ("a/..", "with .."), ("a\\b", "backslash"), ("..\\up", "backslash"), ("C:/up", "drive letter"),
    ("c:up", "drive letter"), ("a\u{1B}[2J", "control character"), ("a\nb", "control character"),
    ("a\u{85}b", "control character"),
  ]

  @Test(arguments: refusedNames)
  func `a name that leads elsewhere is refused, wanted or not`(name: String, reason: String) {
    for selection in [MemberSelection.all, .listed([WantedMember(path: "good")])] {
      expectRefusal(
        tar(.init(name, Self.text), .init("good", Self.text)), selection, entry: name, because: reason)
      expectRefusal(
        zip(.init(name, Self.text), .init("good", Self.text)), selection, entry: name, because: reason)
    }
  }

  @Test func `a name of no characters, of a NUL or of too many is refused`() {
    expectRefusal(zip(.init("", Self.text)), because: "no name")
    expectRefusal(zip(.init("a\0b", Self.text)), because: "control character")
    expectRefusal(zip(.init(String(repeating: "a", count: 256), Self.text)), because: "over 255 bytes")
    expectRefusal(zip(.init(String(repeating: "a/", count: 512) + "a", Self.text)), because: "over 1024 bytes")
    expectRefusal(tar(.init(".", Self.text)), because: "in place of the archive's folder")
  }

  @Test func `a name in another encoding is refused only where it is wanted`() throws {
    var entry = HandMadeTar.Entry("", Self.text)
    entry.name = [0x63, 0x61, 0x66, 0xE9]
    expectRefusal(tar(entry), because: "not UTF-8")
    let members = try unpack(
      tar(entry, .init("good", Self.text)), .listed([WantedMember(path: "good")]))
    #expect(members.map(\.path) == ["good"])
  }

  @Test(arguments: ["1", "2"] as [Character])
  func `a link that leads outside is refused`(type: Character) {
    for target in ["/etc/passwd", "../../x", "b/../../../x", "C:/x", "..\\x"] {
      expectRefusal(tar(.init("a/link", type: type, link: target)), because: "outside")
    }
  }

  @Test func `a link within is skipped, unless it is wanted`() throws {
    let archive = tar(
      .init("a/b/file", Self.text), .init("a/link", type: "2", link: "b/file"), .init("up", type: "2", link: "a/.."),
      .init("hard", type: "1", link: "a/b/file"), .init("a/b/two", type: "2", link: "../../hard"))
    #expect(try unpack(archive).map(\.path) == ["a/b/file"])
    expectRefusal(archive, .listed([WantedMember(path: "a/link")]), entry: "a/link", because: "a link")
    expectRefusal(archive, .listed([WantedMember(path: "hard")]), entry: "hard", because: "a link")
  }

  @Test func `a file below a link of the archive lands in a real folder`() throws {
    let members = try unpack(tar(.init("a", type: "2", link: "b"), .init("a/file", Self.text)))
    #expect(members.map(\.path) == ["a/file"])
  }

  @Test func `a symbolic link of a zip archive is seen`() {
    var link = HandMadeZipArchive.Entry("link", Array("../../x".utf8))
    link.type = 0o120000
    expectRefusal(zip(link), because: "outside")
  }

  @Test(arguments: ["3", "4", "6"] as [Character])
  func `a device or a FIFO is refused`(type: Character) {
    expectRefusal(tar(.init("device", type: type)), entry: "device", because: "neither a file nor a folder")
  }

  @Test func `a socket in a zip archive is refused`() {
    var socket = HandMadeZipArchive.Entry("socket")
    socket.type = 0o140000
    expectRefusal(zip(socket), because: "neither a file nor a folder")
  }

  @Test func `names that are the same on some file system are refused`() {
    for (first, second) in [
      ("Data/x", "data/X"), ("\u{C9}tude", "e\u{301}tude"), ("stra\u{DF}e", "STRASSE"), ("A/x", "a/y"),
    ] {
      expectRefusal(tar(.init(first, Self.text), .init(second, Self.text)), because: "only in case")
      expectRefusal(zip(.init(first, Self.text), .init(second, Self.text)), because: "only in case")
    }
    expectRefusal(tar(.init("caf\u{E9}", Self.text), .init("cafe\u{301}", Self.text)), because: "its accents")
    // Names of UTF-8 by a zip archive's own word are composed by libarchive.
    expectRefusal(zip(.init("caf\u{E9}", Self.text), .init("cafe\u{301}", Self.text)), because: "twice")
  }

  @Test func `a path that comes twice is refused`() {
    for second in ["a/x", "./a/x", "a//x"] {
      expectRefusal(tar(.init("a/x", Self.text), .init(second, Self.text)), because: "twice")
      expectRefusal(zip(.init("a/x", Self.text), .init(second, Self.text)), because: "twice")
    }
    expectRefusal(
      tar(.init("a/x", Self.text), .init("a/x", Self.text)), .listed([WantedMember(path: "a/x")]), because: "twice")
  }

  @Test func `a file and a folder of one name are refused`() {
    expectRefusal(tar(.init("a", Self.text), .init("a/x", Self.text)), because: "a file and a folder")
    expectRefusal(tar(.init("a/x", Self.text), .init("a", Self.text)), because: "a file and a folder")
    expectRefusal(tar(.init("a/", type: "5"), .init("a", Self.text)), because: "a file and a folder")
    expectRefusal(tar(.init("a/", type: "5")), .listed([WantedMember(path: "a")]), because: "a folder")
  }

  @Test func `encrypted entries are refused`() {
    var entry = HandMadeZipArchive.Entry("secret", Self.text)
    entry.header.flags |= 1
    entry.directory.flags |= 1
    expectRefusal(zip(entry), entry: "secret", because: "encrypted")
  }

  @Test func `members of more bytes than allowed are refused, by their headers or by what comes`() {
    let half = [UInt8](repeating: 1, count: 600)
    expectRefusal(tar(.init("a", half), .init("b", half)), largestTotal: 1000, entry: "b", because: "over 1000 bytes")
    let zeros = [UInt8](repeating: 0, count: 258 * 1000 + 1)
    let bomb = HandMadeArchive.deflatedZeros(zeros.count)
    expectRefusal(zip(.init("a", zeros, deflated: bomb)), largestTotal: 1000, entry: "a", because: "over 1000 bytes")
    // The headers tell a lie: 10 bytes.
    var liar = HandMadeZipArchive.Entry("a", zeros, deflated: bomb)
    liar.header.count = 10
    liar.directory.count = 10
    do {
      _ = try unpack(zip(liar))
      Issue.record("unpacked a liar")
    } catch ArtifactError.refusedEntry(_, "a", let reason) {
      #expect(reason.contains("over the 10 bytes"))
    } catch ArtifactError.invalidArchive(_, "a", let reason) {
      #expect(reason.contains("wrong size"))
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func `a tar archive that unpacks to endless skipped bytes is refused`() {
    // 200 MB of zeros within one entry, in 6 KB of zstd: 64 MiB and 100 times the file are read, and no more.
    var header = HandMadeTar([.init("zeros", size: 1600 << 17)])
    header.endCount = 0
    let archive = HandMadeArchive.zstd(header.bytes) + HandMadeArchive.zstdZeros(blocks: 1600)
    expectRefusal(archive, .listed([WantedMember(path: "other")]), entry: "zeros", because: "unpack to over")
  }

  @Test func `a zip archive whose directory and headers differ is refused`() {
    func expect(_ reason: String, _ change: (inout HandMadeZipArchive.Entry) -> Void) {
      var entry = HandMadeZipArchive.Entry("name", Self.text)
      change(&entry)
      expectRefusal(zip(.init("first", Self.text), entry, .init("last", Self.text)), because: reason)
    }
    expect("calls it other") { $0.header.name = Array("other".utf8) }
    expect("its size or checksum") { $0.header.checksum += 1 }
    expect("its size or checksum") { $0.header.count = 3 }
    expect("its size or checksum") { $0.directory.count = 3 }
    expect("how it is packed") { $0.header.method = 8 }
    expect("how it is packed") { $0.header.flags = 0 }
    expect("next entry") { $0.directory.packedCount = 40 }
    expect("size or checksum") {
      $0.moveSizesBehind(signed: true)
      $0.descriptor[4] ^= 1
    }
    expect("packed size") {
      $0.moveSizesBehind(signed: true)
      $0.descriptor[8] ^= 1
    }
  }

  @Test func `two entries of the same bytes are refused`() {
    var second = HandMadeZipArchive.Entry("a", Self.text)
    second.offset = 0
    expectRefusal(zip(.init("a", Self.text), second), because: "next entry")
  }

  @Test func `a second name in an extra field is refused`() {
    // Info-ZIP's Unicode path: version 1, the checksum of the name, another name.
    let other = Array("evil".utf8)
    let field = [1] + HandMadeArchive.little(HandMadeArchive.checksum(Array("name".utf8)), 4) + other
    var entry = HandMadeZipArchive.Entry("name", Self.text)
    entry.directoryExtra = HandMadeArchive.little(0x7075, 2) + HandMadeArchive.little(field.count, 2) + field
    entry.headerExtra = entry.directoryExtra
    expectRefusal(zip(entry), because: "evil")
  }

  @Test func `a method other than deflate is refused where it is wanted`() throws {
    var entry = HandMadeZipArchive.Entry("odd", Self.text)
    entry.header.method = 14
    entry.directory.method = 14
    expectRefusal(zip(entry), entry: "odd", because: "method 14")
    #expect(
      try unpack(zip(entry, .init("good", Self.text)), .listed([WantedMember(path: "good")])).map(\.path) == ["good"])
  }

  @Test func `a file with holes is refused`() {
    var entry = HandMadeTar.Entry("sparse", [UInt8](repeating: 1, count: 512))
    entry.extended = [
      ("GNU.sparse.map", Array("1048576,512".utf8)), ("GNU.sparse.size", Array("1049088".utf8)),
    ]
    expectRefusal(tar(entry), largestTotal: 1 << 30, because: "holes")
  }

  @Test func `names in pax headers are under the same rules`() {
    var entry = HandMadeTar.Entry("good", Self.text)
    entry.extended = [("path", Array("../up".utf8))]
    expectRefusal(tar(entry), entry: "../up", because: "with ..")
    entry.extended = [("path", Array("../up\0good".utf8))]
    expectRefusal(tar(entry), because: "with ..")
  }
}
