/// What is taken out of one archive: decides about each entry, and has those written that are wanted.
///
/// All that can be judged without the disk is judged before a byte of it is handed to the writer.
struct MemberCollection: ~Copyable {
  private let archive: String
  private let largestTotal: Int
  /// By path; nil wants all.
  private let wanted: [String: WantedMember]?
  private let wantedPaths: [String]
  private var writer: MemberWriter
  private var paths = TakenPaths()
  /// How many members were read to their ends.
  private var count = 0
  private var total = 0
  private(set) var lastEntry: String?

  init(
    _ selection: MemberSelection, of archive: String, into folder: String, largestTotal: Int
  ) throws(ArtifactError) {
    var list: [WantedMember]?
    if case .listed(let members) = selection { list = members }
    let paths = try Self.paths(of: list ?? [], in: archive)
    writer = MemberWriter(try MemberFolder(folder), archive: archive)
    wantedPaths = paths
    wanted = list.map { Dictionary(zip(paths, $0)) { $1 } }
    self.archive = archive
    self.largestTotal = largestTotal
  }

  private static func paths(of members: [WantedMember], in archive: String) throws(ArtifactError) -> [String] {
    var paths: [String] = []
    for member in members {
      do throws(EntryRefusal) {
        paths.append(try EntryPath(Array(member.path.utf8)).text)
      } catch {
        throw .refusedEntry(file: archive, entry: member.path, reason: error.reason)
      }
    }
    return paths
  }

  /// Whether no further entry matters: all listed members were read, and each has a digest to agree with.
  var isSettled: Bool {
    guard let wanted else { return false }
    return count == wanted.count && wanted.values.allSatisfy { $0.sha256 != nil }
  }

  /// Refuses a name that no honest archive would have.
  func examine(name: [UInt8]) throws(ArtifactError) {
    do {
      _ = try EntryPath(name)
    } catch {
      throw .refusedEntry(file: archive, entry: String(decoding: name, as: UTF8.self), reason: error.reason)
    }
  }

  /// What is written of the entry; nil where it is skipped.
  mutating func member(for entry: ArchiveEntry) throws(ArtifactError) -> Member? {
    lastEntry = entry.shownName
    let path: EntryPath?
    do {
      path = try writtenPath(of: entry)
    } catch {
      throw .refusedEntry(file: archive, entry: entry.shownName, reason: error.reason)
    }
    guard let path else {
      try writer.handOver()
      return nil
    }
    let wanted = wanted?[path.text]
    if let expected = wanted?.size, let found = entry.size, expected != found {
      throw .otherSize(file: path.text, source: archive, expected: expected, found: found)
    }
    try writer.create(path, sha256: wanted?.sha256)
    return Member(path: path.text, declaredSize: entry.size, wantedSize: wanted?.size)
  }

  /// Where the entry is written; nil where it is skipped.
  private mutating func writtenPath(of entry: ArchiveEntry) throws(EntryRefusal) -> EntryPath? {
    let path = try EntryPath(entry.name)
    guard !entry.isEncrypted else { throw EntryRefusal("encrypted") }
    let isListed = path.isText && wanted?[path.text] != nil
    switch entry.kind {
    case .file: break
    case .folder:
      guard !isListed else { throw EntryRefusal("a folder, not a file") }
      if wanted == nil { try paths.takeFolder(path) }
      return nil
    case .symbolicLink(let target), .hardLink(let target):
      let isSymbolic = entry.kind == .symbolicLink(target: target)
      guard !path.leadsOutside(linkTo: target, isSymbolic: isSymbolic) else {
        throw EntryRefusal("a link that leads outside: \(String(decoding: target, as: UTF8.self))")
      }
      guard !isListed else { throw EntryRefusal("a link, not a file") }
      return nil
    case .other: throw EntryRefusal("neither a file nor a folder nor a link")
    }
    guard !path.components.isEmpty else { throw EntryRefusal("a file in place of the archive's folder") }
    guard isListed || wanted == nil else { return nil }
    guard path.isText else { throw EntryRefusal("a name that is not UTF-8") }
    guard !entry.isSparse else { throw EntryRefusal("a file with holes") }
    if let size = entry.size {
      guard size >= 0, size <= largestTotal - total else { throw EntryRefusal(tooLarge) }
    }
    guard count < Unpacker.largestCount else {
      throw EntryRefusal("one more than the \(Unpacker.largestCount) members that are written at most")
    }
    try paths.takeFile(path)
    return path
  }

  private var tooLarge: String { "with it the members have over \(largestTotal) bytes" }

  mutating func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, to member: inout Member
  ) throws(ArtifactError) {
    func refusal(_ reason: String) -> ArtifactError {
      .refusedEntry(file: archive, entry: member.path, reason: reason)
    }
    guard offset == member.size else { throw refusal("a file with holes") }
    let size = member.size + bytes.count
    for limit in [member.declaredSize, member.wantedSize] {
      if let limit, size > limit { throw refusal("over the \(limit) bytes that it should have") }
    }
    guard bytes.count <= largestTotal - total else { throw refusal(tooLarge) }
    total += bytes.count
    member.size = size
    try writer.write(bytes)
  }

  /// Compares the member's size with what is known of it; the writer does so with its digest.
  mutating func complete(_ member: Member) throws(ArtifactError) {
    if let declared = member.declaredSize, declared != member.size {
      throw .invalidArchive(
        file: archive, entry: member.path, reason: "ends after \(member.size) of \(declared) bytes")
    }
    if let expected = member.wantedSize, expected != member.size {
      throw .otherSize(file: member.path, source: archive, expected: expected, found: member.size)
    }
    try writer.complete()
    count += 1
  }

  /// Waits until all that was read so far is written.
  ///
  /// - Throws: What failed meanwhile.
  mutating func waitForWriter() throws(ArtifactError) { _ = try writer.finish() }

  /// All members, on the disk.
  consuming func finish() throws(ArtifactError) -> [UnpackedMember] {
    let members = try writer.finish()
    if members.count < wantedPaths.count {
      let found = Set(members.map(\.path))
      for path in wantedPaths where !found.contains(path) { throw .missingMember(file: archive, member: path) }
    }
    guard wanted != nil || !members.isEmpty else {
      throw .invalidArchive(file: archive, entry: lastEntry, reason: "holds no file")
    }
    try writer.synchronize()
    return members
  }
}

/// A member that is being read, with what it should be.
struct Member {
  /// Inside the archive.
  let path: String
  /// By the archive's own word.
  let declaredSize: Int?
  let wantedSize: Int?
  /// Of what was read so far.
  var size = 0
}
