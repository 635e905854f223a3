import Artifacts
import Foundation
import Models
import Testing

/// Trains small models from nothing on a small corpus.
@Suite final class PretrainTests: Sendable {
  private let scene: EvaluationScene

  init() throws { scene = try EvaluationScene() }

  private func arguments(_ output: String, _ architecture: [String], threads: Int = 2, tokens: Int = 6400) -> [String] {
    [
      "pretrain", "--width", "16", "--blocks", "2", "--heads", "4", "--inner", "24", "--positions", "16",
      "--tokenizer", scene.model, "--corpus", "c4=\(scene.folder)/data/corpus.jsonl", "--tokens", "\(tokens)",
      "--batch",
      "4", "--learning-rate", "1e-2", "--threads", "\(threads)", "-o", scene.folder + "/" + output,
    ] + architecture
  }

  private static let llama = ["--architecture", "llama", "--key-value-heads", "2"]
  private static let opt = ["--architecture", "opt"]

  private func digest(_ file: String) throws -> String { try sha256(ofFile: scene.folder + "/" + file) }

  @Test(arguments: [(llama, "model.safetensors"), (opt, "pytorch_model.bin")])
  func `a model is trained to the same bytes on any number of threads, and can be scored`(
    architecture: [String], weights: String
  ) throws {
    for (index, threads) in [1, 3].enumerated() {
      let outcome = try Command.run(arguments("model-\(index)", architecture, threads: threads))
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try digest("model-0/" + weights) == digest("model-1/" + weights))
    let record = try JSONValue(
      parsing: String(contentsOfFile: scene.folder + "/model-0/pretraining.json", encoding: .utf8))
    #expect(record["tokens"]?.integer == 6400)
    #expect(record["files"]?[weights]?.string == (try digest("model-0/" + weights)))
    let losses = (record["losses"]?.array ?? []).compactMap(\.double)
    #expect(losses.count == 100)
    // From a guess among 257 to text of twelve words.
    #expect(losses[0] > 5 && losses[99] < 2.5)
    let scored = try Command.run([
      "perplexity", "--model", scene.folder + "/model-0", "--c4", scene.folder + "/data/corpus.jsonl", "--json",
    ])
    #expect(scored.status == 0, "\(scored.errors)")
    #expect(!FileManager.default.fileExists(atPath: scene.folder + "/model-0/unfinished"))
  }

  @Test func `a training that was killed goes on to the same bytes`() throws {
    #expect(try Command.run(arguments("whole", Self.llama, tokens: 25_600)).status == 0)
    let logs = ["out", "err"].map { URL(fileURLWithPath: scene.folder + "/killed." + $0) }
    let begun = try Command.start(
      arguments("killed", Self.llama, tokens: 25_600), output: logs[0], errors: logs[1])
    let state = scene.folder + "/killed/unfinished/state.safetensors"
    while begun.isRunning, !FileManager.default.fileExists(atPath: state) { usleep(2000) }
    kill(begun.processIdentifier, SIGKILL)
    begun.waitUntilExit()
    #expect(!FileManager.default.fileExists(atPath: scene.folder + "/killed/pretraining.json"))
    #expect(try Command.run(arguments("killed", Self.llama, tokens: 25_600)).status == 0)
    #expect(try digest("killed/model.safetensors") == digest("whole/model.safetensors"))
  }

  @Test func `shapes that do not fit and folders that are taken are refused`() throws {
    let cases = [
      (["--architecture", "opt", "--key-value-heads", "2"], "--key-value-heads"),
      (["--architecture", "llama", "--key-value-heads", "3"], "multiple of --key-value-heads"),
    ]
    for (architecture, word) in cases {
      let outcome = try Command.run(arguments("refused", architecture))
      #expect(outcome.status == 64 && outcome.errors.contains(word), "\(outcome.errors)")
    }
    try FileManager.default.createDirectory(atPath: scene.folder + "/taken", withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: scene.folder + "/taken/notes.txt"))
    let outcome = try Command.run(arguments("taken", Self.llama))
    #expect(outcome.status != 0 && outcome.errors.contains("taken"), "\(outcome.errors)")
  }
}
