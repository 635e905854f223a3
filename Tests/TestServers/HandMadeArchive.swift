/// Archives written byte by byte, right or wrong.
package enum HandMadeArchive {
  package static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static let checksumTable: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
  }

  /// The CRC-32 of ISO 3309.
  package static func checksum(_ bytes: [UInt8]) -> Int {
    Int(~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ checksumTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] })
  }

  /// A deflate stream (RFC 1951) that compresses nothing.
  package static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    repeat {
      let count = min(0xFFFF, bytes.count - start)
      result += [start + count == bytes.count ? 1 : 0] + little(count, 2) + little(~count, 2)
      result += bytes[start..<start + count]
      start += count
    } while start < bytes.count
    return result
  }

  /// A deflate stream of `count` zeros, 1 byte for each 1032: one block of Huffman codes as the format fixes them.
  package static func deflatedZeros(_ count: Int) -> [UInt8] {
    precondition(count % 258 == 1)
    var bits = BitList()
    bits.append(0b011, 3)  // The last block; fixed codes.
    bits.appendCode(0x30, 8)  // The literal 0.
    for _ in 0..<count / 258 {
      bits.appendCode(0xC5, 8)  // Symbol 285: 258 bytes …
      bits.appendCode(0, 5)  // … from a distance of 1.
    }
    bits.appendCode(0, 7)
    return bits.bytes
  }

  private struct BitList {
    var bytes: [UInt8] = []
    var used = 8

    mutating func append(_ value: Int, _ count: Int) {
      for index in 0..<count {
        if used == 8 {
          bytes.append(0)
          used = 0
        }
        bytes[bytes.count - 1] |= UInt8(value >> index & 1) << UInt8(used)
        used += 1
      }
    }

    /// A Huffman code, whose highest bit comes first.
    mutating func appendCode(_ code: Int, _ count: Int) {
      for index in (0..<count).reversed() { append(code >> index & 1, 1) }
    }
  }

  /// A gzip member (RFC 1952).
  package static func gzip(_ bytes: [UInt8], deflated: [UInt8]? = nil) -> [UInt8] {
    [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + (deflated ?? Self.deflated(bytes)) + little(checksum(bytes), 4)
      + little(bytes.count, 4)
  }

  /// A Zstandard frame (RFC 8878) of raw blocks, without a checksum.
  package static func zstd(_ bytes: [UInt8]) -> [UInt8] {
    // One segment, with a content size of 8 bytes.
    var result: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0] + little(bytes.count, 8)
    var start = 0
    repeat {
      let count = min(1 << 16, bytes.count - start)
      result += little(count << 3 | (start + count == bytes.count ? 1 : 0), 3) + bytes[start..<start + count]
      start += count
    } while start < bytes.count
    return result
  }

  /// A Zstandard frame of zeros in blocks that repeat one byte: 4 bytes for each 128 KiB.
  package static func zstdZeros(blocks: Int) -> [UInt8] {
    // A window of 128 KiB; no content size.
    var result: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 7 << 3]
    for block in 1...blocks { result += little((1 << 17) << 3 | 1 << 1 | (block == blocks ? 1 : 0), 3) + [0] }
    return result
  }

  /// An xz stream (the .xz file format, version 1.1.0) of one block, which LZMA2 leaves as it is.
  package static func xz(_ bytes: [UInt8]) -> [UInt8] {
    let checked: [UInt8] = [0, 1]  // CRC-32.
    var result: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] + checked + little(checksum(checked), 4)
    let blockStart = result.count
    let header: [UInt8] = [2, 0, 0x21, 1, 0x16, 0, 0, 0]
    result += header + little(checksum(header), 4)
    var start = 0
    while start < bytes.count {
      let count = min(1 << 16, bytes.count - start)
      result += [start == 0 ? 1 : 2] + little(count - 1, 2).reversed() + bytes[start..<start + count]
      start += count
    }
    result += [0]
    let unpadded = result.count - blockStart + 4
    while result.count % 4 != 0 { result.append(0) }
    result += little(checksum(bytes), 4)
    var index: [UInt8] = [0, 1] + variable(unpadded) + variable(bytes.count)
    while index.count % 4 != 0 { index.append(0) }
    index += little(checksum(index), 4)
    let footer = little(index.count / 4 - 1, 4) + checked
    return result + index + little(checksum(footer), 4) + footer + Array("YZ".utf8)
  }

  private static func variable(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + variable(value >> 7)
  }
}

