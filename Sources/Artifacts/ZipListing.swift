/// The directory of a zip archive (PKWARE's APPNOTE.TXT, section 4.3), compared with what stands before each entry.
///
/// A zip archive says everything twice: in its directory at the end, and in a header before each entry. Programs differ
/// in which they believe, so an archive in which the two disagree holds other files for one reader than for the next.
/// libarchive reads both and compares little; here all that decides about content has to be the same, and no byte may
/// belong to two entries.
struct ZipListing {
  struct Entry: Equatable {
    let name: [UInt8]
    let flags: Int
    /// 0 is stored, 8 deflate.
    let method: Int
    let checksum: Int
    let packedSize: Int
    let size: Int
    /// Where its header stands in the file.
    let offset: Int

    var shownName: String { String(decoding: name, as: UTF8.self) }
    /// Whether the name is UTF-8 for sure: said to be, or ASCII.
    var isNameUnicode: Bool { flags & 0x800 != 0 || name.allSatisfy { $0 < 0x80 } }
    fileprivate var hasDescriptor: Bool { flags & 8 != 0 }
  }

  /// Bytes that a directory may have; it is held in memory.
  static let largestDirectory = 64 << 20

  /// In the order in which they stand in the file.
  let entries: [Entry]

  init(_ file: borrowing ArchiveFile) throws(ArtifactError) {
    let end = try ZipEnd(file)
    let directory = LittleEndianBytes(try file.bytes(at: end.directoryOffset, count: end.directorySize))
    var entries: [Entry] = []
    var position = 0
    while position < directory.count {
      guard let (entry, next) = Self.entry(in: directory, at: position) else {
        throw .invalidArchive(
          file: file.path, entry: entries.last?.shownName,
          reason: "byte \(end.directoryOffset + position): no directory entry of a zip archive")
      }
      entries.append(entry)
      position = next
    }
    guard entries.count == end.count else {
      throw .invalidArchive(
        file: file.path, entry: entries.last?.shownName,
        reason: "the directory has \(entries.count) entries, the end record says \(end.count)")
    }
    entries.sort { $0.offset < $1.offset }
    for (index, entry) in entries.enumerated() {
      let limit = index + 1 < entries.count ? entries[index + 1].offset : end.directoryOffset
      try Self.compare(entry, withHeaderIn: file, before: limit)
    }
    self.entries = entries
  }

  private static func entry(in bytes: LittleEndianBytes, at start: Int) -> (entry: Entry, next: Int)? {
    guard bytes.value(at: start, 4) == 0x0201_4B50, let nameCount = bytes.value(at: start + 28, 2),
      let extraCount = bytes.value(at: start + 30, 2), let commentCount = bytes.value(at: start + 32, 2),
      let name = bytes.slice(at: start + 46, nameCount),
      let extra = bytes.slice(at: start + 46 + nameCount, extraCount),
      bytes.slice(at: start + 46 + nameCount + extraCount, commentCount) != nil,
      let sizes = largeValues(
        [bytes.value(at: start + 24, 4), bytes.value(at: start + 20, 4), bytes.value(at: start + 42, 4)], extra),
      let flags = bytes.value(at: start + 8, 2), let method = bytes.value(at: start + 10, 2),
      let checksum = bytes.value(at: start + 16, 4)
    else { return nil }
    let entry = Entry(
      name: name, flags: flags, method: method, checksum: checksum, packedSize: sizes[1], size: sizes[0],
      offset: sizes[2])
    return (entry, start + 46 + nameCount + extraCount + commentCount)
  }

  /// The values, where one is 0xFFFFFFFF as the next 64-bit number in the extra field 1 says (section 4.5.3).
  private static func largeValues(_ values: [Int?], _ extra: [UInt8]) -> [Int]? {
    let extra = LittleEndianBytes(extra)
    var field: (start: Int, end: Int)?
    var position = 0
    while field == nil, let identifier = extra.value(at: position, 2), let count = extra.value(at: position + 2, 2) {
      if identifier == 1 { field = (position + 4, position + 4 + count) }
      position += 4 + count
    }
    var result: [Int] = []
    for value in values {
      guard let value else { return nil }
      guard value == 0xFFFF_FFFF else {
        result.append(value)
        continue
      }
      guard let (start, end) = field, start + 8 <= end, let large = extra.value(at: start, 8) else { return nil }
      result.append(large)
      field = (start + 8, end)
    }
    return result
  }

