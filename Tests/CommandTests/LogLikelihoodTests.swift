import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct LogLikelihoodTests {
  /// An OPT of 320 positions, V = 32, and no tokenizer.
  private let checkpoint = RandomCheckpoint.opt()

  private func run(_ folder: String, _ lines: [String], _ options: String...) throws -> Command.Outcome {
    try Command.run(
      ["loglikelihood", "--model", folder, "--requests", "-"] + options,
      input: lines.map { $0 + "\n" }.joined())
  }

  private func line(_ context: [Int], _ continuation: [Int]) -> String {
    "{\"context\": \(context), \"continuation\": \(continuation)}"
  }

  private func line(_ context: String, _ continuation: String) -> String {
    "{\"context\": \"\(context)\", \"continuation\": \"\(continuation)\"}"
  }

  @Test func `each request has its log-likelihood, in their order`() throws {
    let folder = try ModelFolder(checkpoint)
    let model = try loadModel(folder: folder.path)
    let requests = [([3, 1, 4], [1, 5]), ([9], [2]), ([3, 1, 4], [7]), ([2, 6, 5, 3], [5, 8, 9])]
    let outcome = try run(folder.path, requests.map(line))
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let found = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    #expect(found.count == requests.count)
    for ((context, continuation), result) in zip(requests, found) {
      let logits = model.logits(of: context + continuation)
      let rows = continuation.indices.map { logits.row(context.count - 1 + $0).map(Double.init) }
      let expected = zip(rows, continuation).reduce(0) { sum, pair in
        sum + pair.0[pair.1] - log(pair.0.reduce(0) { $0 + exp($1) })
      }
      // Logits of a few units in single precision.
      #expect(abs(try #require(result["logLikelihood"]?.double) - expected) < 2e-5)
      let isGreedy = zip(rows, continuation).allSatisfy { row, token in row.max() == row[token] }
      #expect(result["isGreedy"]?.boolean == isGreedy)
      #expect(result["tokens"]?.integer == continuation.count)
    }
  }

  @Test func `results depend neither on threads nor on what stands around a request`() throws {
    let folder = try ModelFolder(checkpoint)
    // More than two pieces of 256; contexts that are shared across their boundaries.
    let lines = (0..<600).map { line([$0 / 10 % 32, $0 / 100, 3], [$0 % 32, $0 % 7]) }
    let whole = try run(folder.path, lines, "--threads", "1").output
    #expect(whole.split(separator: "\n").count == 600)
    #expect(try run(folder.path, lines, "--threads", "3").output == whole)
    let parts = try [lines[..<100], lines[100...]].map { try run(folder.path, Array($0)).output }
    #expect(parts.joined() == whole)
    let file = folder.path + "/requests.jsonl"
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: file))
    #expect(try Command.run(["loglikelihood", "--model", folder.path, "--requests", file]).output == whole)
  }

  // The byte b is token 1 + b, and </s> is 0.
  @Test func `texts are split into tokens as the harness does`() throws {
    let suite = try SmallSuite()
    let folder = suite.folder + "/checkpoint"
    let texts = try run(folder, [line("ab", "cd"), line("ab ", "c"), line("", "a"), line("é</s>", "a")])
    let ids = [line([98, 99], [100, 101]), line([98, 99], [33, 100]), line([0], [98]), line([196, 170, 0], [98])]
    #expect(texts.status == 0, "\(texts.errors)")
    #expect(try run(folder, ids).output == texts.output)
    let begun = try run(folder, [line("ab", "cd"), line(" ", "a"), line("", "a")], "--add-beginning")
    let expected = try run(folder, [line([0, 98, 99], [100, 101]), line([0], [33, 98]), line([0], [98])])
    #expect(begun.output == expected.output)
  }

  @Test func `a context that is too long loses its beginning, and that is said`() throws {
    let folder = try ModelFolder(checkpoint)
    let long = (0..<400).map { $0 % 31 }
    // All positions: 320 tokens, of which the continuation's last is not read.
    let cut = try run(folder.path, [line(long, [1, 2])])
    #expect(cut.output == (try run(folder.path, [line(long.suffix(319), [1, 2])]).output))
    #expect(cut.errors == "Contexts that lost their beginning, as the model reads no more than 320 tokens: 1\n")
    // 319 of the context and one of the continuation fit.
    #expect(try run(folder.path, [line(long.suffix(319), [1, 2])]).errors.isEmpty)
    #expect(try run(folder.path, [line(long, [1])], "--quiet").errors.isEmpty)
    let shorter = try run(folder.path, [line([7, 8, 9], [1, 2])], "--max-length", "2")
    #expect(shorter.output == (try run(folder.path, [line([9], [1, 2])]).output))
    let table = try run(folder.path, [line([1], [2])], "--max-length", "321")
    #expect(table.status == 64 && table.errors.contains("a table of 320 positions and no more"))
  }

  @Test(arguments: [
    ("{", "2:2: no valid JSON"), ("", "2:1: no valid JSON"),
    ("[1]", "2: “the line” should be an object with “context” and “continuation”"),
    (#"{"continuation": "a"}"#, "2: “context” should be a text or a list of token ids, found absent"),
    (#"{"context": "a", "continuation": [1]}"#, "2: “continuation” should be a text, as the context is"),
    (#"{"context": [1], "continuation": "a"}"#, "2: “continuation” should be a list of at least one token id"),
    (#"{"context": [], "continuation": [1]}"#, "2: “context” should be a list of at least one token id"),
    (#"{"context": [1, 2.5], "continuation": [1]}"#, "2: “context[1]” should be a token id"),
    (#"{"context": [1], "continuation": [257]}"#, "2: the token 257 is none of the model's 257"),
    (#"{"context": [-1], "continuation": [1]}"#, "2: the token -1 is none"),
    (#"{"context": "a", "continuation": ""}"#, "2: the continuation has no tokens"),
    (#"{"context": " ", "continuation": "a"}"#, "2: the context is nothing but white space"),
    (#"{"context": "a", "continuation": "abcd"}"#, "2: the continuation has 4 tokens, more than the 3"),
  ])
  func `a line that cannot be scored is named, after the output of those before it`(
    wrong: String, message: String
  ) throws {
    let suite = try SmallSuite()
    let first = line("a", "b")
    let folder = suite.folder + "/checkpoint"
    let outcome = try run(folder, [first, wrong, first], "--max-length", "3")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("standard input:" + message), "\(outcome.errors)")
    #expect(outcome.output == (try run(folder, [first]).output))
  }

  @Test func `texts need a tokenizer, and an end-of-text token where the context is empty`() throws {
    let folder = try ModelFolder(checkpoint)
    #expect(try run(folder.path, [line("a", "b")]).errors.contains("it has no tokenizer"))
    let suite = try SmallSuite()
    try suite.write("checkpoint/tokenizer_config.json", "{}")
    let outcome = try run(suite.folder + "/checkpoint", [line("", "a")])
    #expect(outcome.status == 3 && outcome.errors.contains("standard input:1: an empty context becomes"))
  }

  @Test func `weights that are not finite are refused before anything is scored`() throws {
    var checkpoint = checkpoint
    let broken = Matrix(rows: 16, columns: 24, repeating: .nan)
    checkpoint.tensors.removeAll { $0.name == "model.decoder.layers.1.fc2.weight" }
    checkpoint.tensors.append(NamedTensor("model.decoder.layers.1.fc2.weight", broken))
    let folder = try ModelFolder(checkpoint)
    let outcome = try run(folder.path, [line([1], [2])])
    #expect(outcome.status == 3 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("“model.decoder.layers.1.fc2.weight” is not finite at element 0"))
  }
}
