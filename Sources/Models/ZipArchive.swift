/// A zip archive, mapped: its entries are found by the central directory, lie apart from each other within the file,
/// and are read in place unless they are compressed.
package struct ZipArchive: Sendable {
  package struct Entry: Sendable {
    package let name: String
    /// Once unpacked.
    package let count: Int
    fileprivate let checksum: UInt32
    fileprivate let isCompressed: Bool
    /// Where the entry's bytes lie in the file, as they are stored.
    fileprivate let place: Range<Int>
  }

  /// An entry's bytes, and what keeps them in place.
  package struct Contents {
    package let bytes: UnsafeRawBufferPointer
    package let owner: any Sendable & AnyObject
  }

  package let path: String
  /// In the order of the directory.
  package let entries: [Entry]
  private let indices: [String: Int]
  private let file: MappedFile

  /// - Throws: `.unreadable`; `.invalidArchive` naming the entry that breaks a rule.
  package init(path: String) throws(CheckpointError) {
    try self.init(MappedFile(path: path))
  }

  init(_ file: MappedFile) throws(CheckpointError) {
    self.file = file
    path = file.path
    let directory = try ZipDirectory(of: file.bytes, file: file.path)
    var entries: [Entry] = []
    var headerOffsets: [Int] = []
    var indices: [String: Int] = [:]
    for record in directory.records {
      // Names that are one to a String are one here, even if their bytes differ: nobody needs such a pair.
      guard indices.updateValue(entries.count, forKey: record.name) == nil else {
        throw .invalidArchive(file: file.path, reason: "“\(record.name)” is there twice")
      }
      entries.append(try Self.entry(record, in: file, end: directory.start))
      headerOffsets.append(record.headerOffset)
    }
    let order = entries.indices.sorted { headerOffsets[$0] < headerOffsets[$1] }
    for (index, next) in zip(order, order.dropFirst()) where entries[index].place.upperBound > headerOffsets[next] {
      throw .invalidArchive(
        file: file.path, reason: "“\(entries[index].name)” and “\(entries[next].name)” overlap")
    }
    self.entries = entries
    self.indices = indices
  }

  /// - Parameter end: where the directory begins, which no entry may reach into.
  private static func entry(
    _ record: ZipDirectory.Record, in file: MappedFile, end: Int
  ) throws(CheckpointError) -> Entry {
    func invalid(_ reason: String) -> CheckpointError {
      .invalidArchive(file: file.path, reason: "“\(record.name)” \(reason)")
    }
    let headerLength = 30
    let header = record.headerOffset
    guard header <= end, headerLength <= end - header, file.bytes.number(UInt32.self, at: header) == 0x0403_4B50 else {
      throw invalid("has no header where the zip directory says")
    }
    // Sizes may be missing here, where a writer did not know them yet; only the lengths before the bytes are needed.
    let nameLength = Int(file.bytes.number(UInt16.self, at: header + 26))
    let extraLength = Int(file.bytes.number(UInt16.self, at: header + 28))
    let nameStart = header + headerLength
    let start = nameStart + nameLength + extraLength
    guard start <= end, record.packedCount <= end - start else { throw invalid("reaches into the zip directory") }
    guard file.bytes[nameStart..<nameStart + nameLength].elementsEqual(record.name.utf8) else {
      throw invalid("has another name in its header than in the zip directory")
    }
    switch record.method {
    case 0:
      guard record.packedCount == record.count else {
        throw invalid("is stored in \(record.packedCount) bytes, but said to have \(record.count)")
      }
    case 8: break
    default: throw invalid("is compressed by method \(record.method); only deflate (8) and none (0) are known")
    }
    return Entry(
      name: record.name, count: record.count, checksum: record.checksum, isCompressed: record.method == 8,
      place: start..<start + record.packedCount)
  }

  /// nil where there is no entry of that name.
  package subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// The entry's bytes: those of the mapping, or, of a compressed entry, unpacked ones of which nobody keeps a copy.
  ///
  /// The checksum of what was unpacked is always verified. That of a stored entry is verified only on demand: it
  /// would read the whole of a checkpoint before its first use, and finds accidents only; it is the digest of the
  /// file that says whether a file is the one that was meant.
  ///
  /// - Throws: `.invalidArchive`.
  package func contents(of entry: Entry, verified: Bool) throws(CheckpointError) -> Contents {
    let stored = UnsafeRawBufferPointer(rebasing: file.bytes[entry.place])
    let contents: Contents
    if entry.isCompressed {
      do {
        let unpacked = try inflated(stored, count: entry.count)
        contents = Contents(bytes: unpacked.bytes, owner: unpacked)
      } catch {
        throw .invalidArchive(file: path, reason: "“\(entry.name)”: \(error.reason)")
      }
    } else {
      contents = Contents(bytes: stored, owner: file)
    }
    if verified || entry.isCompressed {
      guard crc32(of: contents.bytes) == entry.checksum else {
        throw .invalidArchive(file: path, reason: "“\(entry.name)” has another checksum than the zip directory gives")
      }
    }
    return contents
  }
}