  private static func compare(
    _ entry: Entry, withHeaderIn file: borrowing ArchiveFile, before limit: Int
  ) throws(ArtifactError) {
    let path = file.path
    func damage(_ reason: String) -> ArtifactError {
      .invalidArchive(file: path, entry: entry.shownName, reason: reason)
    }
    func refusal(_ reason: String) -> ArtifactError {
      .refusedEntry(file: path, entry: entry.shownName, reason: reason)
    }
    // Bit 0 is encryption, bit 6 a strong one, bit 13 one of the directory.
    guard entry.flags & 0x2041 == 0 else { throw refusal("encrypted") }
    // Names and extra fields mostly fit; else the rest is read below.
    var header = LittleEndianBytes(try file.bytes(at: entry.offset, count: 30 + entry.name.count + 64))
    guard header.value(at: 0, 4) == 0x0403_4B50, let nameCount = header.value(at: 26, 2),
      let extraCount = header.value(at: 28, 2)
    else { throw damage("byte \(entry.offset): no header of an entry of a zip archive") }
    let headerCount = 30 + nameCount + extraCount
    if headerCount > header.count { header = LittleEndianBytes(try file.bytes(at: entry.offset, count: headerCount)) }
    guard let name = header.slice(at: 30, nameCount), let extra = header.slice(at: 30 + nameCount, extraCount) else {
      throw damage("ends within its header")
    }
    guard name == entry.name else {
      throw refusal("its own header calls it \(String(decoding: name, as: UTF8.self))")
    }
    guard let flags = header.value(at: 6, 2), flags & 0x809 == entry.flags & 0x809,
      header.value(at: 8, 2) == entry.method
    else { throw refusal("its own header and the archive's directory differ in how it is packed") }

    let dataStart = entry.offset + headerCount
    guard entry.packedSize <= limit - dataStart else { throw refusal("reaches into the next entry") }
    let dataEnd = dataStart + entry.packedSize
    var said = (checksum: header.value(at: 14, 4), sizes: largeValues([22, 18].map { header.value(at: $0, 4) }, extra))
    if entry.hasDescriptor {
      // Behind the data: perhaps a signature, the checksum, the packed size and the size, each of 4 or 8 bytes. The low
      // half of the packed size stands at one place in both.
      let tail = LittleEndianBytes(try file.bytes(at: dataEnd, count: min(12, limit - dataEnd)))
      let start = tail.value(at: 0, 4) == 0x0807_4B50 ? 4 : 0
      guard tail.value(at: start + 4, 4) == entry.packedSize & 0xFFFF_FFFF else {
        throw refusal("the record behind it and the archive's directory differ in its packed size")
      }
      said = (tail.value(at: start, 4), [entry.size, entry.packedSize])
    }
    guard said.checksum == entry.checksum, said.sizes == [entry.size, entry.packedSize] else {
      throw refusal("its own header and the archive's directory differ in its size or checksum")
    }
  }
}

/// Where the directory of a zip archive stands, by the record at the file's end (sections 4.3.14 to 4.3.16).
private struct ZipEnd {
  let count: Int
  let directoryOffset: Int
  let directorySize: Int

  init(_ file: borrowing ArchiveFile) throws(ArtifactError) {
    let path = file.path
    func damage(_ reason: String) -> ArtifactError { .invalidArchive(file: path, entry: nil, reason: reason) }
    let tailStart = max(0, file.size - 22 - 0xFFFF)
    let tail = LittleEndianBytes(try file.bytes(at: tailStart, count: 22 + 0xFFFF))
    // The last signature counts, as for libarchive: none may hide in the comment behind the record.
    guard let start = (0..<max(0, tail.count - 21)).last(where: { tail.value(at: $0, 4) == 0x0605_4B50 }),
      tail.value(at: start + 20, 2) == tail.count - start - 22
    else { throw damage("a zip archive without its end") }
    guard let disks = tail.value(at: start + 4, 4), let counts = tail.value(at: start + 8, 4),
      let size = tail.value(at: start + 12, 4), let offset = tail.value(at: start + 16, 4)
    else { throw damage("a zip archive without its end") }
    var values = (disks: disks, count: counts & 0xFFFF, countHere: counts >> 16, size: size, offset: offset)
    var directoryEnd = tailStart + start
    if values.count == 0xFFFF || values.size == 0xFFFF_FFFF || values.offset == 0xFFFF_FFFF {
      let locator = LittleEndianBytes(try file.bytes(at: max(0, directoryEnd - 20), count: 20))
      guard locator.value(at: 0, 4) == 0x0706_4B50, let place = locator.value(at: 8, 8), place <= directoryEnd - 20
      else { throw damage("a large zip archive without the record of its size") }
      let record = LittleEndianBytes(try file.bytes(at: place, count: 56))
      guard record.value(at: 0, 4) == 0x0606_4B50, let disk = record.value(at: 16, 8),
        let count = record.value(at: 24, 8), let countHere = record.value(at: 32, 8),
        let size = record.value(at: 40, 8), let offset = record.value(at: 48, 8)
      else { throw damage("a large zip archive without the record of its size") }
      values = (disk, count, countHere, size, offset)
      directoryEnd = place
    }
    guard values.disks == 0, values.count == values.countHere else { throw damage("a zip archive of several parts") }
    guard values.size <= ZipListing.largestDirectory else {
      throw damage("a directory of \(values.size) bytes; \(ZipListing.largestDirectory) are read")
    }
    guard values.offset <= directoryEnd, directoryEnd - values.offset == values.size else {
      throw damage("its directory does not stand where its end says")
    }
    count = values.count
    directoryOffset = values.offset
    directorySize = values.size
  }
}

/// Numbers as zip has them, the lowest byte first; nil where the bytes end before, or where an Int has no room.
private struct LittleEndianBytes {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  func slice(at start: Int, _ count: Int) -> [UInt8]? {
    start <= bytes.count && count <= bytes.count - start ? Array(bytes[start..<start + count]) : nil
  }

  func value(at start: Int, _ count: Int) -> Int? {
    guard start <= bytes.count, count <= bytes.count - start else { return nil }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[start + index]) << (8 * UInt64(index)) }
    return Int(exactly: value)
  }
}
