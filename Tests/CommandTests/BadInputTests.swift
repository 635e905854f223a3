import Foundation
import Testing

@Suite struct BadInputTests {
  private func run(_ suite: borrowing SmallSuite, _ more: [String] = []) throws -> Command.Outcome {
    try Command.run(
      ["run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", "\(suite.folder)/results"] + more)
  }

  @Test func `an unknown key in the suite names its line and the nearest known key`() throws {
    let suite = try SmallSuite(.init(extraSuiteLine: "sed: 4"))
    let outcome = try run(suite)
    #expect(outcome.status == 64)
    #expect(
      outcome.errors.contains("suite.yaml:23: unknown key “sed” in the suite; did you mean “seed”?"),
      "\(outcome.errors)")
  }

  @Test func `a suite that is not there is a matter of usage`() throws {
    let outcome = try Command.run(["run", "nowhere"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("No suite “nowhere”"))
  }

  @Test func `a missing folder and a file with other bytes are unreachable sources`() throws {
    let suite = try SmallSuite()
    let absent = try run(suite, ["--data", "\(suite.folder)/nowhere"])
    #expect(absent.status == 69)
    #expect(absent.errors.contains("--data"))
    try suite.write("data/corpus.jsonl", "{\"text\": \"other\"}\n")
    let other = try run(suite)
    #expect(other.status == 69)
    #expect(other.errors.contains("data/corpus.jsonl: not the file that the suite names"), "\(other.errors)")
  }

  @Test func `a file that would be read without a digest is refused`() throws {
    let suite = try SmallSuite(.init(unlistedFile: "tokenizer_config.json"))
    let outcome = try run(suite)
    #expect(outcome.status == 69)
    #expect(
      outcome.errors.contains("checkpoint/tokenizer_config.json: a run would read this file"), "\(outcome.errors)")
  }

  @Test func `a missing tensor is named with its file`() throws {
    let suite = try SmallSuite(.init(droppedTensor: "model.layers.1.mlp.up_proj.weight"))
    let outcome = try run(suite)
    #expect(outcome.status == 3)
    #expect(
      outcome.errors.contains("model.safetensors: the tensor “model.layers.1.mlp.up_proj.weight” is missing"),
      "\(outcome.errors)")
  }

  @Test func `an unknown architecture is named with those that are known`() throws {
    let suite = try SmallSuite(.init(architecture: "mamba"))
    let outcome = try run(suite)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("“mamba” is not supported; supported: llama"), "\(outcome.errors)")
  }

  @Test func `a broken line of a task is named, and nothing is left out`() throws {
    let suite = try SmallSuite(.init(brokenTaskLine: 3))
    let outcome = try run(suite)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("data/arc.jsonl:3:"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: suite.folder + "/results"))
  }

  @Test func `a cell that fails leaves the others, and no result of its own`() throws {
    // No document is as long as the calibration wants: compressed cells fail, dense ones do not.
    let suite = try SmallSuite(.init(calibrationLength: 4000))
    let outcome = try run(suite)
    #expect(outcome.status == 3)
    #expect(
      outcome.errors.contains("random / gptq-3bit / none failed: no document of the calibration corpus has 4000 tokens")
    )
    let results = try resultsWithoutTimes(suite.folder + "/results")
    #expect(
      results.keys.sorted() == ["idp-3-5", "lora-2", "none", "prompt-3", "prompt-5"].map { "random/dense/\($0).json" })
    let compare = try Command.run(["compare", suite.suiteFile, "-o", suite.folder + "/results"])
    #expect(compare.status == 3)
  }
}
