import Foundation
import Models
import TestModels
import Testing

@Suite struct InspectTests {
  // V = 32, C = 16, 320 positions, a feed-forward width of 24, two blocks.
  private let checkpoint = RandomCheckpoint.opt()

  private func object(_ arguments: [String]) throws -> JSONValue {
    let outcome = try Command.run(["inspect", "--json"] + arguments)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return try JSONValue(parsing: outcome.output)
  }

  @Test func `one object has the form, the parameters, the files and the memory`() throws {
    let folder = try ModelFolder(checkpoint)
    let object = try object([folder.path])
    #expect(object["architecture"]?.string == "OPT" && object["hasPositionTable"]?.boolean == true)
    #expect(object["keyValueHeads"]?.integer == 4 && object["feedForwardWidth"]?.integer == 24)
    #expect(object["parameters"]?["positions"]?.integer == 322 * 16)
    // 512 + 5152 + 2 · (1088 + 808) + 160
    #expect(object["parameterCount"]?.integer == 9616)
    #expect(object["tensors"]?.array?.first?["bytes"]?.integer == 4 * 9616)
    #expect(object["files"]?.array?.first?["name"]?.string == "model.safetensors")
    #expect(object["tokenizer"] == nil)
    // Two blocks of keys and values of width 16, for all of the positions.
    #expect(object["memory"]?["tokens"]?.integer == 320)
    #expect(object["memory"]?["keyValueCache"]?.integer == 2 * 2 * 16 * 320 * 4)
    let names = try #require(object.object).map(\.name)
    #expect(names == names.sorted())
  }

  @Test func `the memory is given for a sequence of any length that the model takes`() throws {
    let folder = try ModelFolder(checkpoint)
    #expect(try object([folder.path, "--length", "10"])["memory"]?["logits"]?.integer == 32 * 10 * 4)
    let outcome = try Command.run(["inspect", folder.path, "--length", "321"])
    #expect(outcome.status == 64 && outcome.errors.contains("a table of 320 positions and no more"))
    #expect(try Command.run(["inspect", folder.path, "--length", "0"]).status == 64)
    let llama = try SmallSuite()
    #expect(try object([llama.folder + "/checkpoint", "--length", "5000"])["memory"]?["tokens"]?.integer == 5000)
  }

  @Test func `lines are aligned, and numbers readable`() throws {
    let suite = try SmallSuite()
    let outcome = try Command.run(["inspect", suite.folder + "/checkpoint"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    for line in [
      "architecture Llama", "heads 4 of width 4", "key-value heads 2",
      "norms before each layer (root mean square norm)",
      "head tied to the embedding", "tokenizer 257 tokens in vocab.json and merges.txt", "embedding 4,112 4.1 K",
      "norms 80", "each block 1,952 2.0 K", "weights copied 320 B norms, biases, and what cannot be used where it lies",
    ] {
      #expect(lines.contains(line), "no line “\(line)” in:\n\(outcome.output)")
    }
    let plain = try ModelFolder(checkpoint)
    #expect(try Command.run(["inspect", plain.path]).output.contains("none"))
  }

  @Test func `a folder from which no model can be loaded is refused`() throws {
    let suite = try SmallSuite(.init(droppedTensor: "model.norm.weight"))
    let outcome = try Command.run(["inspect", suite.folder + "/checkpoint"])
    #expect(outcome.status == 3 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("model.safetensors: the tensor “model.norm.weight” is missing"))
    #expect(try Command.run(["inspect", suite.folder + "/nowhere"]).status == 3)
  }
}
