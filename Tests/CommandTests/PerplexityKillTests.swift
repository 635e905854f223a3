import Foundation
import Models
import Tensors
import Testing

/// Measurements of perplexity that are killed or stopped, and go on.
@Suite(.serialized) struct PerplexityKillTests {
  private let scene: EvaluationScene
  private let corpus: String
  private let documentCount = 1500

  /// Some seconds of work on one thread: documents of about 100 tokens each.
  init() throws {
    scene = try EvaluationScene()
    corpus = scene.folder + "/c4.jsonl"
    var stream = RandomStream(seed: 4, purpose: "documents")
    let documents = (0..<documentCount).map { _ in
      let words = (0..<20).map { _ in
        String((0..<4).map { _ in Character(Unicode.Scalar(UInt8(97 + stream.nextInteger(below: 26)))) })
      }
      return "{\"text\": \"\(words.joined(separator: " "))\"}\n"
    }
    try documents.joined().write(toFile: corpus, atomically: true, encoding: .utf8)
  }

  private func arguments(_ output: String) -> [String] {
    ["perplexity", "--model", scene.model, "--c4", corpus, "--threads", "2", "-o", output]
  }

  private func start(_ output: String) throws -> Process {
    try Command.start(
      arguments(output), environment: scene.environment, output: URL(fileURLWithPath: output + ".out"),
      errors: URL(fileURLWithPath: output + ".err"))
  }

  /// Waits until the journal beside the output has so many bytes, or until the process ends.
  private func waitForBytes(_ count: Int, _ output: String, _ process: Process) {
    let deadline = ContinuousClock.now + .seconds(30)
    func size() -> Int {
      ((try? FileManager.default.attributesOfItem(atPath: output + ".journal"))?[.size] as? Int) ?? 0
    }
    while process.isRunning, ContinuousClock.now < deadline, size() < count { usleep(300) }
  }

  @Test func `killed, it goes on from its journal, and ends in the same file`() throws {
    let (whole, output) = (scene.folder + "/whole.json", scene.folder + "/killed.json")
    try #require(try Command.run(arguments(whole), environment: scene.environment).status == 0)
    let process = try start(output)
    waitForBytes(4000, output, process)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try #require(process.terminationReason == .uncaughtSignal)
    let last = try Command.run(arguments(output), environment: scene.environment)
    #expect(last.status == 0, "\(last.errors)")
    // Not all of it is done again.
    let pattern = /rolling: 1500 requests, of which the journal has (\d+)/
    let known = try #require(try pattern.firstMatch(in: last.errors).flatMap { Int($0.1) }, "\(last.errors)")
    #expect(known > 0 && last.errors.contains("Scored \(documentCount - known) requests"), "\(last.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: output)) == Data(contentsOf: URL(fileURLWithPath: whole)))
    #expect(!FileManager.default.fileExists(atPath: output + ".journal"))
  }

  @Test func `asked to stop, it keeps the journal, which answers no other question`() throws {
    let output = scene.folder + "/stopped.json"
    let process = try start(output)
    waitForBytes(2000, output, process)
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 143)
    let errors = try String(contentsOfFile: output + ".err", encoding: .utf8)
    #expect(errors.contains("What was scored is kept in \(output).journal"), "\(errors)")
    for other in [["--prefix", "bos"], ["--max-length", "40"], ["--limit", "2"], ["--protocol", "windows"]] {
      let refused = try Command.run(arguments(output) + other, environment: scene.environment)
      #expect(refused.status == 3 && refused.errors.contains("the journal is that of another question"), "\(other)")
    }
    #expect(try Command.run(arguments(output), environment: scene.environment).status == 0)
  }
}
