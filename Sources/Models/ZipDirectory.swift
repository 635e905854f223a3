/// The central directory of a zip archive, from bytes that nobody vouches for: where each entry's header stands and
/// what the entry holds. Archives in several parts and encrypted entries are refused.
///
/// Source: PKWARE, APPNOTE.TXT 6.3, sections 4.3.12 to 4.3.16 and 4.5.3.
struct ZipDirectory {
  struct Record {
    let name: String
    let method: UInt16
    let checksum: UInt32
    /// As stored, which is the unpacked length where nothing is compressed.
    let packedCount: Int
    let count: Int
    let headerOffset: Int
  }

  let records: [Record]
  /// Where the first record stands; no entry reaches further.
  let start: Int

  private struct Extent {
    let recordCount: Int
    let byteCount: Int
    let start: Int
  }

  /// - Throws: `.invalidArchive`.
  init(of bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
    func invalid(_ reason: String) -> CheckpointError { .invalidArchive(file: file, reason: reason) }

    guard let end = Self.endRecord(in: bytes) else {
      throw invalid("no end of a zip directory; the file is cut off, or no zip archive")
    }
    guard let extent = Self.extent(in: bytes, endRecord: end) else {
      throw invalid("the end of the zip directory contradicts itself")
    }
    guard extent.start <= end, extent.byteCount <= end - extent.start else {
      throw invalid("the zip directory is said to lie outside the file")
    }
    start = extent.start

    // No more records than fit, whatever their number is said to be.
    guard extent.recordCount <= extent.byteCount / Self.recordLength else {
      throw invalid("\(extent.recordCount) entries do not fit a zip directory of \(extent.byteCount) bytes")
    }
    var records: [Record] = []
    records.reserveCapacity(extent.recordCount)
    var position = extent.start
    let directoryEnd = extent.start + extent.byteCount
    for index in 0..<extent.recordCount {
      let directory = UnsafeRawBufferPointer(rebasing: bytes[position..<directoryEnd])
      let (record, length) = try Self.record(directory) { reason in invalid("entry \(index): \(reason)") }
      records.append(record)
      position += length
    }
    guard position == directoryEnd else {
      throw invalid("the zip directory has \(directoryEnd - position) bytes after its last entry")
    }
    self.records = records
  }

  // MARK: The end of the directory

  /// The offset of the end record, whose comment must reach to the end of the file.
  private static func endRecord(in bytes: UnsafeRawBufferPointer) -> Int? {
    let length = 22
    let longestComment = Int(UInt16.max)
    guard bytes.count >= length else { return nil }
    let last = bytes.count - length
    return stride(from: last, through: max(0, last - longestComment), by: -1).first { offset in
      bytes.number(UInt32.self, at: offset) == 0x0605_4B50
        && Int(bytes.number(UInt16.self, at: offset + 20)) == last - offset
    }
  }

  /// nil where the end record, and the one of zip64 that may stand before it, do not describe one whole archive.
  private static func extent(in bytes: UnsafeRawBufferPointer, endRecord: Int) -> Extent? {
    let disks = (bytes.number(UInt16.self, at: endRecord + 4), bytes.number(UInt16.self, at: endRecord + 6))
    let counts = (bytes.number(UInt16.self, at: endRecord + 8), bytes.number(UInt16.self, at: endRecord + 10))
    let byteCount = bytes.number(UInt32.self, at: endRecord + 12)
    let start = bytes.number(UInt32.self, at: endRecord + 16)

    let locator = endRecord - 20
    guard locator >= 0, bytes.number(UInt32.self, at: locator) == 0x0706_4B50 else {
      guard disks == (0, 0), counts.0 == counts.1 else { return nil }
      return Extent(recordCount: Int(counts.0), byteCount: Int(byteCount), start: Int(start))
    }
    let length = 56
    let zip64Offset = bytes.number(UInt64.self, at: locator + 8)
    guard locator >= length, zip64Offset <= UInt64(locator - length) else { return nil }
    let zip64 = Int(zip64Offset)
    guard bytes.number(UInt32.self, at: zip64) == 0x0606_4B50,
      bytes.number(UInt32.self, at: zip64 + 16) == 0, bytes.number(UInt32.self, at: zip64 + 20) == 0,
      bytes.number(UInt64.self, at: zip64 + 24) == bytes.number(UInt64.self, at: zip64 + 32),
      let recordCount = Int(exactly: bytes.number(UInt64.self, at: zip64 + 32)),
      let largeByteCount = Int(exactly: bytes.number(UInt64.self, at: zip64 + 40)),
      let largeStart = Int(exactly: bytes.number(UInt64.self, at: zip64 + 48)),
      largeStart <= zip64, largeByteCount <= zip64 - largeStart
    else { return nil }
    // Two readers must not see two archives: what the short record can say, it says as the long one does.
    guard counts.1 == .max || Int(counts.1) == recordCount, byteCount == .max || Int(byteCount) == largeByteCount,
      start == .max || Int(start) == largeStart
    else { return nil }
    return Extent(recordCount: recordCount, byteCount: largeByteCount, start: largeStart)
  }

