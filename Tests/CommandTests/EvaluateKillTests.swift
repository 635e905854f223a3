import Foundation
import Models
import Tensors
import Testing

/// Evaluations that are killed or stopped, and go on.
@Suite(.serialized) struct EvaluateKillTests {
  private let scene: EvaluationScene
  private let journal: String

  /// Some seconds of work on one thread: 1500 passages of about 100 tokens each.
  init() throws {
    scene = try EvaluationScene()
    journal = scene.folder + "/journal"
    var stream = RandomStream(seed: 3, purpose: "passages")
    let passages = (0..<1500).map { _ in
      let words = (0..<20).map { _ in
        String((0..<4).map { _ in Character(Unicode.Scalar(UInt8(97 + stream.nextInteger(below: 26)))) })
      }
      return "{\"text\": \"\(words.joined(separator: " "))\"}\n"
    }
    try passages.joined().write(toFile: scene.lambada, atomically: true, encoding: .utf8)
  }

  private func arguments(_ output: String) -> [String] {
    scene.arguments(["--threads", "2", "--journal", journal, "-o", output, "--samples", output + ".samples"])
  }

  private func start(_ output: String) throws -> Process {
    try Command.start(
      arguments(output), environment: scene.environment, output: URL(fileURLWithPath: output + ".out"),
      errors: URL(fileURLWithPath: output + ".err"))
  }

  /// The places of requests in the journal, of each benchmark, repeated where they were scored again.
  private func journaled() throws -> [[Int]] {
    var places: [[Int]] = [[], []]
    guard let bytes = FileManager.default.contents(atPath: journal) else { return places }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      // The last one may be cut off.
      guard let start = line.firstIndex(of: UInt8(ascii: "{")), let entry = try? JSONValue(parsing: line[start...]),
        let task = entry["task"]?.integer
      else { continue }
      places[task] += (entry["scores"]?.array ?? []).compactMap { $0.array?.first?.integer }
    }
    return places
  }

  private func size() -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: journal))?[.size] as? Int) ?? 0
  }

  /// Waits until so many bytes more are in the journal, a while longer, or until the process ends.
  private func waitForBytes(_ count: Int, _ process: Process, microseconds: UInt32) {
    let before = size()
    let deadline = ContinuousClock.now + .seconds(30)
    while process.isRunning, ContinuousClock.now < deadline, size() < before + count { usleep(300) }
    usleep(microseconds)
  }

  private func files(_ output: String) throws -> [String: Data] {
    var files = ["result": try Data(contentsOf: URL(fileURLWithPath: output))]
    for name in try FileManager.default.contentsOfDirectory(atPath: output + ".samples") {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(output).samples/\(name)"))
    }
    return files
  }

  @Test func `killed at many moments, an evaluation ends in the same files and scores nothing twice`() throws {
    let whole = scene.folder + "/whole.json"
    try #require(try Command.run(arguments(whole), environment: scene.environment).status == 0)
    let output = scene.folder + "/killed.json"
    var stream = RandomStream(seed: 5, purpose: "moments")
    var killed = 0
    for _ in 0..<12 {
      let process = try start(output)
      waitForBytes(
        stream.nextInteger(below: 3000), process, microseconds: UInt32(stream.nextInteger(below: 20_000)))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { killed += 1 }
      let places = try journaled()
      for places in places { #expect(Set(places).count == places.count, "scored twice") }
    }
    let known = try journaled().map(\.count)
    #expect(killed >= 6 && known.reduce(0, +) > 0, "killed \(killed) times, \(known) requests in the journal")
    let last = try Command.run(arguments(output), environment: scene.environment)
    #expect(last.status == 0, "\(last.errors)")
    let total = 12 * 4 + 1500
    #expect(last.errors.contains("Scored \(total - known.reduce(0, +)) requests"), "\(last.errors)")
    #expect(last.errors.contains("[2/2] lambada_openai: 1500 requests, of which the journal has \(known[1])"))
    #expect(try files(output) == files(whole))
    #expect(!FileManager.default.fileExists(atPath: journal))
    print("killed \(killed) times; \(known.reduce(0, +)) of \(total) requests were in the journal at the end")
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func `asked to stop, it keeps the journal and says how to go on`(signal: Int32, status: Int32) throws {
    let output = scene.folder + "/stopped.json"
    let process = try start(output)
    waitForBytes(2000, process, microseconds: 0)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == status)
    let errors = try String(contentsOfFile: output + ".err", encoding: .utf8)
    #expect(errors.contains("What was scored is kept in \(journal)"), "\(errors)")
    #expect(try journaled().joined().count > 0)
    #expect(!FileManager.default.fileExists(atPath: output))
    let other = try Command.run(arguments(output) + ["--limit", "2"], environment: scene.environment)
    #expect(other.status == 3 && other.errors.contains("the journal is that of another question"), "\(other.errors)")
    #expect(try Command.run(arguments(output), environment: scene.environment).status == 0)
  }
}
