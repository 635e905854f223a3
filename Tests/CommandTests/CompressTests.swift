import Foundation
import Models
import Testing

@Suite struct CompressTests {
  /// The checkpoint and the corpus of a small suite.
  private func run(_ suite: borrowing SmallSuite, _ arguments: String...) throws -> Command.Outcome {
    try Command.run(["compress", "--model", suite.folder + "/checkpoint"] + arguments)
  }

  private func calibration(_ suite: borrowing SmallSuite) -> [String] {
    ["--calibration", "c4=\(suite.folder)/data/corpus.jsonl", "--samples", "6", "--length", "24"]
  }

  @Test func `a checkpoint is compressed, and the record says how`() throws {
    let suite = try SmallSuite()
    let output = suite.folder + "/compressed"
    let arguments =
      ["compress", "--model", suite.folder + "/checkpoint", "--method", "gptq", "--bits", "3", "-o", output, "--json"]
      + calibration(suite)
    let outcome = try Command.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try JSONValue(parsing: outcome.output)
    #expect(record["layers"]?.array?.count == 14)
    #expect(record["question"]?["settings"]?["bits"]?.integer == 3)
    #expect(record["question"]?["calibration"]?["samples"]?.integer == 6)
    let model = try loadModel(folder: output)
    let row = Set(model.blocks[0].attention.query.weight.matrix.row(0))
    #expect(row.count <= 8)
    #expect(FileManager.default.fileExists(atPath: output + "/tokenizer_config.json"))
    // The same command finds it done.
    #expect(try Command.run(arguments).output == outcome.output)
    // And others are refused.
    let other = try run(suite, "--method", "rtn", "--bits", "3", "-o", output)
    #expect(other.status == 3 && other.errors.contains("other settings"), "\(other.errors)")
  }

  @Test(arguments: [
    (["--method", "gptq", "--bits", "3"], "needs a text: add --calibration"),
    (["--method", "rtn", "--bits", "3", "--calibration", "text=x"], "leave --calibration out"),
    (["--method", "magnitude"], "needs --sparsity or --pattern"),
    (["--method", "magnitude", "--sparsity", "0.5", "--bits", "3"], "has no use for --bits"),
    (["--method", "rtn", "--bits", "3", "--percdamp", "0.1"], "has no use for --percdamp"),
    (["--method", "rtn", "--bits", "3", "--packed", "--dtype", "float16"], "Leave one out"),
    (["--method", "rtn", "--bits", "3", "--memory", "much"], "--memory"),
    (["--method", "rtn", "--bits", "3", "--calibration", "ptb=x"], "--calibration"),
  ])
  func `options that make no sense are refused with what to change`(arguments: [String], message: String) throws {
    let outcome = try Command.run(["compress", "--model", "none", "-o", "none"] + arguments)
    #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
  }
}