  // MARK: Records

  private static let recordLength = 46

  /// The first record of what is left of the directory, and its length.
  private static func record(
    _ bytes: UnsafeRawBufferPointer, invalid: (String) -> CheckpointError
  ) throws(CheckpointError) -> (Record, length: Int) {
    guard bytes.count >= recordLength, bytes.number(UInt32.self, at: 0) == 0x0201_4B50 else {
      throw invalid("no record of the zip directory where one should stand")
    }
    let nameLength = Int(bytes.number(UInt16.self, at: 28))
    let extraLength = Int(bytes.number(UInt16.self, at: 30))
    let commentLength = Int(bytes.number(UInt16.self, at: 32))
    let extraStart = recordLength + nameLength
    let length = extraStart + extraLength + commentLength
    guard length <= bytes.count else { throw invalid("the record is longer than the zip directory") }
    guard let name = String(validating: bytes[recordLength..<extraStart], as: UTF8.self) else {
      throw invalid("the name is no valid UTF-8")
    }
    // Bits for encryption, strong encryption and masked headers.
    guard bytes.number(UInt16.self, at: 8) & 0x2041 == 0 else { throw invalid("“\(name)” is encrypted") }

    var large = LargeFields(UnsafeRawBufferPointer(rebasing: bytes[extraStart..<extraStart + extraLength]))
    // Zip64 has only those that are saturated in the record, in this order.
    let count = large.resolve(bytes.number(UInt32.self, at: 24))
    let packedCount = large.resolve(bytes.number(UInt32.self, at: 20))
    let headerOffset = large.resolve(bytes.number(UInt32.self, at: 42))
    guard let count, let packedCount, let headerOffset else {
      throw invalid("“\(name)” has a size or an offset that its zip64 field does not give")
    }
    let disk = bytes.number(UInt16.self, at: 34)
    guard disk == 0 || disk == .max && large.nextDisk() == 0 else { throw invalid("“\(name)” is in another part") }
    let record = Record(
      name: name, method: bytes.number(UInt16.self, at: 10), checksum: bytes.number(UInt32.self, at: 16),
      packedCount: packedCount, count: count, headerOffset: headerOffset)
    return (record, length)
  }

  /// The 64-bit fields of a record's extra block with the id 1.
  private struct LargeFields {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ extra: UnsafeRawBufferPointer) {
      var position = 0
      while extra.count - position >= 4 {
        let start = position + 4
        let length = Int(extra.number(UInt16.self, at: position + 2))
        guard length <= extra.count - start else { break }
        if extra.number(UInt16.self, at: position) == 1 {
          rest = extra[start..<start + length]
          return
        }
        position = start + length
      }
      rest = extra[extra.endIndex...]
    }

    /// `short`, or the next field where it is saturated; nil where there is none, or none that an `Int` holds.
    mutating func resolve(_ short: UInt32) -> Int? {
      guard short == .max else { return Int(short) }
      guard rest.count >= 8 else { return nil }
      defer { rest = rest.dropFirst(8) }
      return Int(exactly: rest.base.number(UInt64.self, at: rest.startIndex))
    }

    mutating func nextDisk() -> UInt32? {
      rest.count >= 4 ? rest.base.number(UInt32.self, at: rest.startIndex) : nil
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The little-endian number at `offset`, which must lie wholly within the bytes.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type, at offset: Int) -> Number {
    precondition(offset >= 0 && offset <= count - MemoryLayout<Number>.size, "byte \(offset) of \(count)")
    return Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
