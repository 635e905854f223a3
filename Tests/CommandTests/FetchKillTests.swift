import Artifacts
import Foundation
import TestServers
import Testing

/// Fetches that are killed, and fetches that meet.
@Suite(.serialized) struct FetchKillTests {
  private let scene: FetchScene

  /// 2.3 MB: files with and without a known digest, a zip and a compressed tar archive.
  init() throws {
    scene = try FetchScene()
    var trusted = SceneFile(name: "trusted.bin", bytes: FetchScene.bytes(350_000, seed: 3))
    trusted.isDigestKnown = false
    trusted.isSizeKnown = false
    try scene.add(
      "loose",
      [
        SceneFile(name: "first.bin", bytes: FetchScene.bytes(450_000, seed: 1)),
        SceneFile(name: "second.bin", bytes: FetchScene.bytes(150_000, seed: 2)), trusted,
      ])
    try scene.add(
      "zipped",
      [.zip("set.zip", [("set/a.txt", FetchScene.bytes(400_000, seed: 4)), ("set/b.txt", [1, 2, 3])])])
    var tar = SceneFile.compressedTar(
      "set.tgz", [("x/c.txt", FetchScene.bytes(500_000, seed: 5)), ("x/d.txt", FetchScene.bytes(400_000, seed: 6))])
    tar.isDigestKnown = false
    try scene.add("packed", [tar])
  }

  /// All files are there and right, and nothing else is in the store.
  private func expectWhole() throws {
    let objects = try scene.store.allObjects()
    #expect(Set(objects.map(\.sha256)) == Set(scene.files.flatMap(\.objects)))
    for object in objects { #expect(try scene.store.isWhole(object)) }
    // A link that had its target and not yet its name is left to a cleaning.
    #expect(scene.traces.filter { !$0.hasPrefix("unfinished/link.") } == [])
    for (name, file) in [("loose/first.bin", 0), ("loose/second.bin", 1), ("loose/trusted.bin", 2)] {
      #expect(scene.content(name) == scene.files[file].bytes, "\(name)")
    }
    #expect(scene.content("zipped/b.txt") == [1, 2, 3])
    #expect(scene.content("packed/d.txt") == FetchScene.bytes(400_000, seed: 6))
    let digests = try RecordedDigests(contentsOf: scene.recordFile)
    #expect(
      digests.records.mapValues(\.sha256) == [
        "loose/trusted.bin": sha256(scene.files[2].bytes), "packed/set.tgz": sha256(scene.files[4].bytes),
      ])
  }

  private func objectCount() -> Int { (try? scene.store.allObjects().count) ?? 0 }

  /// The paths of files of which all is in the store: the archive itself, or what is wanted of it.
  private func storedPaths() throws -> Set<String> {
    let objects = Set(try scene.store.allObjects().map(\.sha256))
    let stored = scene.files.filter { objects.contains(sha256($0.bytes)) || objects.isSuperset(of: $0.objects) }
    return Set(stored.map { "/\($0.name)" })
  }

  /// The sizes of the partial files, by the path that they are from.
  private func partialSizes() throws -> [String: Int] {
    let folder = scene.store.folder + "/partial"
    var sizes: [String: Int] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".json") {
      let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
      let origin = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let source = try #require((origin["source"] as? String).flatMap { URL(string: $0) })
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name.dropLast(5))")
      // Of a file that was just taken into the store, only the origin is left.
      if let size = attributes?[.size] as? Int { sizes[source.path] = size }
    }
    return sizes
  }

  @Test func `a fetch killed at fifty moments ends in the right files, and asks for no byte that it has`() throws {
    for file in scene.files { scene.server.script("/\(file.name)", after: .slow(bytesPerSecond: 100_000)) }
    let killCount = 50
    var random = MomentGenerator(state: 7)
    var killed = 0
    var partial: [String: Int] = [:]
    for round in 0...killCount {
      let stored = try storedPaths()
      // A request of one who was killed may arrive after its death: it asks for what was missing then.
      let earlier = partial
      partial = try partialSizes()
      let before = scene.server.requests.count
      let process = try scene.start(log: "\(round)")
      if round < killCount {
        // Every other one dies as soon as something is stored, if that comes first.
        waitToKill(process, milliseconds: 20 + Int(random.next() % 300), endsAtChange: round % 2 == 1)
        kill(process.processIdentifier, SIGKILL)
      }
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { killed += 1 }
      if round == killCount { #expect(process.terminationStatus == 0, "\(scene.errors("\(round)"))") }
      for request in scene.server.requests.dropFirst(before) {
        #expect(!stored.contains(request.path), "\(request.path)")
        let received = [partial, earlier].map { $0[request.path] ?? 0 }
        #expect(received.map { $0 > 0 ? "bytes=\($0)-" : nil }.contains(request.range), "\(request.path)")
      }
    }
    // One that had nothing left to do may have come to its end.
    #expect(killed >= killCount / 2)
    try expectWhole()

    let sent = scene.server.requests.reduce(0) { $0 + $1.bytesSent }
    let least = scene.files.reduce(0) { $0 + $1.bytes.count }
    print("killed \(killed) times: \(sent) bytes sent for \(least) bytes of files")
    // What a kill loses is what the server had sent and the program had not read yet: at each of four connections some
    // pieces of a fiftieth of a second, 2 kB; more where the machine is busy. To begin anew each time would cost some
    // twenty times the whole.
    #expect((least...least + killed * 4 * 4 * 2000).contains(sent))
  }

  private func waitToKill(_ process: Process, milliseconds: Int, endsAtChange: Bool) {
    let count = objectCount()
    let deadline = ContinuousClock.now + .milliseconds(milliseconds)
    while process.isRunning, ContinuousClock.now < deadline {
      if endsAtChange, objectCount() != count { return }
      usleep(500)
    }
  }

  @Test func `two fetches of the same set at once are one download of each file`() throws {
    for file in scene.files { scene.server.script("/\(file.name)", after: .slow(bytesPerSecond: 400_000)) }
    let processes = try ["one", "other"].map { try scene.start(log: $0) }
    for process in processes { process.waitUntilExit() }
    #expect(processes.map(\.terminationStatus) == [0, 0], "\(scene.errors("one"))\(scene.errors("other"))")
    try expectWhole()
    for file in scene.files {
      let requests = scene.server.requests(for: "/\(file.name)")
      #expect(requests.map(\.bytesSent) == [file.bytes.count], "\(file.name)")
    }
  }

  @Test func `the lock of a fetch that was killed holds up no other`() throws {
    scene.server.script("/first.bin", [.stall(after: 1000)])
    let process = try scene.start(log: "stalled")
    while scene.server.requests(for: "/first.bin").isEmpty { usleep(1000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let start = ContinuousClock.now
    let next = try scene.start(log: "next")
    next.waitUntilExit()
    #expect(next.terminationStatus == 0, "\(scene.errors("next"))")
    // Loopback needs a fraction of a second; a stalled transfer would be given up after 30.
    #expect(ContinuousClock.now - start < .seconds(20))
    try expectWhole()
  }
}

/// The generator of Knuth's MMIX, so that the moments are the same each time.
private struct MomentGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
