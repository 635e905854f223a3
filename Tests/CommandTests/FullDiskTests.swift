import Artifacts
import Foundation
import TestServers
import Testing

/// A file system of a few megabytes, which goes with it.
private struct SmallDisk: ~Copyable {
  static let isAllowed: Bool = {
    do {
      _ = try SmallDisk(megabytes: 1)
      return true
    } catch {
      return false
    }
  }()

  private let scratch: ScratchFolder
  let path: String

  init(megabytes: Int) throws {
    let scratch = try ScratchFolder()
    let path = try scratch.folder("disk")
    try Self.call("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "recollect", path)
    self.scratch = scratch
    self.path = path
  }

  deinit { try? Self.call("umount", "-l", path) }

  func grow(megabytes: Int) throws { try Self.call("mount", "-o", "remount,size=\(megabytes)m", path) }

  private static func call(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw POSIXError(.EPERM) }
  }
}

@Suite(.enabled(if: SmallDisk.isAllowed, "this user may mount no small file system"))
struct FullDiskTests {
  private let scene: FetchScene
  private let small = SceneFile(name: "small.bin", bytes: FetchScene.bytes(100_000, seed: 1))

  init() throws {
    scene = try FetchScene()
    try scene.add("small", [small])
  }

  private func expectWhole(_ store: String, files: Int) throws {
    let outcome = try scene.run("cache", "verify", store: store)
    #expect(outcome.status == 0 && outcome.output.hasPrefix("\(files) files, "), "\(outcome.output)")
  }

  @Test func `too little room is said before the first byte`() throws {
    try scene.add("large", [SceneFile(name: "large.bin", bytes: FetchScene.bytes(6_000_000, seed: 2))])
    let disk = try SmallDisk(megabytes: 4)
    let outcome = try scene.run("fetch", "--suite", "all", store: disk.path)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("\(disk.path): 6.1 MB are needed, 4.2 MB are free"), "\(outcome.errors)")
    #expect(scene.server.requests.isEmpty)
    let plan = try scene.run("fetch", "--suite", "all", "--dry-run", store: disk.path)
    #expect(plan.status == 0 && plan.output.contains("That is more than there is room for."), "\(plan.output)")
  }

  @Test func `what an archive of unknown size will hold is counted before the first byte`() throws {
    var archive = SceneFile.zip("set.zip", [("a.txt", [1])])
    archive.isSizeKnown = false
    try scene.add("set", [archive])
    let disk = try SmallDisk(megabytes: 4)
    let outcome = try scene.run("fetch", "set", store: disk.path)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("10.0 MB are needed"), "\(outcome.errors)")
    #expect(scene.server.requests.isEmpty)
  }

  @Test func `a disk that fills on the way leaves the store whole, and with more room the rest is got`() throws {
    var large = SceneFile(name: "large.bin", bytes: FetchScene.bytes(6_000_000, seed: 2))
    large.isSizeKnown = false
    try scene.add("large", [large])
    // In chunks the server does not say the size either.
    scene.server.script("/large.bin", after: .chunked)
    let disk = try SmallDisk(megabytes: 4)
    #expect(try scene.run("fetch", "small", store: disk.path).status == 0)
    let outcome = try scene.run("fetch", "--suite", "all", store: disk.path)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
    #expect(outcome.errors.contains("What has arrived is kept: make room"), "\(outcome.errors)")
    #expect(outcome.output == "\(disk.path)/artifacts/small\n")
    try expectWhole(disk.path, files: 1)

    try disk.grow(megabytes: 16)
    let next = try scene.run("fetch", "--suite", "all", store: disk.path)
    #expect(next.status == 0, "\(next.errors)")
    try expectWhole(disk.path, files: 2)
    let requests = scene.server.requests(for: "/large.bin")
    #expect(requests.count == 2)
    // What had arrived was not sent again.
    let offset = requests[1].range.flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
    #expect(offset > 3_000_000 && requests[1].bytesSent == 6_000_000 - offset)
  }

  @Test func `a disk that fills while an archive is unpacked keeps the archive, and no member`() throws {
    var archive = SceneFile.zip("set.zip", [("a.txt", FetchScene.bytes(2_500_000, seed: 3))])
    archive.isSizeKnown = false
    archive.expands = 3_000_000
    try scene.add("set", [archive])
    let disk = try SmallDisk(megabytes: 4)
    let outcome = try scene.run("fetch", "set", store: disk.path)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
    try expectWhole(disk.path, files: 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path + "/unfinished") == [])

    try disk.grow(megabytes: 16)
    #expect(try scene.run("fetch", "set", store: disk.path).status == 0)
    #expect(scene.server.requests.count == 1)
    try expectWhole(disk.path, files: 1)
  }
}
