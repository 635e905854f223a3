import Artifacts
import Foundation
import Synchronization
import TestServers
import Testing

/// Everything between a manifest and the store, over a server on loopback.
@Suite struct FetcherTests {
  private let server: FaultyServer
  private let scratch: ScratchFolder
  private let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

  init() throws {
    server = try FaultyServer()
    scratch = try ScratchFolder()
  }

  // MARK: Whole files

  @Test func `a file is verified, stored once, and linked under its name`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = artifact("a", [file("a.bin", sha256: sha256(bytes), size: bytes.count)])
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(content(of: artifact, "a.bin") == bytes)
    let objects = try store.allObjects()
    #expect(objects.map(\.sha256) == [sha256(bytes)] && objects.map(\.size) == [bytes.count])
    #expect(traces == [])
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `a file of another content is refused, and nothing of it is stored`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let expected = sha256([1, 2, 3])
    let outcome = try fetch([artifact("a", [file("a.bin", sha256: expected, size: bytes.count)])])
    #expect(outcome.failures.count == 1)
    #expect(try store.allObjects().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: store.folder + "/artifacts/a"))
  }

  @Test func `what cannot be had leaves the others`() throws {
    server.serve(ServedFile(bytes), at: "/there.bin")
    let there = artifact("there", [file("there.bin", sha256: sha256(bytes))])
    let outcome = try fetch([artifact("gone", [file("gone.bin", sha256: sha256([1]))]), there])
    guard case .unreachable(file: "gone/gone.bin", let attempts)? = outcome.failures[0] else {
      Issue.record("\(outcome.failures)")
      return
    }
    #expect(attempts.count == 1 && outcome.failures.count == 1)
    #expect(content(of: there, "there.bin") == bytes)
  }

  @Test func `two names for one content are one download`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    server.serve(ServedFile(bytes), at: "/b.bin")
    let artifacts = ["a", "b"].map { artifact($0, [file("\($0).bin", sha256: sha256(bytes))]) }
    #expect(try fetch(artifacts).failures.isEmpty)
    #expect(server.requests.count == 1)
    #expect(content(of: artifacts[0], "a.bin") == bytes && content(of: artifacts[1], "b.bin") == bytes)
  }

  @Test func `too little room is said before the first byte`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let huge = artifact("a", [file("a.bin", sha256: sha256(bytes), size: 1 << 60)])
    let error = #expect(throws: ArtifactError.self) { try fetch([huge]) }
    guard case .notEnoughSpace(_, needed: 1 << 60, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(server.requests.isEmpty)
  }

  // MARK: Trust on first use

  @Test func `a digest that is not known is recorded, and later another content is an error`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = artifact("a", [file("a.bin")])
    #expect(try fetch([artifact]).recorded == ["a/a.bin"])
    let record = try RecordedDigests(contentsOf: recordFile)[artifact, artifact.files[0]]
    #expect(record == .init(sha256: sha256(bytes), size: bytes.count, source: server.url("/a.bin")))
    // Another machine, with the committed record, and a publisher who replaced the file by one of the same length.
    server.serve(ServedFile(bytes.reversed(), entityTag: "\"2\""), at: "/a.bin")
    let outcome = try fetch([artifact], store: ArtifactStore(folder: scratch.path + "/other"))
    #expect(outcome.failures.count == 1 && outcome.recorded.isEmpty)
    #expect(try ArtifactStore(folder: scratch.path + "/other").allObjects().isEmpty)
  }

  @Test func `where only known digests are wanted, a file without one is not asked for`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    var options = try options()
    options.requiresKnownDigests = true
    let outcome = try fetch([artifact("a", [file("a.bin")])], options: options)
    #expect(outcome.failures == [0: .unknownDigest(file: "a/a.bin")])
    #expect(server.requests.isEmpty)
  }

  // MARK: Archives

  @Test func `of an archive its members are kept, and the archive is not asked for again`() throws {
    let artifact = try archived(member: bytes)
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(content(of: artifact, "text.txt") == bytes)
    #expect(try store.allObjects().map(\.sha256) == [sha256(bytes)])
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `members whose digests nobody knows are known by their archive's`() throws {
    let artifact = try archived(member: bytes, isKnown: false)
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(content(of: artifact, "text.txt") == bytes)
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `an archive with another member than is known is refused, and no member is stored`() throws {
    let artifact = try archived(member: bytes, known: [1, 2, 3])
    let outcome = try fetch([artifact])
    #expect(outcome.failures.count == 1)
    #expect(try store.allObjects().map(\.sha256) == [artifact.files[0].sha256])
    #expect(!FileManager.default.fileExists(atPath: store.folder + "/artifacts/archive"))
  }

  @Test func `an archive that was stored but not unpacked is unpacked without another download`() throws {
    let artifact = try archived(member: bytes)
    var options = try options()
    options.keepsArchives = true
    #expect(try fetch([artifact], options: options).failures.isEmpty)
    try store.remove(sha256(bytes))
    // As if killed when the archive had just arrived.
    _ = try scratch.file("store/partial/\(try #require(artifact.files[0].sha256)).json", [1])
    #expect(try fetch([artifact], options: options).failures.isEmpty)
    #expect(server.requests.count == 1)
    #expect(content(of: artifact, "text.txt") == bytes)
    #expect(traces == [])
  }

  /// Large enough to be unpacked while the digest is computed.
  private var longText: [UInt8] { (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) } }

  @Test func `of an archive with another digest nothing is kept, and the digest is the error even if it is broken`()
    throws
  {
    let zip = HandMadeZipArchive([.init(member, longText)]).bytes
    let others = [zip, Array(zip[..<(zip.count - 9)]), longText, HandMadeZipArchive([.init("../up", longText)]).bytes]
    for (number, other) in others.enumerated() {
      server.serve(ServedFile(other), at: "/\(number).zip")
      let outcome = try fetch([archive(other.count, digest: sha256([1]), paths: ["/\(number).zip"])])
      guard case .otherDigest(_, _, expected: sha256([1]), found: sha256(other))? = outcome.failures[0] else {
        Issue.record("\(number): \(outcome.failures)")
        continue
      }
      #expect(try store.allObjects().isEmpty)
      for folder in ["unfinished", "unpacked", "artifacts"] { #expect(try names(in: folder).isEmpty, "\(number)") }
    }
  }

  @Test func `an archive of the right digest that is broken is refused for what it is`() throws {
    let zip = HandMadeZipArchive([.init("../up", longText)]).bytes
    server.serve(ServedFile(zip), at: "/up.zip")
    let outcome = try fetch([archive(zip.count, digest: sha256(zip), paths: ["/up.zip"])])
    let error = ArtifactError.refusedEntry(
      file: store.path(ofObject: sha256(zip)), entry: "../up", reason: "a path with ..")
    #expect(outcome.failures == [0: error])
    #expect(try names(in: "unfinished").isEmpty && names(in: "unpacked").isEmpty)
  }

  @Test func `what a wrong archive held is not taken for what the right one holds`() throws {
    let right = HandMadeZipArchive([.init(member, longText)]).bytes
    let wrong = HandMadeZipArchive([.init(member, longText.reversed())]).bytes
    server.serve(ServedFile(right), at: "/right.zip")
    server.serve(ServedFile(wrong), at: "/wrong.zip")
    let artifact = archive(right.count, digest: sha256(right), paths: ["/wrong.zip", "/right.zip"])
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(server.requests.map(\.path) == ["/wrong.zip", "/right.zip"])
    #expect(content(of: artifact, "text.txt") == longText)
    #expect(try names(in: "unfinished").isEmpty)
  }

  @Test func `what a killed process left half unpacked is not taken`() throws {
    let zip = HandMadeZipArchive([.init(member, longText)]).bytes
    server.serve(ServedFile(zip), at: "/archive.zip")
    let left = "\(store.folder)/unfinished/\(sha256(zip))/folder name"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: left + "/text.txt"))
    let artifact = archive(zip.count, digest: sha256(zip), paths: ["/archive.zip"])
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(content(of: artifact, "text.txt") == longText)
    #expect(try names(in: "unfinished").isEmpty && store.allObjects().count == 1)
  }

  @Test func `several archives at once are all unpacked`() throws {
    let artifacts = (0..<4).map { number in
      let zip = HandMadeZipArchive([.init(member, longText + [UInt8(number)])]).bytes
      server.serve(ServedFile(zip), at: "/\(number).zip")
      return archive(zip.count, digest: number == 3 ? nil : sha256(zip), paths: ["/\(number).zip"], name: "\(number)")
    }
    #expect(try fetch(artifacts).failures.isEmpty)
    for (number, artifact) in artifacts.enumerated() {
      #expect(content(of: artifact, "text.txt") == longText + [UInt8(number)])
    }
    #expect(try names(in: "unfinished").isEmpty && store.allObjects().count == 4)
  }

  // MARK: Slices

  @Test func `a slice ends its transfer, and is the same slice again elsewhere`() throws {
    let line = Array("{\"text\": \"\(String(repeating: "word ", count: 2000))\"}\n".utf8)
    let whole = (0..<2000).flatMap { _ in line }
    // Stored, so that the file is large: 20 MB.
    server.serve(ServedFile(HandMadeArchive.gzip(whole)), at: "/c4.json.gz")
    let slice = ArtifactFile(
      name: "first.jsonl", sources: [.url(server.url("/c4.json.gz"))], size: nil, approximateSize: nil, sha256: nil,
      content: .slice(.first(3)))
    let artifact = artifact("c4", [slice])
    #expect(try fetch([artifact]).recorded == ["c4/first.jsonl"])
    #expect(content(of: artifact, "first.jsonl") == line + line + line)
    let record = try RecordedDigests(contentsOf: recordFile)[artifact, slice]
    #expect(record?.documents == 3 && record?.size == 3 * line.count)
    #expect(server.requests[0].bytesSent < whole.count)
    // A publisher who changes the file is found out.
    #expect(try fetch([artifact], store: ArtifactStore(folder: scratch.path + "/other")).failures.isEmpty)
    server.serve(ServedFile(HandMadeArchive.gzip(Array("{}\n{}\n{}\n{}\n".utf8))), at: "/c4.json.gz")
    #expect(try fetch([artifact], store: ArtifactStore(folder: scratch.path + "/third")).failures.count == 1)
  }

  @Test func `a slice of more documents than there are is an error`() throws {
    server.serve(ServedFile(HandMadeArchive.gzip(Array("{}\n{}\n".utf8))), at: "/c4.json.gz")
    let slice = ArtifactFile(
      name: "first.jsonl", sources: [.url(server.url("/c4.json.gz"))], size: nil, approximateSize: nil, sha256: nil,
      content: .slice(.first(3)))
    #expect(try fetch([artifact("c4", [slice])]).failures.count == 1)
    #expect(try store.allObjects().isEmpty)
  }

  // MARK: What a killed process left

  @Test func `what was stored but could not be recorded is recorded later, without another download`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = artifact("a", [file("a.bin")])
    var spoiled = try options()
    spoiled.recordFile = scratch.path + "/nowhere/artifacts.lock.json"
    #expect(try fetch([artifact], options: spoiled).failures.count == 1)
    #expect(try store.allObjects().count == 1)
    #expect(try fetch([artifact]).recorded == ["a/a.bin"])
    #expect(server.requests.count == 1)
    #expect(content(of: artifact, "a.bin") == bytes)
    #expect(traces == [])
  }

  @Test func `what stands about of files that are stored is removed by the next fetch`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let plain = artifact("a", [file("a.bin", sha256: sha256(bytes))])
    let archive = try archived(member: bytes)
    let key = try #require(archive.files[0].sha256)
    var options = try options()
    options.keepsArchives = true
    #expect(try fetch([plain, archive], options: options).failures.isEmpty)
    #expect(traces == [])
    // As if killed between the members' arrival and the archive's removal, or between a file's arrival and the end.
    _ = try scratch.folder("store/unfinished/\(key)")
    let suffixes = [".json", ".json.new", ".record", ".record.new"]
    for name in ["partial/\(key).json"] + suffixes.map({ "partial/\(sha256(bytes))\($0)" }) {
      _ = try scratch.file("store/\(name)", [1])
    }
    _ = try scratch.file("store/locks/\(sha256(bytes))", [])
    let requests = server.requests.count
    #expect(try fetch([plain, archive]).failures.isEmpty)
    #expect(server.requests.count == requests)
    #expect(traces == [])
    #expect(try store.allObjects().map(\.sha256) == [sha256(bytes)])
  }

  @Test func `what another process is at work on is left to it`() throws {
    let archive = try archived(member: bytes)
    let key = try #require(archive.files[0].sha256)
    #expect(try fetch([archive]).failures.isEmpty)
    _ = try scratch.folder("store/unfinished/\(key)")
    let lock = try #require(try FileLock.tried(path: store.folder + "/locks/\(key)", name: "archive"))
    #expect(try fetch([archive]).failures.isEmpty)
    #expect(traces == ["locks/\(key)", "unfinished/\(key)"])
    lock.release()
  }

  @Test func `who waits for one file of many waits no longer than for this one`() throws {
    server.serve(ServedFile(bytes), at: "/small.bin")
    server.script("/small.bin", after: .slow(bytesPerSecond: 50_000))
    server.serve(ServedFile(bytes), at: "/large.bin")
    server.script("/large.bin", after: .stall(after: 10_000))
    let small = artifact("small", [file("small.bin", sha256: sha256(bytes))])
    // The same bytes under a digest that they do not have: they are another file as far as anyone knows.
    let large = artifact("large", [file("large.bin", sha256: sha256([1]), size: bytes.count)])
    let isDone = Mutex(false)
    let ended = DispatchSemaphore(value: 0)
    let plan = try FetchPlan([small, large], store: store, digests: .init(), options: try options())
    let (store, options) = (store, try options())
    Thread.detachNewThread {
      let fetcher = Fetcher(store: store, options: options, shouldStop: { isDone.withLock { $0 } }, report: { _ in })
      #expect(throws: Never.self) { try fetcher.fetch(plan) }
      ended.signal()
    }
    while server.requests.count < 2 { usleep(1000) }
    #expect(try fetch([small]).failures.isEmpty)
    #expect(content(of: small, "small.bin") == bytes)
    #expect(server.requests(for: "/small.bin").count == 1)
    isDone.withLock { $0 = true }
    ended.wait()
  }

  // MARK: Other places

  @Test func `mirrors are asked first, in both of their forms, and the publisher when they fail`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = artifact("a", [file("a.bin", sha256: sha256(bytes))])
    // A folder like the artifacts'.
    _ = try scratch.folder("mirror")
    _ = try scratch.folder("mirror/a")
    _ = try scratch.file("mirror/a/a.bin", bytes)
    var options = try options()
    options.mirrors = [scratch.path + "/mirror"]
    #expect(try fetch([artifact], options: options).failures.isEmpty)
    #expect(server.requests.isEmpty)
    // Another store, by digest.
    options.mirrors = [store.folder]
    let other = ArtifactStore(folder: scratch.path + "/other")
    #expect(try fetch([artifact], store: other, options: options).failures.isEmpty)
    #expect(server.requests.isEmpty)
    // A mirror with a damaged file.
    _ = try scratch.file("mirror/a/a.bin", bytes.reversed())
    options.mirrors = [scratch.path + "/mirror"]
    let third = ArtifactStore(folder: scratch.path + "/third")
    #expect(try fetch([artifact], store: third, options: options).failures.isEmpty)
    #expect(server.requests.count == 1 && third.contains(sha256(bytes)))
  }

  @Test func `offline, only the store and folders are looked into`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = artifact("a", [file("a.bin", sha256: sha256(bytes))])
    var options = try options()
    options.isOffline = true
    #expect(
      try fetch([artifact], options: options).failures == [0: .unreachable(file: "a/a.bin", attempts: [])])
    #expect(server.requests.isEmpty)
    #expect(try fetch([artifact]).failures.isEmpty)
    #expect(try fetch([artifact], options: options).failures.isEmpty)
  }

  @Test func `a file in the hub's own cache is linked, not downloaded or copied`() throws {
    let revision = String(repeating: "a", count: 40)
    let cached = try hubCache(revision, bytes)
    let artifact = hubArtifact(revision, sha256: sha256(bytes))
    var options = try options()
    options.hub = hub()
    #expect(try fetch([artifact], options: options).failures.isEmpty)
    #expect(content(of: artifact, "config.json") == bytes)
    #expect(inode(store.path(ofObject: sha256(bytes))) == inode(cached))
    #expect(server.requests.isEmpty)
  }

  @Test func `another content in the hub's own cache is not taken`() throws {
    let revision = String(repeating: "a", count: 40)
    _ = try hubCache(revision, [1, 2, 3])
    server.serve(ServedFile(bytes), at: "/org/model/resolve/\(revision)/config.json")
    let artifact = hubArtifact(revision, sha256: sha256(bytes))
    var options = try options()
    options.hub = hub()
    #expect(try fetch([artifact], options: options).failures.isEmpty)
    #expect(content(of: artifact, "config.json") == bytes)
  }

  @Test func `the endpoint and the token of the hub are used`() throws {
    let revision = String(repeating: "b", count: 40)
    server.serve(ServedFile(bytes), at: "/org/model/resolve/\(revision)/config.json")
    let artifact = hubArtifact(revision, sha256: nil)
    var options = try options()
    options.hub = hub(["HF_TOKEN": "secret"])
    options.transfer.token = options.hub.token.map { Token(value: $0, origin: options.hub.endpoint) }
    #expect(try fetch([artifact], options: options).failures.isEmpty)
    #expect(server.requests.map(\.authorization) == ["Bearer secret"])
    let record = try RecordedDigests(contentsOf: recordFile)
    #expect(!"\(record)".contains("secret"))
  }

  // MARK: Export and import

  @Test func `an exported archive makes a store on a machine without a network`() throws {
    let archive = try archived(member: bytes, isKnown: false)
    server.serve(ServedFile([1, 2, 3]), at: "/b.bin")
    let unknown = artifact("b", [file("b.bin")])
    #expect(try fetch([archive, unknown]).failures.isEmpty)
    let digests = try RecordedDigests(contentsOf: recordFile)
    let tar = scratch.path + "/export.tar"
    try store.export([archive, unknown], digests: digests, to: tar) { _, _ in }

    let other = ArtifactStore(folder: scratch.path + "/other")
    let imported = try other.importArchive(tar, shouldStop: { false }, report: { _, _ in })
    #expect(imported.objects == 2 && imported.bytes == bytes.count + 3)
    #expect(imported.records == digests.records)
    for artifact in [archive, unknown] {
      let objects = try #require(other.objects(of: artifact, digests: RecordedDigests(records: imported.records)))
      try other.place(objects, of: artifact)
    }
    #expect(FileManager.default.contents(atPath: other.folder(of: archive) + "/text.txt").map(Array.init) == bytes)
  }

  @Test func `an archive that was tampered with is not imported`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    let artifact = artifact("a", [file("a.bin", sha256: sha256(bytes))])
    #expect(try fetch([artifact]).failures.isEmpty)
    let tar = scratch.path + "/export.tar"
    try store.export([artifact], digests: RecordedDigests(), to: tar) { _, _ in }
    var content = try #require(FileManager.default.contents(atPath: tar).map(Array.init))
    let place = try #require(content.firstRange(of: bytes[5000..<6000])).lowerBound
    content[place] ^= 1
    let tampered = try scratch.file("tampered.tar", content)
    let other = ArtifactStore(folder: scratch.path + "/other")
    #expect(throws: ArtifactError.self) {
      try other.importArchive(tampered, shouldStop: { false }, report: { _, _ in })
    }
    #expect(try other.allObjects().isEmpty)
  }

  // MARK: Cleaning

  @Test func `cleaning keeps what artifacts need, and removes the rest`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    server.serve(ServedFile([7]), at: "/b.bin")
    let kept = artifact("a", [file("a.bin", sha256: sha256(bytes))])
    let removed = artifact("b", [file("b.bin", sha256: sha256([7]))])
    #expect(try fetch([kept, removed]).failures.isEmpty)
    _ = try scratch.file("store/partial/\(sha256([9]))", [1, 2])
    for suffix in [".json", ".json.new", ".record"] {
      _ = try scratch.file("store/partial/\(sha256([9]))\(suffix)", [])
    }
    func clean(removing: Set<String>, isTrial: Bool) throws -> ArtifactStore.Leftovers {
      try store.removeLeftovers(of: [kept, removed], digests: .init(), removing: removing, isTrial: isTrial)
    }
    let trial = try clean(removing: [], isTrial: true)
    #expect(trial.objects.isEmpty && trial.partialBytes == 2 && trial.partialCount == 1)
    #expect(try clean(removing: ["b"], isTrial: true).objects.map(\.sha256) == [sha256([7])])
    #expect(try store.allObjects().count == 2)
    #expect(try clean(removing: ["b"], isTrial: false).bytes == 3)
    #expect(try store.allObjects().map(\.sha256) == [sha256(bytes)])
    #expect(!FileManager.default.fileExists(atPath: store.folder + "/artifacts/b"))
    #expect(traces == [])
    #expect(content(of: kept, "a.bin") == bytes)
    // An artifact that the manifest no longer has is kept, as its folder names its files.
    _ = try store.removeLeftovers(of: [], digests: .init(), removing: [], isTrial: false)
    #expect(content(of: kept, "a.bin") == bytes)
  }

  @Test func `a damaged object is found`() throws {
    server.serve(ServedFile(bytes), at: "/a.bin")
    #expect(try fetch([artifact("a", [file("a.bin", sha256: sha256(bytes))])]).failures.isEmpty)
    let object = try #require(try store.allObjects().first)
    #expect(try store.isWhole(object))
    let path = store.path(ofObject: object.sha256)
    chmod(path, 0o644)
    try Data(bytes.reversed()).write(to: URL(fileURLWithPath: path))
    #expect(try !store.isWhole(object))
  }
}

