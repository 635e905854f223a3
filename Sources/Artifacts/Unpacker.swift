import Foundation

/// Takes files out of archives that anybody may have made.
package struct Unpacker: Sendable {
  /// How many members are written at most.
  package static let largestCount = 1_000_000

  private let largestTotal: Int

  /// - Parameter largestTotal: the bytes that all written members may have together.
  package init(largestTotal: Int) { self.largestTotal = largestTotal }

  /// The members of `archive` that were asked for, in the archive's order, written below `folder` with their digests
  /// computed on the way.
  ///
  /// `archive` is read once from beginning to end. Only where all listed members are there and each has a digest to agree
  /// with does reading stop early: what follows cannot change them then. Folders are made as members
  /// need them; empty ones and links are not made. An archive of which all is wanted and that holds no file is an error.
  ///
  /// On any throw the caller removes `folder`, of which nothing counts; nothing outside it is ever touched.
  ///
  /// - Parameters:
  ///   - folder: exists, is empty, and is known to nobody else.
  ///   - shouldStop: asked for every piece that is read.
  ///   - report: gets how much of the archive's file was read, and its size.
  package func unpack(
    _ archive: String, kind: ArchiveKind, members: MemberSelection, into folder: String, shouldStop: () -> Bool,
    report: (_ bytesRead: Int, _ total: Int) -> Void
  ) throws(ArtifactError) -> [UnpackedMember] {
    let file = try ArchiveFile(archive)
    let total = file.size
    var collection = try MemberCollection(members, of: archive, into: folder, largestTotal: largestTotal)
    func turn(_ bytesRead: Int) throws(ArtifactError) {
      report(bytesRead, total)
      if shouldStop() { throw .stopped(file: archive) }
    }

    do throws(ArtifactError) {
      switch kind {
      case .compressedFile(let name):
        try unpackStream(ArchiveSource(file), as: name, into: &collection, turn)
      case .entries:
        if try file.bytes(at: 0, count: 2) == Array("PK".utf8) {
          try withUTF8Locale { () throws(ArtifactError) in try unpackZip(file, into: &collection, turn) }
        } else {
          let source = try ArchiveSource(file)
          try withUTF8Locale { () throws(ArtifactError) in try unpackTar(source, into: &collection, turn) }
        }
      }
      try turn(total)
    } catch {
      // A member before what was found now may be wrong too, and then that is the error.
      if case .stopped = error {} else { try collection.waitForWriter() }
      throw error
    }
    return try collection.finish()
  }

  private func unpackStream(
    _ source: ArchiveSource, as name: String, into collection: inout MemberCollection,
    _ turn: (Int) throws(ArtifactError) -> Void
  ) throws(ArtifactError) {
    guard source.isCompressed else {
      throw .invalidArchive(file: source.path, entry: nil, reason: "compressed by none of gzip, xz, zstd and bzip2")
    }
    let entry = ArchiveEntry(name: Array(name.utf8), kind: .file, size: nil, isEncrypted: false, isSparse: false)
    guard var member = try collection.member(for: entry) else { return }
    while true {
      let bytes = try source.next()
      if bytes.isEmpty { break }
      try collection.write(bytes, at: member.size, to: &member)
      source.usedCount += bytes.count
      try turn(source.position)
    }
    try collection.complete(member)
  }

  private func unpackTar(
    _ source: ArchiveSource, into collection: inout MemberCollection, _ turn: (Int) throws(ArtifactError) -> Void
  ) throws(ArtifactError) {
    var reader = try ArchiveReader(tar: source)
    while let entry = try reader.nextEntry() {
      try turn(source.position)
      if var member = try collection.member(for: entry) {
        while let block = try reader.nextBlock() {
          try collection.write(block.bytes, at: block.offset, to: &member)
          source.usedCount += block.bytes.count
          try turn(source.position)
        }
        try collection.complete(member)
        if collection.isSettled { return }
      } else if source.isCompressed {
        // Read here and not by libarchive, which asks nobody whether to stop.
        while try reader.nextBlock() != nil { try turn(source.position) }
      }
    }
    while try !source.next().isEmpty { try turn(source.position) }
    // Without a record of zeros the archive was cut between two entries, which libarchive takes for an end.
    guard source.count >= reader.headerPosition + 512 else {
      throw .invalidArchive(file: source.path, entry: collection.lastEntry, reason: "a tar archive without its end")
    }
  }

  private func unpackZip(
    _ file: borrowing ArchiveFile, into collection: inout MemberCollection,
    _ turn: (Int) throws(ArtifactError) -> Void
  ) throws(ArtifactError) {
    let listing = try ZipListing(file)
    if listing.entries.isEmpty { return }
    var reader = try ArchiveReader(zip: file)
    for listed in listing.entries {
      try turn(reader.position)
      let path = file.path
      func refusal(_ reason: String) -> ArtifactError {
        .refusedEntry(file: path, entry: listed.shownName, reason: reason)
      }
      guard let entry = try reader.nextEntry() else {
        throw .invalidArchive(file: path, entry: listed.shownName, reason: "is not found again")
      }
      if entry.name != listed.name { try collection.examine(name: listed.name) }
      // An extra field may give a second name, for programs that know it.
      guard entry.shownName == listed.shownName || !listed.isNameUnicode else {
        throw refusal("is also called \(entry.shownName)")
      }
      guard var member = try collection.member(for: entry) else { continue }
      guard listed.method == 0 || listed.method == 8 else {
        throw refusal("compressed by method \(listed.method), not by deflate")
      }
      guard entry.size == listed.size else { throw refusal("has \(entry.size ?? 0) bytes, or \(listed.size)") }
      while let block = try reader.nextBlock() {
        try collection.write(block.bytes, at: block.offset, to: &member)
        try turn(reader.position)
      }
      try collection.complete(member)
      if collection.isSettled { return }
    }
    guard try reader.nextEntry() == nil else {
      throw .invalidArchive(file: file.path, entry: collection.lastEntry, reason: "more entries than its directory has")
    }
  }
}

extension ArchiveContent {
  /// Unpacks what is wanted of `archive` into a folder that is made anew; a throw leaves none.
  func unpack(
    _ archive: String, into folder: String, shouldStop: () -> Bool, report: (_ bytesRead: Int, _ total: Int) -> Void
  ) throws(ArtifactError) -> [UnpackedMember] {
    // What stands there was left by a process that is no more; where it cannot be removed, writing fails.
    try? FileManager.default.removeItem(atPath: folder)
    try makeFolder(folder)
    do {
      return try Unpacker(largestTotal: largestTotal).unpack(
        archive, kind: isSingleStream ? .compressedFile(name: members[0].wanted.path) : .entries,
        members: .listed(members.map(\.wanted)), into: folder, shouldStop: shouldStop, report: report)
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }
}
