import Foundation
import Models

/// The library `tokenizers` of Hugging Face on one thread, in a Python process that works when asked.
final class ReferenceTokenizers {
  struct Timing {
    let seconds: Double
    let tokenCount: Int
  }

  /// A request that names a tokenizer or texts sets them; every request is answered by a time and a number of tokens.
  private struct Request: Encodable {
    var tokenizer: String?
    var texts: [String]?
  }

  private static let program = """
    import json, sys, time
    from tokenizers import Tokenizer

    tokenizer, texts = None, []
    for line in sys.stdin:
        request = json.loads(line)
        if "tokenizer" in request:
            tokenizer = Tokenizer.from_file(request["tokenizer"])
        texts = request.get("texts", texts)
        start = time.perf_counter()
        count = sum(len(tokenizer.encode(text, add_special_tokens=False)) for text in texts)
        print(json.dumps([time.perf_counter() - start, count]), flush=True)
    """

  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var lines: LineReader

  /// The variable that names a Python with `tokenizers`.
  static let variable = "RECOLLECT_PYTHON"

  /// nil where the variable names none.
  static func started() throws -> ReferenceTokenizers? {
    guard let python = ProcessInfo.processInfo.environment[variable], !python.isEmpty else { return nil }
    return try ReferenceTokenizers(python: python)
  }

  private init(python: String) throws {
    lines = LineReader(descriptor: answers.fileHandleForReading.fileDescriptor, name: python)
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", Self.program]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONIOENCODING": "utf-8"]) { $1 }
    process.standardInput = requests
    process.standardOutput = answers
    // A process that ended is noticed by its missing answer.
    signal(SIGPIPE, SIG_IGN)
    try process.run()
  }

  deinit {
    // Nothing is left to do for a process that ended already.
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func load(tokenizer: String) throws { _ = try ask(Request(tokenizer: tokenizer, texts: [])) }

  /// Takes the texts for those of the measurements that follow; this one warms up.
  func take(texts: [String]) throws { _ = try ask(Request(texts: texts)) }

  /// Encodes the texts once.
  func measure() throws -> Timing { try ask(Request()) }

  private func ask(_ request: Request) throws -> Timing {
    try requests.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(request) + Data("\n".utf8))
    guard let line = try lines.next(), let answer = try JSONValue(parsing: line).array, answer.count == 2,
      let seconds = answer[0].double, let count = answer[1].integer
    else { throw CheckpointError.unreadable(file: lines.name, reason: "the reference tokenizers gave no answer") }
    return Timing(seconds: seconds, tokenCount: count)
  }
}
