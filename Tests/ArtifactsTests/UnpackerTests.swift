import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct UnpackerTests {
  static let story = Array("Once upon a time there was a tensor.\n".utf8)
  static let name = "SciQ dataset-2 3/caf\u{E9}.json"

  /// The same three files as each kind of archive that is read.
  static let archives = archives(of: [(name, story), ("__MACOSX/SciQ dataset-2 3/._x", [0, 5]), ("empty", [])])

  private static func archives(of files: [(String, [UInt8])]) -> [(name: String, bytes: [UInt8])] {
    let tar = HandMadeTar(files.map { HandMadeTar.Entry($0.0, $0.1) }).bytes
    var described = HandMadeZipArchive(
      files.map { HandMadeZipArchive.Entry($0.0, $0.1, deflated: HandMadeArchive.deflated($0.1)) })
    for index in described.entries.indices { described.entries[index].moveSizesBehind(signed: index == 0) }
    var large = HandMadeZipArchive(files.map { HandMadeZipArchive.Entry($0.0, $0.1) })
    large.isLarge = true
    return [
      ("tar", tar), ("tar.gz", HandMadeArchive.gzip(tar)), ("tar.xz", HandMadeArchive.xz(tar)),
      ("tar.zst", HandMadeArchive.zstd(tar)), ("stored zip", HandMadeZipArchive(files.map { .init($0.0, $0.1) }).bytes),
      ("zip with sizes behind", described.bytes), ("zip64", large.bytes),
    ]
  }

  private func unpack(
    _ bytes: [UInt8], _ members: MemberSelection = .all, kind: ArchiveKind = .entries, largestTotal: Int = 1 << 20,
    in scratch: ScratchFolder
  ) throws -> [UnpackedMember] {
    let archive = try scratch.file("archive", bytes)
    let folder = try scratch.folder("members")
    return try Unpacker(largestTotal: largestTotal).unpack(
      archive, kind: kind, members: members, into: folder, shouldStop: { false }, report: { _, _ in })
  }

  private func unpack(
    _ bytes: [UInt8], _ members: MemberSelection = .all, kind: ArchiveKind = .entries, largestTotal: Int = 1 << 20
  ) throws -> [UnpackedMember] {
    try unpack(bytes, members, kind: kind, largestTotal: largestTotal, in: ScratchFolder())
  }

  @Test(arguments: archives)
  func `the same files come out of every kind of archive`(kind: String, bytes: [UInt8]) throws {
    let scratch = try ScratchFolder()
    let members = try unpack(bytes, in: scratch)
    #expect(members.map(\.path) == [Self.name, "__MACOSX/SciQ dataset-2 3/._x", "empty"])
    #expect(members.map(\.size) == [37, 2, 0])
    #expect(members.map(\.sha256) == [sha256(Self.story), sha256([0, 5]), sha256([])])
    for member in members {
      #expect(try sha256(ofFile: member.file) == member.sha256)
      #expect(member.file == scratch.path + "/members/" + member.path)
    }
  }

  /// Around multiples of the half MiB that is hashed at once beside the writing.
  @Test func `members of every size have their digests`() throws {
    let scratch = try ScratchFolder()
    let sizes = [0, 1, 1 << 19 - 1, 1 << 19, 1 << 19 + 1, 3 << 19, 7 << 19 + 5]
    let files = sizes.map { size in ("\(size)", (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3 &+ size) }) }
    for (kind, bytes) in Self.archives(of: files) {
      let archive = try scratch.file(kind, bytes)
      let members = try Unpacker(largestTotal: 1 << 23).unpack(
        archive, kind: .entries, members: .all, into: scratch.folder("members of \(kind)"), shouldStop: { false },
        report: { _, _ in })
      #expect(members.map(\.size) == sizes)
      #expect(members.map(\.sha256) == files.map { sha256($0.1) }, "\(kind)")
    }
  }

  /// More than one batch of the thread that writes has room for, by bytes and by number.
  @Test func `thousands of members come out in their order`() throws {
    let files = (0..<3000).map { index in
      ("folder \(index / 70)/\(index)", [UInt8](repeating: UInt8(index % 251), count: index % 7 == 0 ? 0 : index))
    }
    for (kind, bytes) in Self.archives(of: files) where ["tar.gz", "zip with sizes behind"].contains(kind) {
      let scratch = try ScratchFolder()
      let members = try unpack(bytes, largestTotal: 1 << 23, in: scratch)
      #expect(members.map(\.path) == files.map(\.0))
      #expect(members.map(\.sha256) == files.map { sha256($0.1) })
      #expect(members.map(\.size) == files.map(\.1.count))
      for index in stride(from: 0, to: 3000, by: 97) {
        #expect(try sha256(ofFile: members[index].file) == members[index].sha256)
      }
    }
  }

  @Test func `of two errors in an archive the one that stands first counts`() throws {
    let digest = String(repeating: "0", count: 64)
    let story = HandMadeTar.Entry("name", [UInt8](repeating: 7, count: 400_000))
    let up = HandMadeTar.Entry("../up", Self.story)
    func error(_ entries: [HandMadeTar.Entry]) -> ArtifactError? {
      let listed = [WantedMember(path: "name", sha256: digest), WantedMember(path: "other")]
      return #expect(throws: ArtifactError.self) { try unpack(HandMadeTar(entries).bytes, .listed(listed)) }
    }
    for _ in 0..<50 {
      guard case .otherDigest("name", _, digest, _)? = error([story, up]) else {
        Issue.record("another digest stands first")
        return
      }
      guard case .refusedEntry(_, "../up", _)? = error([up, story]) else {
        Issue.record("a path that leads outside stands first")
        return
      }
    }
  }

  @Test func `a member that cannot be written ends the whole, and none after it is written`() throws {
    let scratch = try ScratchFolder()
    let tar = HandMadeTar(["a", "b", "c"].map { .init($0, [UInt8](repeating: 1, count: 300_000)) }).bytes
    let archive = try scratch.file("archive", tar)
    let folder = try scratch.folder("members")
    let former = try scratch.file("members/b", [1])
    let error = #expect(throws: ArtifactError.self) {
      try Unpacker(largestTotal: 1 << 20).unpack(
        archive, kind: .entries, members: .all, into: folder, shouldStop: { false }, report: { _, _ in })
    }
    guard case .unwritable(former, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a", "b"])
    #expect(FileManager.default.contents(atPath: former).map(Array.init) == [1])
  }

  @Test func `nothing is written any more when it has stopped`() throws {
    let scratch = try ScratchFolder()
    let tar = HandMadeTar((0..<2000).map { .init("\($0)", [1]) }).bytes
    let archive = try scratch.file("archive", tar)
    for stop in [3, 700, 1100, 1800, 2500] {
      let folder = try scratch.folder("members")
      var turns = 0
      #expect(throws: ArtifactError.stopped(file: archive)) {
        try Unpacker(largestTotal: 1 << 23).unpack(
          archive, kind: .entries, members: .all, into: folder, shouldStop: { turns > stop },
          report: { _, _ in turns += 1 })
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).count
      usleep(20_000)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == names)
      try FileManager.default.removeItem(atPath: folder)
    }
  }

  @Test(arguments: archives)
  func `only listed members are written`(kind: String, bytes: [UInt8]) throws {
    let scratch = try ScratchFolder()
    let wanted = WantedMember(path: Self.name, size: 37, sha256: sha256(Self.story))
    #expect(try unpack(bytes, .listed([wanted]), in: scratch).map(\.path) == [Self.name])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/members") == ["SciQ dataset-2 3"])
  }

  @Test(arguments: archives)
  func `what differs from what is known of a member is an error`(kind: String, bytes: [UInt8]) throws {
    func error(_ wanted: WantedMember) -> ArtifactError? {
      #expect(throws: ArtifactError.self) { try unpack(bytes, .listed([wanted])) }
    }
    if case .otherSize(Self.name, _, 36, 37) = error(WantedMember(path: Self.name, size: 36)) {
    } else {
      Issue.record("another size")
    }
    let digest = String(repeating: "0", count: 64)
    if case .otherDigest(Self.name, _, digest, sha256(Self.story)) = error(
      WantedMember(path: Self.name, sha256: digest))
    {
    } else {
      Issue.record("another digest")
    }
    if case .missingMember(_, "nowhere") = error(WantedMember(path: "nowhere")) {} else { Issue.record("missing") }
  }

  @Test(arguments: [
    ("gz", HandMadeArchive.gzip(story)),
    ("two gz", HandMadeArchive.gzip(Array(story[..<9])) + HandMadeArchive.gzip(Array(story[9...])) + [0, 0]),
    ("xz", HandMadeArchive.xz(story)), ("zst", HandMadeArchive.zstd(story)),
  ])
  func `a compressed file has one member, of the name that the caller gives`(kind: String, bytes: [UInt8]) throws {
    let members = try unpack(bytes, kind: .compressedFile(name: "story.txt"))
    #expect(members.map(\.path) == ["story.txt"])
    #expect(members.map(\.sha256) == [sha256(Self.story)])
    #expect(throws: ArtifactError.self) {
      try unpack(bytes, .listed([WantedMember(path: "other")]), kind: .compressedFile(name: "story.txt"))
    }
    #expect(throws: ArtifactError.self) { try unpack(bytes, kind: .compressedFile(name: "../story.txt")) }
    #expect(throws: ArtifactError.self) {
      try unpack(bytes, kind: .compressedFile(name: "story.txt"), largestTotal: 36)
    }
    for count in 1..<bytes.count where kind != "two gz" {
      #expect(throws: ArtifactError.self, "\(count)") {
        try unpack(Array(bytes[..<count]), kind: .compressedFile(name: "story.txt"))
      }
    }
  }

  @Test func `a file that is not compressed is no compressed file, and one compressed twice neither`() {
    for bytes in [Self.story, [], HandMadeArchive.xz(HandMadeArchive.zstd(Self.story))] {
      #expect(throws: ArtifactError.self) { try unpack(bytes, kind: .compressedFile(name: "story.txt")) }
      #expect(throws: ArtifactError.self) { try unpack(bytes) }
    }
  }

  @Test(arguments: archives(of: [("caf\u{E9}", story)]))
  func `an archive cut anywhere is an error`(kind: String, bytes: [UInt8]) throws {
    // A tar archive of two blocks of zeros at its end is complete after the first.
    let end = kind == "tar" ? bytes.count - 512 : bytes.count
    let scratch = try ScratchFolder()
    for count in 0..<end {
      // Each a new file: one that is cut or rewritten makes some file systems write to the disk at once.
      let archive = try scratch.file("archive-\(count)", Array(bytes[..<count]))
      defer { unlink(archive) }
      let folder = try scratch.folder("members")
      defer { try? FileManager.default.removeItem(atPath: folder) }
      do {
        let members = try Unpacker(largestTotal: 1 << 20).unpack(
          archive, kind: .entries, members: .all, into: folder, shouldStop: { false }, report: { _, _ in })
        Issue.record("\(members.count) members of \(count) bytes")
      } catch ArtifactError.invalidArchive(let file, _, let reason) {
        #expect(file == archive && !reason.isEmpty)
      } catch {
        Issue.record("\(count) bytes: \(error)")
      }
    }
  }

  @Test func `a wrong checksum is an error, wherever the archive keeps it`() {
    let file = HandMadeZipArchive.Entry("name", Self.story)
    var zip = HandMadeZipArchive([file])
    zip.entries[0].packed[3] ^= 1
    let tar = HandMadeTar([.init("name", Self.story)]).bytes
    var gzip = HandMadeArchive.gzip(tar)
    gzip[gzip.count - 5] ^= 1
    var size = HandMadeArchive.gzip(tar)
    size[size.count - 1] ^= 1
    var xz = HandMadeArchive.xz(tar)
    xz[600] ^= 1
    var header = tar
    header[1] ^= 1
    for bytes in [zip.bytes, gzip, size, xz, header] {
      do {
        _ = try unpack(bytes)
        Issue.record("unpacked what is damaged")
      } catch ArtifactError.invalidArchive {
      } catch {
        Issue.record("\(error)")
      }
    }
  }

  @Test func `reading stops early only where every listed member has its digest`() throws {
    let tar = HandMadeTar([.init("name", Self.story), .init("../up", Self.story)]).bytes
    let known = WantedMember(path: "name", sha256: sha256(Self.story))
    #expect(try unpack(tar, .listed([known])).count == 1)
    #expect(throws: ArtifactError.self) { try unpack(tar, .listed([WantedMember(path: "name")])) }
  }

  @Test func `what is not wanted any more stops between two pieces`() throws {
    let scratch = try ScratchFolder()
    let tar = HandMadeTar([.init("name", [UInt8](repeating: 1, count: 1 << 20))]).bytes
    let archive = try scratch.file("archive", HandMadeArchive.gzip(tar))
    var reports: [Int] = []
    #expect(throws: ArtifactError.stopped(file: archive)) {
      try Unpacker(largestTotal: 1 << 30).unpack(
        archive, kind: .entries, members: .listed([WantedMember(path: "other")]), into: try scratch.folder("members"),
        shouldStop: { reports.count == 3 },
        report: { count, total in
          #expect(total > 1 << 20 && count <= total)
          reports.append(count)
        })
    }
    #expect(reports.count == 3 && reports == reports.sorted())
  }

  @Test func `an archive that is none is an error`() throws {
    for bytes in [[], Self.story, [UInt8](repeating: 0, count: 4096), [0x1F, 0x8B], Array("PK".utf8)] {
      #expect(throws: ArtifactError.self) { try unpack(bytes) }
    }
    let folder = try ScratchFolder()
    for path in [folder.path, folder.path + "/nowhere", "/dev/null"] {
      #expect(throws: ArtifactError.self) {
        try Unpacker(largestTotal: 1).unpack(
          path, kind: .entries, members: .all, into: folder.path, shouldStop: { false }, report: { _, _ in })
      }
    }
  }

  @Test func `three thousand damaged archives are read or refused, and nothing else`() throws {
    let scratch = try ScratchFolder()
    var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
    for round in 0..<3000 {
      var bytes = Self.archives[round % Self.archives.count].bytes
      for _ in 0..<1 + random.next(4) {
        let place = random.next(bytes.count)
        switch random.next(4) {
        case 0: bytes[place] ^= 1 << UInt8(random.next(8))
        case 1: bytes[place] = [0, 0x7F, 0x80, 0xFF][random.next(4)]
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.next(600)))
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: random.next(bytes.count))
        }
        if bytes.isEmpty { bytes = [0] }
      }
      let archive = try scratch.file("archive-\(round)", bytes)
      let folder = try scratch.folder("members")
      do throws(ArtifactError) {
        _ = try Unpacker(largestTotal: 1 << 16).unpack(
          archive, kind: .entries, members: .listed([WantedMember(path: "nowhere"), WantedMember(path: Self.name)]),
          into: folder, shouldStop: { false }, report: { _, _ in })
        Issue.record("round \(round): a member that is nowhere")
      } catch {
        switch error {
        case .invalidArchive, .refusedEntry, .missingMember: break
        default: Issue.record("round \(round): \(error)")
        }
      }
      try FileManager.default.removeItem(atPath: folder)
      unlink(archive)
    }
  }
}

/// Marsaglia's xorshift generator of 64 bits.
struct Xorshift {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
}
