import Artifacts
import Foundation
import Models
import Tensors
import Testing

@Suite struct EvaluateTests {
  private let suite: EvaluationScene

  init() throws { suite = try EvaluationScene() }

  private func lines(_ path: String) throws -> [JSONValue] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { try JSONValue(parsing: String($0)) }
  }

  private func result(_ options: String...) throws -> JSONValue {
    let outcome = try suite.evaluate(options + ["--json", "--quiet"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue(parsing: outcome.output)
  }

  private func task(_ name: String, in result: JSONValue) throws -> JSONValue {
    try #require(result["tasks"]?.array?.first { $0["name"]?.string == name })
  }

  @Test func `scores are those of the single requests, and accuracies count them`() throws {
    let samples = suite.folder + "/samples"
    let result = try result("--samples", samples)
    let records = try lines(samples + "/documents_arc_easy.jsonl")
    #expect(records.count == 12)
    var right = 0
    var flags = ""
    for record in records {
      let requests = try #require(record["requests"]?.array)
      let texts = try requests.map { request in
        let (context, continuation) = (request["context"]?.string, request["continuation"]?.string)
        return "{\"context\":\(try quoted(context)),\"continuation\":\(try quoted(continuation))}\n"
      }
      let single = try Command.run(
        ["loglikelihood", "--model", suite.model, "--requests", "-", "--quiet"], input: texts.joined())
      let scores = try single.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
      #expect(scores.map { $0["logLikelihood"] } == requests.map { $0["logLikelihood"] })
      #expect(scores.map { $0["isGreedy"] } == requests.map { $0["isGreedy"] })
      let values = scores.compactMap { $0["logLikelihood"]?.double }
      let largest = try #require(values.max())
      let best = try #require(values.firstIndex(of: largest))
      #expect(record["answer"]?.string == "\(best)")
      let second = values.enumerated().filter { $0.offset != best }.map(\.element).max()
      #expect(record["margin"]?.double == second.map { values[best] - $0 })
      let isCorrect = record["isCorrect"] == .boolean(true)
      right += isCorrect ? 1 : 0
      flags += isCorrect ? "1" : "0"
    }
    let score = try task("arc_easy", in: result)
    #expect(score["accuracy"]?["value"]?.double == Double(right) / 12)
    #expect(score["correct"]?.string == flags)
    // Not the 2376 and the 5153 of the published files.
    #expect(result["isComparable"] == .boolean(false))
    #expect(score["flags"]?.array?.first?.string == "the file has 12 documents, the published one 2376")
    #expect(score["sha256"] == .array([.string(try sha256(ofFile: suite.arc))]))
    #expect(
      result["model"]?["sha256"]?["model.safetensors"]?.string
        == (try sha256(ofFile: suite.model + "/model.safetensors")))
    let last = try task("lambada_openai", in: result)
    let all = try lines(samples + "/documents_lambada_openai.jsonl").compactMap {
      $0["requests"]?.array?.first?["logLikelihood"]?.double
    }
    #expect(last["perplexity"]?["value"]?.double == exp(-all.reduce(0, +) / 12))
    #expect((last["perplexity"]?["standardError"]?.double ?? 0) > 0)
  }

  @Test func `threads, sharing and what was asked before change no byte`() throws {
    let one = try suite.evaluate(["--json", "--threads", "1"]).output
    #expect(!one.isEmpty)
    #expect(try suite.evaluate(["--json", "--threads", "3", "--no-share", "--quiet"]).output == one)
    let file = suite.folder + "/deep/result.json"
    #expect(try suite.evaluate(["-o", file]).status == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == one)
    // Nothing is left of the journals.
    #expect(try FileManager.default.contentsOfDirectory(atPath: suite.folder + "/deep") == ["result.json"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: suite.folder + "/cache/journals") == [])
  }

  @Test func `a limit takes documents in the protocol's order, and is said`() throws {
    // Random(42).shuffle of twelve, first three; in file order as asked, or as in 0.4.
    let shuffled = try result("--limit", "3")
    #expect(try task("arc_easy", in: shuffled)["order"]?.string == "shuffled")
    #expect(shuffled["isComparable"] == .boolean(false))
    #expect(
      shuffled["notComparableReasons"]?.array?.first?.string == "3 of the 12 documents of arc_easy were scored")
    let samples = suite.folder + "/limited"
    for options in [["--order", "file"], ["--protocol", "0.4"]] {
      _ = try suite.evaluate(["--limit", "3", "--samples", samples] + options)
      #expect(
        try lines(samples + "/documents_arc_easy.jsonl").compactMap { $0["document"]?.integer } == [0, 1, 2])
    }
    let table = try suite.evaluate(["--limit", "3"])
    #expect(table.output.contains("Not comparable: 3 of the 12 documents of arc_easy were scored"))
    #expect(table.errors.contains("[1/2] arc_easy: 12 requests"), "\(table.errors)")
  }

  @Test func `the table has a row for each task, and notes`() throws {
    let outcome = try suite.evaluate([])
    #expect(outcome.output.contains("arc_easy [1]"), "\(outcome.output)")
    #expect(outcome.output.contains("[1] arc_easy: the file has 12 documents, the published one 2376"))
    #expect(outcome.output.contains(" ± "))
  }

  private static let python = ProcessInfo.processInfo.environment["RECOLLECT_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }

  /// Where RECOLLECT_PYTHON has lm_eval 0.4.
  @Test(.enabled(if: python != nil)) func `lm-evaluation-harness makes its table of our results`() throws {
    let samples = suite.folder + "/table"
    let result = try result("--samples", samples)
    let files = try FileManager.default.contentsOfDirectory(atPath: samples)
    let file = samples + "/" + (try #require(files.first { $0.hasPrefix("results_") }))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.python))
    process.arguments = [
      "-c", "import json, sys; from lm_eval.utils import make_table; print(make_table(json.load(open(sys.argv[1]))))",
      file,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let table = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    let accuracy = try #require(try task("arc_easy", in: result)["accuracy"]?["value"]?.double)
    #expect(
      table.split(separator: "\n").contains { line in
        line.contains("|acc ") && line.contains("arc_easy") && line.contains(String(format: "%.4f", accuracy))
      }, "\(table)")
  }

  @Test func `contexts that lose their beginning are counted`() throws {
    let samples = suite.folder + "/lengths"
    _ = try result("--samples", samples)
    let lengths = try lines(samples + "/documents_lambada_openai.jsonl").compactMap { record -> Int? in
      let request = record["requests"]?.array?.first
      guard let context = request?["contextTokens"]?["count"]?.integer,
        let continuation = request?["continuationTokens"]?["count"]?.integer
      else { return nil }
      // The last token is never read.
      return context + continuation - 1
    }.sorted()
    #expect(lengths.count == 12)
    // The limit is exactly the length of some, which is not cut.
    let limit = lengths[6]
    let cut = try result("--max-length", "\(limit)")
    #expect(try task("lambada_openai", in: cut)["cutContexts"] == .integer(lengths.count { $0 > limit }))
    #expect(try task("lambada_openai", in: result())["cutContexts"] == .integer(0))
    let table = try suite.evaluate(["--max-length", "\(limit)"]).output
    #expect(table.contains("contexts that lost their beginning, as the model reads \(limit) tokens"), "\(table)")
  }

  @Test func `files in the harness's form agree with the result`() throws {
    let samples = suite.folder + "/harness"
    let result = try result("--samples", samples, "--limit", "5")
    let names = try FileManager.default.contentsOfDirectory(atPath: samples)
    let results = try JSONValue(
      contentsOf: samples + "/" + (try #require(names.first { $0.hasPrefix("results_") })))
    let arc = try #require(results["results"]?["arc_easy"])
    let score = try task("arc_easy", in: result)
    #expect(arc["acc,none"]?.double == score["accuracy"]?["value"]?.double)
    #expect(arc["acc_norm_stderr,none"]?.double == score["normalizedAccuracy"]?["standardError"]?.double)
    #expect(results["n-samples"]?["arc_easy"]?["original"] == .integer(12))
    #expect(results["n-samples"]?["arc_easy"]?["effective"] == .integer(5))
    #expect(results["n-shot"]?["arc_easy"] == .integer(0))
    #expect(results["higher_is_better"]?["lambada_openai"]?["perplexity"] == .boolean(false))
    #expect(results["versions"]?["arc_easy"]?.string == score["version"]?.string)
    #expect(results["configs"]?["arc_easy"]?["output_type"]?.string == "multiple_choice")
    let rows = try lines(samples + "/" + (try #require(names.first { $0.hasPrefix("samples_arc_easy_") })))
    #expect(rows.count == 5)
    let records = try lines(samples + "/documents_arc_easy.jsonl")
    for (row, record) in zip(rows, records) {
      #expect(row["doc_id"] == record["document"])
      let context = try #require(record["requests"]?.array?.first?["context"]?.string)
      #expect(row["prompt_hash"]?.string == sha256(context.utf8))
      let first = try #require(record["requests"]?.array?.first?["logLikelihood"]?.double)
      #expect(row["resps"]?.array?.first == .array([.array([.string("\(first)"), .string("False")])]))
      #expect(row["filtered_resps"]?.array?.count == 4)
      #expect(row["acc"]?.double == (record["isCorrect"] == .boolean(true) ? 1 : 0))
    }
  }

  @Test func `a model writes answers where the protocol asks for them`() throws {
    let file = suite.folder + "/trivia.json"
    try
      #"{"Data": [{"Question": "a b", "Answer": {"Aliases": ["x", "y"]}}, {"Question": "c", "Answer": {"Aliases": ["z"]}}]}"#
      .write(toFile: file, atomically: true, encoding: .utf8)
    let options = ["--tasks", "triviaqa@0.4", "--file", "triviaqa=" + file, "--max-length", "300", "--json", "--quiet"]
    let outcome = try Command.run(["evaluate", "--model", suite.model] + options, environment: suite.environment)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let score = try task("triviaqa", in: JSONValue(parsing: outcome.output))
    #expect(score["accuracyName"]?.string == "exact_match")
    #expect(score["documents"] == .integer(2) && score["scoresDigest"] == nil)
    #expect(score["flags"]?.array?.contains(.string("no document is right")) == true)
  }

  // MARK: Adapters

  @Test func `a LoRA of zeros changes nothing, and one of others does`() throws {
    let bare = try task("arc_easy", in: result())["scoresDigest"]
    for (value, isSame) in [(Float(0), true), (0.5, false)] {
      let folder = try suite.writeLowRank(value)
      let adapted = try result("--adapter", folder)
      #expect((try task("arc_easy", in: adapted)["scoresDigest"] == bare) == isSame)
      #expect(
        adapted["adapters"]?.array?.first?["sha256"]?["adapter_config.json"]?.string
          == (try sha256(ofFile: folder + "/adapter_config.json")))
    }
  }

  @Test func `a prompt of two tokens' embeddings counts as the two tokens`() throws {
    let (first, second) = (97, 98)
    let prompt = try suite.writePrompt(tokens: [first, second], name: "prompt")
    let samples = suite.folder + "/prompted"
    _ = try result("--adapter", prompt, "--samples", samples)
    for record in try lines(samples + "/documents_lambada_openai.jsonl") {
      let request = try #require(record["requests"]?.array?.first)
      // The byte b is token 1 + b.
      let context = [first, second] + (request["context"]?.string ?? "").utf8.map { Int($0) + 1 }
      let continuation = (request["continuation"]?.string ?? "").utf8.map { Int($0) + 1 }
      let single = try Command.run(
        ["loglikelihood", "--model", suite.model, "--requests", "-", "--max-length", "500", "--quiet"],
        input: "{\"context\":\(context),\"continuation\":\(continuation)}\n")
      let expected = try #require(try JSONValue(parsing: single.output)["logLikelihood"]?.double)
      // Sums of some twenty numbers in single precision, in another order.
      #expect(abs(try #require(request["logLikelihood"]?.double) - expected) < 1e-4)
    }
  }

  @Test func `several prompts are chosen among; a LoRA goes with nothing else`() throws {
    let prompts = [
      try suite.writePrompt(tokens: [97], name: "one"), try suite.writePrompt(tokens: [98, 99], name: "two"),
    ]
    let both = try result("--adapter", prompts[0], "--adapter", prompts[1])
    #expect(both["adapters"]?.array?.count == 2)
    let mixed = try suite.evaluate(["--adapter", prompts[0], "--adapter", try suite.writeLowRank(0)])
    #expect(
      mixed.status == 3 && mixed.errors.contains("a prompt and a LoRA have no meaning together"), "\(mixed.errors)")
    try #"{"peft_type": "P_TUNING"}"#.write(
      toFile: prompts[0] + "/adapter_config.json", atomically: true, encoding: .utf8)
    let prefix = try suite.evaluate(["--adapter", prompts[0]])
    #expect(prefix.status == 3 && prefix.errors.contains("adapter_config.json: an adapter of the kind “P_TUNING”"))
  }

  // MARK: What cannot be done

  @Test(arguments: [
    (["--tasks", "arc_esy"], 64, "there is no benchmark “arc_esy”"),
    (["--tasks", "arc_easy@2022"], 64, "there is no benchmark “arc_easy@2022”"),
    (["--tasks", "piqa,piqa@0.4"], 64, "names piqa twice"),
    (["--tasks", ""], 64, "names none"),
    (["--tasks", "sciq", "--file", "sciq"], 64, "--file sciq: it should be NAME=PATH"),
    (["--tasks", "sciq", "--limit", "0"], 64, "--limit must be at least 1"),
    (["--tasks", "sciq"], 69, "get them with “recollect fetch sciq”"),
    (["--tasks", "triviaqa@0.4"], 69, "recollect fetch triviaqa-rc"),
    (["--tasks", "sciq", "--data", "/nowhere"], 69, "given by --data, is not there"),
    (["--tasks", "sciq", "--file", "sciq=/nowhere.json"], 3, "/nowhere.json: cannot be read"),
    (["--tasks", "piqa", "--file", "piqa=/nowhere.json"], 3, "needs a label file"),
  ]) func `what is asked wrongly is said`(options: [String], status: Int32, message: String) throws {
    let outcome = try Command.run(["evaluate", "--model", suite.model] + options, environment: suite.environment)
    #expect(outcome.status == status && outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func `a journal of another question, and a file that is none, are refused`() throws {
    let journal = suite.folder + "/journal"
    try "my notes\n".write(toFile: journal, atomically: true, encoding: .utf8)
    let notes = try suite.evaluate(["--journal", journal])
    #expect(notes.status == 3 && notes.errors.contains("is no journal of recollect"), "\(notes.errors)")
    #expect(try String(contentsOfFile: journal, encoding: .utf8) == "my notes\n")
  }

  private func quoted(_ text: String?) throws -> String {
    String(decoding: try JSONEncoder().encode(try #require(text)), as: UTF8.self)
  }
}
