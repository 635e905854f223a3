import Foundation
import Models
import Testing

@Suite struct TokenizeTests {
  /// A byte-level tokenizer: `</s>` 0, the byte b at 1 + b, "ab" 257.
  private struct Folder: ~Copyable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path

    init() throws {
      var entries = ["</s>"] + (UInt8.min...UInt8.max).map { String(ByteAlphabet.scalar(of: $0)) } + ["ab"]
      entries = entries.enumerated().map { id, text in
        "\"" + (["\"", "\\"].contains(text) ? "\\" : "") + text + "\": \(id)"
      }
      let files = [
        "vocab.json": "{" + entries.joined(separator: ",") + "}", "merges.txt": "#version: 0.2\na b\n",
        "tokenizer_config.json": #"{"bos_token": "</s>", "add_bos_token": true}"#,
      ]
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name)) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func run(_ input: String, _ options: String...) throws -> Command.Outcome {
      try Command.run(["tokenize", "--tokenizer", path] + options, input: input)
    }
  }

  private static let lines = "\"ab\"\n{\"id\": 7, \"text\": \"</s>b\\n\"}\n\"\"\n"

  @Test func `each text becomes a line of ids`() throws {
    let folder = try Folder()
    let outcome = try folder.run(Self.lines)
    #expect(outcome.output == "[257]\n[0,99,11]\n[]\n")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
  }

  @Test func `the beginning, special texts and tokens are shown as asked`() throws {
    let folder = try Folder()
    #expect(try folder.run(Self.lines, "--add-beginning").output == "[0,257]\n[0,0,99,11]\n[0]\n")
    #expect(try folder.run("\"</s>\"\n", "--plain").output == "[61,48,116,63]\n")
    #expect(
      try folder.run("\"ab \\u0000\\\"\"", "--with-text").output
        == "{\"ids\":[257,33,1,35],\"tokens\":[\"ab\",\"Ġ\",\"Ā\",\"\\\"\"]}\n")
  }

  @Test func `decoding gives the texts back`() throws {
    let folder = try Folder()
    let texts = "\"ab\"\n\"</s>b\\n\\\\\\u0001é\"\n\"\"\n"
    let ids = try folder.run(texts).output
    #expect(try folder.run(ids, "--decode").output == texts)
    #expect(try folder.run("[0,257,0]", "--decode", "--skip-specials").output == "\"ab\"\n")
  }

  @Test(arguments: [
    ("\"a\"\n{]\n", [], "standard input:2:2: no valid JSON"),
    ("\"a\"\n\n", [], "standard input:2:1: no valid JSON"),
    ("\"a\"\n3\n", [], "standard input:2: “the line” should be a text or an object, found 3"),
    ("\"a\"\n{\"text\": 3}\n", [], "standard input:2: “text” should be a text, found 3"),
    ("[98]\n[1, \"a\"]\n", ["--decode"], "standard input:2: “[1]” should be an id, found a text “a”"),
  ])
  func `a line that is no text is named, after the output of those before it`(
    input: String, options: [String], message: String
  ) throws {
    let folder = try Folder()
    let outcome = try Command.run(["tokenize", "--tokenizer", folder.path] + options, input: input)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.output == (options.isEmpty ? "[98]\n" : "\"a\"\n"))
  }

  @Test func `a file is read in place of standard input, and options that clash are refused`() throws {
    let folder = try Folder()
    let file = folder.path + "/texts.jsonl"
    try Data(String(repeating: "\"ab\"\n", count: 50_000).utf8).write(to: URL(fileURLWithPath: file))
    #expect(try folder.run("", "--input", file).output == String(repeating: "[257]\n", count: 50_000))
    #expect(try folder.run("", "--input", folder.path + "/none").status == 3)
    #expect(try folder.run("", "--decode", "--plain").status == 64)
    #expect(try folder.run("", "--skip-specials").status == 64)
  }

  @Test func `a reader that goes away ends the program quietly`() throws {
    let folder = try Folder()
    let file = folder.path + "/texts.jsonl"
    try Data(String(repeating: "\"ab\"\n", count: 200_000).utf8).write(to: URL(fileURLWithPath: file))
    let (process, errors, output) = (Process(), Pipe(), Pipe())
    process.executableURL = Command.program
    process.arguments = ["tokenize", "--tokenizer", folder.path, "--input", file]
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    try output.fileHandleForReading.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try errors.fileHandleForReading.readToEnd() == nil)
  }
}
