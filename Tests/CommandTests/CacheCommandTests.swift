import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct CacheCommandTests {
  private let scene: FetchScene

  /// A plain file, an archive and a file whose digest is recorded at first use, all fetched.
  init() throws {
    scene = try FetchScene()
    try scene.add("data", [SceneFile(name: "data.bin", bytes: FetchScene.bytes(50_000, seed: 1))])
    try scene.add("set", [.compressedTar("set.tgz", [("set/a.txt", FetchScene.bytes(10_000, seed: 2))])])
    var trusted = SceneFile(name: "trusted.bin", bytes: FetchScene.bytes(20_000, seed: 3))
    trusted.isDigestKnown = false
    try scene.add("trusted", [trusted])
    let outcome = try scene.run("fetch", "--suite", "all")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func `what is in the cache is listed`() throws {
    let outcome = try scene.run("cache", "ls")
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "artifact  files     size  state")
    #expect(lines[2] == "data          1  50.0 kB  complete")
    #expect(lines[3] == "set           1  10.0 kB  complete")
    #expect(outcome.output.hasSuffix("3 files, 80.0 kB, in \(scene.store.folder).\n"))
    let json = try scene.run("cache", "ls", "--json")
    let rows = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
    #expect(rows?.map { $0["name"] as? String } == ["data", "set", "trusted"])
  }

  @Test func `a damaged file is found, removed, and fetched again`() throws {
    #expect(try scene.run("cache", "verify").output == "3 files, 80.0 kB: all whole.\n")
    let path = scene.store.path(ofObject: sha256(FetchScene.bytes(50_000, seed: 1)))
    chmod(path, 0o644)
    try Data(FetchScene.bytes(50_000, seed: 9)).write(to: URL(fileURLWithPath: path))
    let trial = try scene.run("cache", "verify", "--dry-run")
    #expect(trial.status == 3 && trial.output == "3 files, 80.0 kB: 1 damaged.\n")
    let outcome = try scene.run("cache", "verify")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("\(path) is damaged and was removed"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: scene.store.folder + "/artifacts/data"))
    #expect(try scene.run("fetch", "--suite", "all").status == 0)
    #expect(scene.server.requests.count == 4)
    #expect(try scene.run("cache", "verify").status == 0)
  }

  @Test func `what nobody needs is cleaned away, and what is named`() throws {
    let partial = "store/partial/" + sha256([9])
    _ = try scene.scratch.file(partial, [UInt8](repeating: 1, count: 3000))
    _ = try scene.scratch.file(partial + ".json.new", [])
    let trial = try scene.run("cache", "gc", "--dry-run")
    #expect(trial.output == "Would remove 0 files and 1 parts of downloads, 3.0 kB.\n")
    #expect(try scene.run("cache", "gc", "data").output == "Removed 1 files and 1 parts of downloads, 53.0 kB.\n")
    #expect(scene.traces == [])
    #expect(try scene.run("cache", "verify").output == "2 files, 30.0 kB: all whole.\n")
    #expect(try scene.run("cache", "gc", "dta").status == 64)
  }

  @Test func `an exported cache is imported where there is no network`() throws {
    let tar = scene.scratch.path + "/cache.tar"
    let exported = try scene.run("cache", "export", "--output", tar)
    #expect(exported.output == "\(tar): data, set, trusted\n", "\(exported.errors)")
    // Another machine has the manifest, and no record of what came first.
    try FileManager.default.removeItem(atPath: scene.recordFile)
    let store = scene.scratch.path + "/other"
    let imported = try scene.run("cache", "import", tar, store: store)
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(imported.output == "3 files, 80.0 kB. Complete now: data, set, trusted.\n")
    let requests = scene.server.requests.count
    #expect(try scene.run("fetch", "--suite", "all", "--offline", "--locked", store: store).status == 0)
    #expect(scene.server.requests.count == requests)
    #expect(
      FileManager.default.contents(atPath: store + "/artifacts/set/a.txt").map(Array.init)
        == FetchScene.bytes(10_000, seed: 2))
    #expect(try scene.run("cache", "verify", store: store).status == 0)
  }

  @Test func `what is not in the cache is not exported, and what is no export is not imported`() throws {
    #expect(try scene.run("cache", "gc", "set").status == 0)
    let tar = scene.scratch.path + "/cache.tar"
    let outcome = try scene.run("cache", "export", "set", "--output", tar)
    #expect(outcome.status == 69)
    #expect(outcome.errors.contains("set/set.tgz is not in the store"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: tar))
    let other = try scene.scratch.file("other.tar", HandMadeTar([.init("notes.txt", [1])]).bytes)
    let store = scene.scratch.path + "/other"
    let imported = try scene.run("cache", "import", other, store: store)
    #expect(imported.status == 69)
    #expect(imported.errors.contains("notes.txt"), "\(imported.errors)")
    #expect(try ArtifactStore(folder: store).allObjects().isEmpty)
  }
}