/// A tar archive (POSIX.1-1988 ustar, with pax headers where asked for).
package struct HandMadeTar {
  package struct Entry {
    package var name: [UInt8]
    package var bytes: [UInt8]
    package var type: Character
    package var link: String
    /// Instead of the true one.
    package var size: Int?
    /// Records of a pax header before the entry.
    package var extended: [(key: String, value: [UInt8])] = []

    package init(
      _ name: String, _ bytes: [UInt8] = [], type: Character = "0", link: String = "", size: Int? = nil
    ) {
      self.name = Array(name.utf8)
      self.bytes = bytes
      self.type = type
      self.link = link
      self.size = size
    }
  }

  package var entries: [Entry]
  /// Zeros at the end; two blocks of 512 by the standard.
  package var endCount = 1024

  package init(_ entries: [Entry]) { self.entries = entries }

  package var bytes: [UInt8] {
    var result: [UInt8] = []
    for entry in entries {
      if !entry.extended.isEmpty {
        let records = entry.extended.flatMap { Self.record($0.key, $0.value) }
        result += Self.header(Array("pax".utf8), type: "x", link: "", size: records.count) + Self.padded(records)
      }
      result += Self.header(entry.name, type: entry.type, link: entry.link, size: entry.size ?? entry.bytes.count)
      result += Self.padded(entry.bytes)
    }
    return result + [UInt8](repeating: 0, count: endCount)
  }

  private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = Array(" \(key)=".utf8) + value + [0x0A]
    var count = rest.count + 1
    while String(count).utf8.count + rest.count != count { count = String(count).utf8.count + rest.count }
    return Array(String(count).utf8) + rest
  }

  private static func header(_ name: [UInt8], type: Character, link: String, size: Int) -> [UInt8] {
    func field(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
      Array(bytes.prefix(count)) + [UInt8](repeating: 0, count: max(0, count - bytes.count))
    }
    func octal(_ value: Int, _ count: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array((String(repeating: "0", count: count - 1 - digits.count) + digits).utf8) + [0]
    }
    var header = field(name, 100) + octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12)
    header += Array("        ".utf8) + [type.asciiValue!] + field(Array(link.utf8), 100)
    header += Array("ustar".utf8) + [0] + Array("00".utf8)
    header += [UInt8](repeating: 0, count: 512 - header.count)
    let sum = octal(header.reduce(0) { $0 + Int($1) }, 7)
    header.replaceSubrange(148..<155, with: sum)
    return header
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }
}

/// A zip archive (PKWARE's APPNOTE.TXT). What a header before an entry says can be made to differ from the directory.
package struct HandMadeZipArchive {
  package struct Description {
    package var name: [UInt8]
    package var flags = 0x800
    package var method = 0
    package var checksum: Int
    package var packedCount: Int
    package var count: Int
  }

  package struct Entry {
    package var packed: [UInt8]
    package var header: Description
    package var directory: Description
    /// Behind the packed bytes.
    package var descriptor: [UInt8] = []
    /// A POSIX file type, as in `st_mode`.
    package var type = 0o100000
    package var directoryExtra: [UInt8] = []
    package var headerExtra: [UInt8] = []
    /// Instead of the true one.
    package var offset: Int?

    /// As stored.
    package init(_ name: String, _ bytes: [UInt8] = []) {
      packed = bytes
      header = Description(
        name: Array(name.utf8), checksum: HandMadeArchive.checksum(bytes), packedCount: bytes.count, count: bytes.count)
      directory = header
    }

    /// As compressed by deflate.
    package init(_ name: String, _ bytes: [UInt8], deflated: [UInt8]) {
      self.init(name, bytes)
      packed = deflated
      header.packedCount = deflated.count
      header.method = 8
      directory = header
    }

    /// As written by a program that knows sizes and checksum only behind the data.
    package mutating func moveSizesBehind(signed: Bool) {
      let signature = signed ? HandMadeArchive.little(0x0807_4B50, 4) : []
      descriptor =
        signature + [header.checksum, header.packedCount, header.count].flatMap { HandMadeArchive.little($0, 4) }
      header.flags |= 8
      directory.flags |= 8
      (header.checksum, header.packedCount, header.count) = (0, 0, 0)
    }
  }

  package var entries: [Entry]
  package var count: Int?
  package var comment: [UInt8] = []
  /// With the records that archives of over 4 GiB have.
  package var isLarge = false

  package init(_ entries: [Entry]) { self.entries = entries }

  package var bytes: [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] { HandMadeArchive.little(value, count) }
    var result: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.offset ?? result.count
      let sizes = little(entry.directory.count, 8) + little(entry.directory.packedCount, 8)
      let largeHeader = isLarge ? little(1, 2) + little(16, 2) + sizes : []
      let largeDirectory = isLarge ? little(1, 2) + little(24, 2) + sizes + little(offset, 8) : []
      func common(_ said: Description) -> [UInt8] {
        let sizes = isLarge ? [0xFFFF_FFFF, 0xFFFF_FFFF] : [said.packedCount, said.count]
        return little(said.flags, 2) + little(said.method, 2) + [0, 0, 0x21, 0] + little(said.checksum, 4)
          + sizes.flatMap { little($0, 4) } + little(said.name.count, 2)
      }
      let headerExtra = largeHeader + entry.headerExtra
      result += little(0x0403_4B50, 4) + little(20, 2) + common(entry.header) + little(headerExtra.count, 2)
      result += entry.header.name + headerExtra + entry.packed + entry.descriptor

      let extra = largeDirectory + entry.directoryExtra
      directory += little(0x0201_4B50, 4) + little(20, 1) + little(3, 1) + little(20, 2) + common(entry.directory)
      directory += little(extra.count, 2) + little(0, 2) + little(0, 2) + little(0, 2)
      directory += little((entry.type | 0o644) << 16, 4) + little(isLarge ? 0xFFFF_FFFF : offset, 4)
      directory += entry.directory.name + extra
    }
    let start = result.count
    result += directory
    let number = count ?? entries.count
    if isLarge {
      let end = result.count
      result += little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
      result += little(number, 8) + little(number, 8) + little(directory.count, 8) + little(start, 8)
      result += little(0x0706_4B50, 4) + little(0, 4) + little(end, 8) + little(1, 4)
    }
    result += little(0x0605_4B50, 4) + little(0, 4) + little(isLarge ? 0xFFFF : number, 2)
    result += little(isLarge ? 0xFFFF : number, 2) + little(isLarge ? 0xFFFF_FFFF : directory.count, 4)
    result += little(isLarge ? 0xFFFF_FFFF : start, 4) + little(comment.count, 2) + comment
    return result
  }
}
