import Foundation
import Models
import TestModels
import Testing

@Suite struct PerplexityTests {
  private let scene: EvaluationScene
  private let text = "the red fox saw a lamp"

  init() throws {
    scene = try EvaluationScene()
    try text.write(toFile: scene.folder + "/text", atomically: true, encoding: .utf8)
  }

  private func run(_ options: [String]) throws -> Command.Outcome {
    try Command.run(["perplexity", "--model", scene.model] + options, environment: scene.environment)
  }

  private func result(_ options: String...) throws -> JSONValue {
    let outcome = try run(options + ["--json", "--quiet"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue(parsing: outcome.output)
  }

  /// Of token ids, by the command of single requests.
  private func logLikelihood(_ context: [Int], _ continuation: [Int]) throws -> Double {
    let outcome = try Command.run(
      ["loglikelihood", "--model", scene.model, "--requests", "-", "--quiet"],
      input: "{\"context\":\(context),\"continuation\":\(continuation)}\n")
    return try #require(try JSONValue(parsing: outcome.output)["logLikelihood"]?.double)
  }

  /// The byte b is token 1 + b.
  private func tokens(_ text: String) -> [Int] { text.utf8.map { Int($0) + 1 } }

  @Test func `a text of six words is scored from the end-of-text token on`() throws {
    let found = try result("--text", scene.folder + "/text")
    let expected = try logLikelihood([0], tokens(text))
    func value(_ name: String) -> Double? { found[name]?["value"]?.double }
    #expect(value("wordPerplexity") == exp(-expected / 6))
    #expect(value("bytePerplexity") == exp(-expected / 22))
    #expect(value("bitsPerByte") == -expected / 22 / log(2))
    #expect(value("tokenPerplexity") == exp(-expected / 22))
    #expect(found["windows"] == .integer(1) && found["documents"] == .integer(1) && found["tokens"] == .integer(22))
    #expect(found["isComparable"] == .boolean(true) && found["prefixToken"] == .integer(0))
  }

  @Test func `windows of the reference begin with the beginning of text, and leave out what does not fill one`() throws
  {
    let found = try result("--text", scene.folder + "/text", "--protocol", "windows", "--window", "9")
    let all = [0] + tokens(text)
    let losses = try [0, 9].map { -(try logLikelihood([all[$0]], Array(all[$0 + 1..<$0 + 9]))) / 8 }
    #expect(found["tokenPerplexity"]?["value"]?.double == exp((losses[0] + losses[1]) / 2))
    #expect(found["windows"] == .integer(2) && found["tokens"] == .integer(16) && found["window"] == .integer(9))
    #expect(found["wordPerplexity"] == nil)
    let limited = try result("--text", scene.folder + "/text", "--protocol", "windows", "--window", "9", "--limit", "1")
    #expect(limited["tokenPerplexity"]?["value"]?.double == exp(losses[0]))
    #expect(limited["notComparableReasons"]?.array == [.string("1 of 2 windows were read")])
  }

  @Test func `documents of C4 count apart, and shares of threads change nothing`() throws {
    let file = scene.folder + "/c4.jsonl"
    try "{\"text\": \"a b c\"}\n{\"text\": \"d\\ne\"}\n".write(toFile: file, atomically: true, encoding: .utf8)
    let found = try result("--c4", file)
    let sum = try logLikelihood([0], tokens("a b c")) + logLikelihood([0], tokens("d\ne"))
    #expect(found["wordPerplexity"]?["value"]?.double == exp(-sum / 5))
    #expect(found["documents"] == .integer(2))
    #expect(try result("--c4", file, "--threads", "3", "--no-share") == found)
    let joined = try result("--c4", file, "--protocol", "windows", "--window", "10")
    // Joined by a blank, behind the beginning of text.
    let all = [0] + tokens("a b c d\ne")
    #expect(
      joined["tokenPerplexity"]?["value"]?.double == exp(-(try logLikelihood([0], Array(all[1..<10]))) / 9))
  }

  @Test func `a prompt takes positions of a table, and the result says so`() throws {
    let folder = try ModelFolder(RandomCheckpoint.opt())
    for name in ["vocab.json", "merges.txt", "tokenizer_config.json"] {
      // 31 tokens of this tokenizer's bytes: control characters are enough for the text.
      try FileManager.default.copyItem(atPath: scene.model + "/" + name, toPath: folder.path + "/" + name)
    }
    let text = scene.folder + "/controls"
    try String(repeating: "\u{1}\u{2}\u{3}\u{4}", count: 200).write(toFile: text, atomically: true, encoding: .utf8)
    let prompt = scene.folder + "/opt-prompt"
    try FileManager.default.createDirectory(atPath: prompt, withIntermediateDirectories: true)
    try #"{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20}"#.write(
      toFile: prompt + "/adapter_config.json", atomically: true, encoding: .utf8)
    let embeddings = try loadModel(folder: folder.path).embedded(Array(0..<20))
    try writeSafetensors([NamedTensor("prompt_embeddings", embeddings)], to: prompt + "/adapter_model.safetensors")
    for (method, window) in [("rolling", 300), ("windows", 300)] {
      let outcome = try Command.run(
        [
          "perplexity", "--model", folder.path, "--adapter", prompt, "--text", text, "--protocol", method, "--window",
          "320",
        ], environment: scene.environment)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.output.contains(
          "Note: windows have \(window) tokens in place of 320: prompts take 20 of the model's 320 positions"),
        "\(outcome.output)")
    }
    let file = scene.folder + "/controls.jsonl"
    try "{\"text\": \"\\u0001 \\u0002\"}\n".write(toFile: file, atomically: true, encoding: .utf8)
    let scored = try Command.run(
      [
        "evaluate", "--model", folder.path, "--adapter", prompt, "--tasks", "lambada_openai", "--file",
        "lambada_openai=" + file,
      ], environment: scene.environment)
    #expect(scored.errors.contains("gives the token 33"), "\(scored.errors)")
    // Letters are beyond the model's 32 tokens.
    let beyond = try Command.run(
      ["perplexity", "--model", folder.path, "--text", scene.folder + "/text"], environment: scene.environment)
    #expect(
      beyond.status == 3 && beyond.errors.contains("gives the token 117, and the model has 32"), "\(beyond.errors)")
  }

  @Test(arguments: [
    ([], 64, "Name one text"), (["--text", "a", "--c4", "b"], 64, "Name one text"),
    (["--text", "/nowhere"], 3, "/nowhere: cannot be read"), (["--text", "/dev/null"], 3, "/dev/null"),
    (["--wikitext", "/nowhere"], 3, "/nowhere: cannot be read"), (["--text", "a", "--window", "1"], 64, "--window"),
    (["--text", "a", "--protocol", "other"], 64, "other"), (["--text", "a", "--limit", "0"], 64, "--limit"),
  ]) func `what is asked wrongly is said`(options: [String], status: Int32, message: String) throws {
    let outcome = try run(options)
    #expect(outcome.status == status && outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func `a corpus without a token is refused, and leaves nothing behind`() throws {
    let (file, output) = (scene.folder + "/empty.jsonl", scene.folder + "/empty.json")
    try "{\"text\": \"\"}\n".write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try run(["--c4", file, "-o", output])
    #expect(outcome.status == 3 && outcome.errors.contains("the text has 0 tokens"), "\(outcome.errors)")
    for path in [output, output + ".journal"] { #expect(!FileManager.default.fileExists(atPath: path), "\(path)") }
  }

  @Test func `a text shorter than a window is refused`() throws {
    let outcome = try run(["--text", scene.folder + "/text", "--protocol", "windows", "--window", "24"])
    #expect(outcome.status == 3 && outcome.errors.contains("the text has 23 tokens, and 24 are needed"))
  }
}
