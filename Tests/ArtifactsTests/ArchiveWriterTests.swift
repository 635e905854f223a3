import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct ArchiveWriterTests {
  private func unpack(_ archive: String, into folder: String) throws -> [UnpackedMember] {
    try Unpacker(largestTotal: 1 << 30).unpack(
      archive, kind: .entries, members: .all, into: folder, shouldStop: { false }, report: { _, _ in })
  }

  @Test(arguments: [ArchiveFormat.tar, .gzippedTar, .storedZip, .deflatedZip])
  func `what was written is unpacked again`(format: ArchiveFormat) throws {
    let scratch = try ScratchFolder()
    let contents: [(path: String, bytes: [UInt8])] = [
      ("store/SciQ dataset-2 3/test.json", Array("[]".utf8)), ("caf\u{E9}/\u{65E5}\u{672C}", [1, 2, 3]), ("empty", []),
      (String(repeating: "long/", count: 60) + "name", [UInt8](repeating: 7, count: 1000)),
      ("file", [UInt8](repeating: 9, count: 600_000)),
    ]
    let file = try scratch.file("source", contents[4].bytes)
    var writer = try ArchiveWriter(scratch.path + "/archive", format: format)
    for (path, bytes) in contents.dropLast() { try writer.add(bytes: bytes, as: path) }
    try writer.add(file: file, as: "file")
    try writer.finish()
    let members = try unpack(scratch.path + "/archive", into: scratch.folder("members"))
    #expect(members.map(\.path) == contents.map(\.path))
    #expect(members.map(\.sha256) == contents.map { sha256($0.bytes) })
  }

  @Test(arguments: [ArchiveFormat.tar, .gzippedTar, .storedZip, .deflatedZip])
  func `the same files give the same archive, whatever their times and rights`(format: ArchiveFormat) throws {
    let scratch = try ScratchFolder()
    var digests: [String] = []
    for (index, rights) in [0o600, 0o755].enumerated() {
      let file = try scratch.file("source", Array("text".utf8))
      try FileManager.default.setAttributes(
        [.posixPermissions: rights, .modificationDate: Date(timeIntervalSince1970: Double(index) * 1e9)],
        ofItemAtPath: file)
      var writer = try ArchiveWriter(scratch.path + "/\(index)", format: format)
      try writer.add(file: file, as: "caf\u{E9}")
      try writer.finish()
      digests.append(try sha256(ofFile: scratch.path + "/\(index)"))
    }
    #expect(digests[0] == digests[1])
  }

  @Test func `a path that the reader would refuse is not written, nor one twice`() throws {
    let scratch = try ScratchFolder()
    var writer = try ArchiveWriter(scratch.path + "/archive.tar")
    try writer.add(bytes: [1], as: "a/b")
    for path in ["", ".", "/a", "../a", "a\\b", "a/b", "A/c", "A/d", "a", "a/b/c", "a/b/d"] {
      do throws(ArtifactError) {
        try writer.add(bytes: [1], as: path)
        Issue.record("added \(path)")
      } catch {
        guard case .refusedEntry(_, path, _) = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
    try writer.finish()
  }

  @Test func `an archive that is not finished leaves nothing, and one that is there already stays`() throws {
    let scratch = try ScratchFolder()
    let path = scratch.path + "/archive.tar"
    func begin() throws {
      var writer = try ArchiveWriter(path)
      try writer.add(bytes: [1], as: "a")
    }
    try begin()
    #expect(!FileManager.default.fileExists(atPath: path))
    _ = try scratch.file("archive.tar", [1, 2])
    #expect(throws: ArtifactError.self) { try begin() }
    #expect(FileManager.default.contents(atPath: path) == Data([1, 2]))
  }
}

/// The benchmarks' published files, where they lie beside the project.
private enum PublishedFiles {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../shared/data").standardizedFileURL.path
  static let isPresent = FileManager.default.fileExists(atPath: folder)

  /// Inside the published archives, and beside the project, with the published digests.
  static let members: [(path: String, file: String, sha256: String)] = [
    (
      "ARC-V1-Feb2018-2/ARC-Challenge/ARC-Challenge-Test.jsonl", "arc/ARC-Challenge-Test.jsonl",
      "9fa8ffb3e3a1f88cb302d53dd95aae81e39209ad9bcf974376b319d8fd35717c"
    ),
    (
      "ARC-V1-Feb2018-2/ARC-Easy/ARC-Easy-Test.jsonl", "arc/ARC-Easy-Test.jsonl",
      "ce32a0774b4beb1977d2c6b16dda5dd2b24fdc9c7f506882c452678676bd09be"
    ),
    (
      "physicaliqa-train-dev/dev.jsonl", "piqa/physicaliqa-train-dev/dev.jsonl",
      "a73f46cb5d72b2cc399522a79f27728a429d9b89d9a236243fcfda8c02588d54"
    ),
    (
      "winogrande_1.1/dev.jsonl", "winogrande/winogrande_1.1/dev.jsonl",
      "1aeac79cf46a3dcbe59a71ca7e5372a1490cde2b4ae2387dc56f00378104d2e8"
    ),
    (
      "wikitext-2-raw/wiki.test.raw", "wikitext-2-raw/wiki.test.raw",
      "173c87a53759e0201f33e0ccf978e510c2042d7f2cb78229d9a50d79b9e7dd08"
    ),
  ]
}

@Suite(.enabled(if: PublishedFiles.isPresent, "the published files are not beside the project"))
struct PublishedArchiveTests {
  @Test func `the published files come out of an archive with their published digests`() throws {
    let scratch = try ScratchFolder()
    var writer = try ArchiveWriter(scratch.path + "/archive.tar")
    var zip = HandMadeZipArchive([])
    for (path, file, _) in PublishedFiles.members {
      try writer.add(file: PublishedFiles.folder + "/" + file, as: path)
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: PublishedFiles.folder + "/" + file)))
      zip.entries.append(.init(path, bytes, deflated: HandMadeArchive.deflated(bytes)))
    }
    try writer.finish()
    let tar = [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/archive.tar")))
    let wanted = PublishedFiles.members.map { WantedMember(path: $0.path, sha256: $0.sha256) }
    let archives = [
      tar, HandMadeArchive.gzip(tar), HandMadeArchive.xz(tar), HandMadeArchive.zstd(tar), zip.bytes,
    ]
    for (index, bytes) in archives.enumerated() {
      let members = try Unpacker(largestTotal: 10_000_000).unpack(
        scratch.file("archive-\(index)", bytes), kind: .entries, members: .listed(wanted),
        into: scratch.folder("members-\(index)"), shouldStop: { false }, report: { _, _ in })
      #expect(members.map(\.sha256) == PublishedFiles.members.map(\.sha256))
    }
  }
}
