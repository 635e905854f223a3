import Models
import TestModels
import Testing

private typealias Entry = HandMadeZip.Entry

@Suite struct ZipArchiveTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/file.zip" }
  /// “a” with three bytes at 31, and “b/c” with two at 67; the directory begins at 69.
  private var small: HandMadeZip { HandMadeZip([Entry("a", [1, 2, 3]), Entry("b/c", [4, 5])]) }

  init() throws { folder = try TemporaryFolder() }

  private func open(_ zip: HandMadeZip) throws -> ZipArchive {
    try ZipArchive(path: folder.write(zip.bytes, to: "file.zip"))
  }

  private func bytes(_ name: String, in archive: ZipArchive, verified: Bool = true) throws -> [UInt8] {
    let contents = try archive.contents(of: #require(archive[name]), verified: verified)
    defer { withExtendedLifetime(contents.owner) {} }
    return Array(contents.bytes)
  }

  private func expectRefusal(
    _ reason: String, _ zip: HandMadeZip, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: CheckpointError.invalidArchive(file: path, reason: reason), sourceLocation: sourceLocation) {
      try open(zip)
    }
  }

  // MARK: Reading what is right

  @Test func `entries are found by their names`() throws {
    let archive = try open(small)
    #expect(archive.entries.map(\.name) == ["a", "b/c"])
    #expect(archive.entries.map(\.count) == [3, 2])
    #expect(try bytes("a", in: archive) == [1, 2, 3])
    #expect(try bytes("b/c", in: archive) == [4, 5])
    #expect(archive["b"] == nil)
  }

  @Test func `an archive may be empty, and so may an entry`() throws {
    #expect(try open(HandMadeZip([])).entries.isEmpty)
    #expect(try bytes("none", in: open(HandMadeZip([Entry("none", [])]))) == [])
    #expect(try bytes("none", in: open(HandMadeZip([Entry("none", deflated: [3, 0], of: [])]))) == [])
  }

  @Test func `padding before the bytes, and a comment at the end, are passed over`() throws {
    var zip = small
    zip.entries[1].headerExtra = Array("FB".utf8) + [6, 0] + Array("ZZZZZZ".utf8)
    zip.comment = [0x50, 0x4B, 5, 6] + [UInt8](repeating: 7, count: 40)
    let archive = try open(zip)
    #expect(try bytes("b/c", in: archive) == [4, 5])
  }

  @Test func `64-bit sizes and offsets are read`() throws {
    var zip = small
    zip.entries[1].isLarge = true
    zip.entries[1].extra = [9, 9, 1, 0, 0]
    #expect(try bytes("b/c", in: open(zip)) == [4, 5])
    zip.hasLargeEnd = true
    #expect(try bytes("b/c", in: open(zip)) == [4, 5])
    // The short record may say what fits it.
    zip.count = 2
    zip.directoryStart = 69
    #expect(try bytes("b/c", in: open(zip)) == [4, 5])
  }

  @Test func `a deflated entry is unpacked`() throws {
    // “ab” twenty times, by zlib: two letters, and a copy of 38 from two before
    let packed: [UInt8] = [0x4B, 0x4C, 0x4A, 0x24, 0x0A, 0x02, 0x00]
    let text = Array(String(repeating: "ab", count: 20).utf8)
    #expect(HandMadeZip.checksum(text) == 0xBCD4_5A13)
    let archive = try open(HandMadeZip([Entry("t", deflated: packed, of: text), Entry("u", [1])]))
    #expect(try bytes("t", in: archive) == text)
    #expect(try bytes("u", in: archive) == [1])
  }

  @Test func `a stored entry's checksum is verified on demand`() throws {
    var zip = small
    zip.entries[0].checksum ^= 1
    let archive = try open(zip)
    #expect(try bytes("a", in: archive, verified: false) == [1, 2, 3])
    let reason = "“a” has another checksum than the zip directory gives"
    #expect(throws: CheckpointError.invalidArchive(file: path, reason: reason)) { try bytes("a", in: archive) }
  }

  @Test func `a deflated entry's checksum is always verified`() throws {
    var entry = Entry("a", deflated: HandMadeZip.deflated([1, 2]), of: [1, 2])
    entry.checksum ^= 1
    let archive = try open(HandMadeZip([entry]))
    let reason = "“a” has another checksum than the zip directory gives"
    #expect(throws: CheckpointError.invalidArchive(file: path, reason: reason)) {
      try bytes("a", in: archive, verified: false)
    }
  }

  // MARK: Reading what is wrong

  @Test func `a file without an end of a directory is refused`() throws {
    let reason = "no end of a zip directory; the file is cut off, or no zip archive"
    for content in [[], [0x50, 0x4B, 3, 4], Array(small.bytes.dropLast()), small.bytes + [0]] as [[UInt8]] {
      try folder.write(content, to: "file.zip")
      #expect(throws: CheckpointError.invalidArchive(file: path, reason: reason)) { try ZipArchive(path: path) }
    }
  }

  @Test func `an end that lies is refused`() {
    func changed(_ change: (inout HandMadeZip) -> Void) -> HandMadeZip {
      var zip = small
      change(&zip)
      return zip
    }
    let contradiction = "the end of the zip directory contradicts itself"
    expectRefusal(contradiction, changed { $0.disk = 1 })
    expectRefusal("the zip directory is said to lie outside the file", changed { $0.directoryStart = 70 })
    expectRefusal("the zip directory is said to lie outside the file", changed { $0.directoryStart = 0xFFFF_FFFF })
    expectRefusal("the zip directory is said to lie outside the file", changed { $0.directoryCount = 0xFFFF_FFFF })
    expectRefusal("entry 0: no record of the zip directory where one should stand", changed { $0.directoryStart = 68 })
    expectRefusal("the zip directory has 49 bytes after its last entry", changed { $0.count = 1 })
    expectRefusal("3 entries do not fit a zip directory of 96 bytes", changed { $0.count = 3 })
    expectRefusal("65535 entries do not fit a zip directory of 96 bytes", changed { $0.count = 0xFFFF })
    expectRefusal("entry 1: the record is longer than the zip directory", changed { $0.directoryCount = 95 })
    for (count, start, offset) in [
      (1, nil, nil), (nil, 70, nil), (nil, -1, nil), (nil, nil, 0), (nil, nil, 200), (nil, nil, -1), (-1, nil, nil),
    ] as [(Int?, Int?, Int?)] {
      let zip = changed {
        $0.hasLargeEnd = true
        // The short end says something of its own.
        ($0.count, $0.directoryStart) = (2, 69)
        ($0.largeCount, $0.largeStart, $0.largeOffset) = (count, start, offset)
      }
      expectRefusal(contradiction, zip)
    }
  }

  @Test func `an entry that lies is refused by its name`() {
    func changed(_ change: (inout Entry) -> Void) -> HandMadeZip {
      var zip = small
      change(&zip.entries[1])
      return zip
    }
    expectRefusal("entry 1: “b/c” is encrypted", changed { $0.flags = 1 })
    expectRefusal("entry 1: “b/c” is encrypted", changed { $0.flags = 0x40 })
    expectRefusal("entry 1: “b/c” is encrypted", changed { $0.flags = 0x2000 })
    expectRefusal("entry 1: “b/c” is in another part", changed { $0.disk = 1 })
    expectRefusal("entry 1: “b/c” is in another part", changed { $0.disk = 0xFFFF })
    expectRefusal(
      "“b/c” is compressed by method 12; only deflate (8) and none (0) are known", changed { $0.method = 12 })
    expectRefusal("“b/c” is stored in 2 bytes, but said to have 3", changed { $0.count = 3 })
    expectRefusal(
      "“b/c” has another name in its header than in the zip directory", changed { $0.headerName = "b/d" })
    expectRefusal("“b/c” has no header where the zip directory says", changed { $0.offset = 35 })
    expectRefusal("“b/c” has no header where the zip directory says", changed { $0.offset = 60 })
    expectRefusal("“b/c” has no header where the zip directory says", changed { $0.offset = 0xFFFF_FFFE })
    expectRefusal("“b/c” reaches into the zip directory", changed { ($0.packedCount, $0.count) = (3, 3) })
    expectRefusal(
      "entry 1: “b/c” has a size or an offset that its zip64 field does not give", changed { $0.offset = 0xFFFF_FFFF })
    // A number above Int.max, and one that is no place in the file
    for (offset, reason) in [
      (-1, "entry 1: “b/c” has a size or an offset that its zip64 field does not give"),
      (Int.max, "“b/c” has no header where the zip directory says"),
    ] {
      let large = changed {
        $0.isLarge = true
        $0.offset = offset
      }
      expectRefusal(reason, large)
    }
  }

  @Test func `a name that is no valid UTF-8 is refused`() throws {
    let bytes = small.bytes.map { $0 == UInt8(ascii: "a") ? 0xFF : $0 }
    try folder.write(bytes, to: "file.zip")
    #expect(
      throws: CheckpointError.invalidArchive(file: path, reason: "entry 0: the name is no valid UTF-8")
    ) { try ZipArchive(path: path) }
  }

  @Test func `entries of one name, or in one place, are refused`() {
    expectRefusal("“a” is there twice", HandMadeZip([Entry("a", [1]), Entry("b", [2]), Entry("a", [1])]))
    // Å as one character and as two
    expectRefusal("“A\u{30A}” is there twice", HandMadeZip([Entry("\u{C5}", [1]), Entry("A\u{30A}", [2])]))

    // The bytes of the first are a whole entry, which the directory gives as a second.
    let inner = Array(HandMadeZip([Entry("b", [7])]).bytes[..<32])
    var zip = HandMadeZip([Entry("a", inner), Entry("b", [7])])
    zip.entries[1].offset = 31
    expectRefusal("“a” and “b” overlap", zip)
  }

  @Test func `a deflated entry that is not what the directory says is refused`() throws {
    func refusal(_ packed: [UInt8], count: Int) throws -> CheckpointError? {
      var entry = Entry("a", deflated: packed, of: [1, 2, 3])
      entry.count = count
      let archive = try open(HandMadeZip([entry]))
      return #expect(throws: CheckpointError.self) { try bytes("a", in: archive) }
    }
    func invalid(_ reason: String) -> CheckpointError { .invalidArchive(file: path, reason: "“a”: " + reason) }
    let packed = HandMadeZip.deflated([1, 2, 3])  // eight bytes
    #expect(try refusal(packed, count: 4) == invalid("unpacks to 3 bytes, not to 4"))
    #expect(try refusal(packed, count: 2) == invalid("the stream is cut off, or longer than 2 bytes unpacked"))
    #expect(try refusal(packed, count: 0) == invalid("the stream is cut off, or longer than 0 bytes unpacked"))
    #expect(
      try refusal(packed.dropLast(), count: 3) == invalid("the stream is cut off, or longer than 3 bytes unpacked"))
    #expect(try refusal(packed + [0], count: 3) == invalid("ends after 8 of 9 bytes"))
    #expect(try refusal([7], count: 3) == invalid("invalid block type"))
    #expect(try refusal([], count: 3) == invalid("the stream is cut off, or longer than 3 bytes unpacked"))
    // The bound counts whole bytes of the stream: 9 · 1032 would take nine.
    #expect(try refusal(packed, count: 9288) == invalid("8 bytes cannot unpack to 9288"))
    #expect(try refusal(packed, count: 0x7FFF_FFFF) == invalid("8 bytes cannot unpack to 2147483647"))
  }

  @Test func `an archive cut off anywhere is refused`() throws {
    var zip = small
    zip.hasLargeEnd = true
    for whole in [small.bytes, zip.bytes] {
      for length in 0..<whole.count {
        try folder.write(whole[..<length], to: "file.zip")
        #expect(throws: CheckpointError.self, "\(length) bytes") { try ZipArchive(path: path) }
      }
    }
  }

  @Test func `any one byte changed never crashes the reader`() throws {
    var large = small
    large.hasLargeEnd = true
    large.entries[0].isLarge = true
    large.entries[1] = Entry("b/c", deflated: HandMadeZip.deflated([4, 5]), of: [4, 5])
    for whole in [small.bytes, large.bytes] {
      for place in whole.indices {
        for byte in [0, 0x80, 0xFF] as [UInt8] {
          var changed = whole
          changed[place] = byte
          do throws(any Error) {
            let archive = try ZipArchive(path: folder.write(changed, to: "file.zip"))
            for entry in archive.entries { _ = try bytes(entry.name, in: archive) }
          } catch {
            #expect(error is CheckpointError)
          }
        }
      }
    }
  }
}
