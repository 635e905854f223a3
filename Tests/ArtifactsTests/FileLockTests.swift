import Artifacts
import Foundation
import Synchronization
import TestServers
import Testing

@Suite struct FileLockTests {
  private let scratch: ScratchFolder
  private let path: String

  init() throws {
    scratch = try ScratchFolder()
    path = scratch.path + "/lock"
  }

  @Test func `a lock is had by one at a time, and by the next once it is given up`() throws {
    let first = try #require(try FileLock.tried(path: path, name: "work"))
    #expect(try FileLock.tried(path: path, name: "work") == nil)
    first.release()
    #expect(!FileManager.default.fileExists(atPath: path))
    let second = try #require(try FileLock.tried(path: path, name: "work"))
    // What the first one does from now on is none of the second one's business.
    #expect(try FileLock.tried(path: path, name: "work") == nil)
    second.release()
  }

  @Test func `many threads that take turns never meet`() throws {
    let path = path
    let inside = Atomic(0)
    let turns = Atomic(0)
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      do {
        for _ in 0..<50 {
          let lock = try FileLock.waiting(path: path, name: "work", pollSeconds: 0.0005)
          if inside.add(1, ordering: .relaxed).newValue != 1 { failures.withLock { $0.append("two at once") } }
          turns.add(1, ordering: .relaxed)
          inside.subtract(1, ordering: .relaxed)
          lock.release()
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(turns.load(ordering: .relaxed) == 200)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `who waits is told the owner, and may stop`() throws {
    let held = try #require(try FileLock.tried(path: path, name: "work"))
    var owners: [String] = []
    #expect(throws: ArtifactError.stopped(file: "work")) {
      try FileLock.waiting(path: path, name: "work", shouldStop: { true }, willWait: { owners.append($0) })
    }
    #expect(owners == ["process \(getpid()) on \(ProcessInfo.processInfo.hostName)"])
    held.release()
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/flock"), "no flock program here"))
  func `the lock of a process that was killed is taken over`() throws {
    let owner = Process()
    owner.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    owner.arguments = ["--no-fork", path, "sleep", "60"]
    try owner.run()
    while try FileLock.tried(path: path, name: "work") != nil { usleep(1000) }
    #expect(try FileLock.tried(path: path, name: "work") == nil)
    kill(owner.processIdentifier, SIGKILL)
    owner.waitUntilExit()
    #expect(try FileLock.tried(path: path, name: "work") != nil)
  }

  @Test func `a file that nobody holds any more is no lock`() throws {
    _ = try scratch.file("lock", Array("process 1 on elsewhere\n".utf8))
    #expect(try FileLock.tried(path: path, name: "work") != nil)
  }

  @Test func `a place that cannot be written is an error`() {
    #expect(throws: ArtifactError.self) { try FileLock.tried(path: scratch.path + "/nowhere/lock", name: "work") }
  }
}
