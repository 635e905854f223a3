/// A zip archive written byte by byte, right or wrong, by the layout of PKWARE's APPNOTE.TXT.
package struct HandMadeZip {
  package struct Entry {
    package var name: String
    package var packed: [UInt8]
    package var count: Int
    package var checksum: UInt32
    package var method: UInt16 = 0
    package var flags: UInt16 = 0
    package var disk: UInt16 = 0
    /// What the entry's own header says, and what stands before its bytes.
    package var headerName: String
    package var headerExtra: [UInt8] = []
    /// In the directory: 64-bit fields where the entry is said to be large.
    package var isLarge = false
    package var extra: [UInt8] = []
    /// Instead of where it really stands.
    package var offset: Int?
    package var packedCount: Int

    /// As stored.
    package init(_ name: String, _ bytes: [UInt8]) {
      self.name = name
      headerName = name
      packed = bytes
      packedCount = bytes.count
      count = bytes.count
      checksum = HandMadeZip.checksum(bytes)
    }

    /// As compressed by deflate.
    package init(_ name: String, deflated: [UInt8], of bytes: [UInt8]) {
      self.init(name, bytes)
      packed = deflated
      packedCount = deflated.count
      method = 8
    }
  }

  package var entries: [Entry]
  package var hasLargeEnd = false
  package var comment: [UInt8] = []
  /// Between the last entry and the directory.
  package var gap: [UInt8] = []
  /// Instead of what is true: in the end record, and in that of zip64.
  package var count: Int?
  package var directoryCount: Int?
  package var directoryStart: Int?
  package var disk: UInt16 = 0
  package var largeCount: Int?
  package var largeStart: Int?
  package var largeOffset: Int?

  package init(_ entries: [Entry]) { self.entries = entries }

  package var bytes: [UInt8] {
    var result: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.offset ?? result.count
      result += Self.little(0x0403_4B50, 4) + Self.little(20, 2) + Self.little(Int(entry.flags), 2)
      // No sizes and no checksum: those of the directory count.
      result += Self.little(Int(entry.method), 2) + [UInt8](repeating: 0, count: 16)
      result += Self.little(entry.headerName.utf8.count, 2) + Self.little(entry.headerExtra.count, 2)
      result += Array(entry.headerName.utf8) + entry.headerExtra + entry.packed

      let fields = Self.little(entry.count, 8) + Self.little(entry.packedCount, 8) + Self.little(offset, 8)
      let extra = (entry.isLarge ? Self.little(1, 2) + Self.little(fields.count, 2) + fields : []) + entry.extra
      func short(_ value: Int) -> [UInt8] { Self.little(entry.isLarge ? 0xFFFF_FFFF : value, 4) }
      directory += Self.little(0x0201_4B50, 4) + Self.little(20, 2) + Self.little(20, 2)
      directory += Self.little(Int(entry.flags), 2) + Self.little(Int(entry.method), 2) + [0, 0, 0, 0]
      directory += Self.little(Int(entry.checksum), 4) + short(entry.packedCount) + short(entry.count)
      directory += Self.little(entry.name.utf8.count, 2) + Self.little(extra.count, 2) + [0, 0]
      directory +=
        Self.little(Int(entry.disk), 2) + [0, 0, 0, 0, 0, 0] + short(offset) + Array(entry.name.utf8) + extra
    }
    result += gap
    let start = result.count
    result += directory
    let end = result.count
    if hasLargeEnd {
      let count = Self.little(largeCount ?? entries.count, 8)
      result += Self.little(0x0606_4B50, 4) + Self.little(44, 8) + Self.little(45, 2) + Self.little(45, 2)
      result += [0, 0, 0, 0, 0, 0, 0, 0] + count + count
      result += Self.little(directory.count, 8) + Self.little(largeStart ?? start, 8)
      result += Self.little(0x0706_4B50, 4) + [0, 0, 0, 0] + Self.little(largeOffset ?? end, 8) + [1, 0, 0, 0]
    }
    let count = Self.little(self.count ?? (hasLargeEnd ? 0xFFFF : entries.count), 2)
    result += Self.little(0x0605_4B50, 4) + Self.little(Int(disk), 2) + Self.little(Int(disk), 2) + count + count
    result += Self.little(directoryCount ?? (hasLargeEnd ? 0xFFFF_FFFF : directory.count), 4)
    result += Self.little(directoryStart ?? (hasLargeEnd ? 0xFFFF_FFFF : start), 4)
    return result + Self.little(comment.count, 2) + comment
  }

  package static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// The CRC-32 of ISO 3309, bit by bit.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { register, byte in
      (0..<8).reduce(register ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }

  /// A deflate stream that compresses nothing: one block, as it is.
  package static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    [1] + little(bytes.count, 2) + little(~bytes.count, 2) + bytes
  }
}