// MARK: - What the tests fetch

extension FetcherTests {
  private var store: ArtifactStore { ArtifactStore(folder: scratch.path + "/store") }
  private var recordFile: String { scratch.path + "/artifacts.lock.json" }

  /// What stands about of work that is not done.
  private var traces: [String] {
    ["partial", "locks", "unfinished"].flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(store.folder)/\(folder)").sorted()) ?? []
      return names.map { "\(folder)/\($0)" }
    }
  }

  private func artifact(_ name: String, _ files: [ArtifactFile]) -> Artifact {
    Artifact(name: name, title: name, licence: "none", terms: nil, files: files)
  }

  private func file(_ name: String, sha256: String? = nil, size: Int? = nil) -> ArtifactFile {
    ArtifactFile(
      name: name, sources: [.url(server.url("/" + name))], size: size, approximateSize: nil, sha256: sha256,
      content: .whole)
  }

  private var member: String { "folder name/text.txt" }

  /// An artifact of one file within a served zip archive.
  private func archived(member bytes: [UInt8], known: [UInt8]? = nil, isKnown: Bool = true) throws -> Artifact {
    let zip = HandMadeZipArchive([.init(member, bytes), .init("folder name/rest.txt", [1])]).bytes
    server.serve(ServedFile(zip), at: "/archive.zip")
    return archive(
      zip.count, digest: sha256(zip), paths: ["/archive.zip"], memberDigest: isKnown ? sha256(known ?? bytes) : nil)
  }

  private func archive(
    _ size: Int, digest: String?, paths: [String], memberDigest: String? = nil, name: String = "archive"
  ) -> Artifact {
    let content = ArchiveContent(
      members: [.init(name: "text.txt", wanted: WantedMember(path: member, size: nil, sha256: memberDigest))],
      largestTotal: 1 << 22, isSingleStream: false)
    return artifact(
      name,
      [
        ArtifactFile(
          name: "archive.zip", sources: paths.map { .url(server.url($0)) }, size: size, approximateSize: nil,
          sha256: digest, content: .archive(content))
      ])
  }

  /// What stands in a folder of the store.
  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(store.folder)/\(folder)")
  }

  private func hubArtifact(_ revision: String, sha256: String?) -> Artifact {
    let source = HuggingFaceFile(kind: .model, repository: "org/model", revision: revision, path: "config.json")
    return artifact(
      "model",
      [
        ArtifactFile(
          name: "config.json", sources: [.huggingFace(source)], size: nil, approximateSize: nil, sha256: sha256,
          content: .whole)
      ])
  }

  /// Puts a file into a cache as the hub's own programs lay it out: a link to a blob.
  private func hubCache(_ revision: String, _ bytes: [UInt8]) throws -> String {
    let model = scratch.path + "/hub/models--org--model"
    for folder in ["blobs", "snapshots/\(revision)"] {
      try FileManager.default.createDirectory(atPath: "\(model)/\(folder)", withIntermediateDirectories: true)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: model + "/blobs/1"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(model)/snapshots/\(revision)/config.json", withDestinationPath: "../../blobs/1")
    return model + "/blobs/1"
  }

  private func hub(_ more: [String: String] = [:]) -> HuggingFaceSettings {
    let environment = ["HF_HUB_CACHE": scratch.path + "/hub", "HF_ENDPOINT": server.url("/")]
    return HuggingFaceSettings(environment: environment.merging(more) { $1 }, homeFolder: scratch.path)
  }

  private func options() throws -> FetchOptions {
    var transfer = TransferSettings()
    transfer.firstRetrySeconds = 0.01
    transfer.attemptsPerSource = 2
    return FetchOptions(
      hub: HuggingFaceSettings(environment: [:], homeFolder: scratch.path), transfer: transfer, recordFile: recordFile)
  }

  private func fetch(
    _ artifacts: [Artifact], store: ArtifactStore? = nil, options: FetchOptions? = nil
  ) throws -> FetchOutcome {
    let store = store ?? self.store
    let options = try options ?? self.options()
    let plan = try FetchPlan(
      artifacts, store: store, digests: RecordedDigests(contentsOf: options.recordFile), options: options)
    return try Fetcher(store: store, options: options, shouldStop: { false }, report: { _ in }).fetch(plan)
  }

  private func content(of artifact: Artifact, _ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(store.folder(of: artifact))/\(name)").map(Array.init)
  }

  private func inode(_ path: String) -> UInt? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt(status.st_ino) : nil
  }
}
