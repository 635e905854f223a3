import ArgumentParser
import Evaluation
import Models

/// The first documents of a benchmark, as token IDs, for a measurement.
struct BenchmarkSample {
  let name: String
  /// The requests of each document.
  let documents: [[EncodedRequest]]

  static let help: ArgumentHelp = "A benchmark and its published file or files, NAME=FILE[,LABELS]; may be repeated."

  /// - Parameter text: NAME=FILE or NAME=FILE,LABELS.
  /// - Throws: `ValidationError` for another text; what reading the files throws.
  init(_ text: String, limit: Int, tokenizer: Tokenizer) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let files = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
    guard let task = parts.first.flatMap({ Benchmark.named($0) }), (1...2).contains(files.count) else {
      throw ValidationError(
        "--task \(text): it should be NAME=FILE or NAME=FILE,LABELS, such as arc_easy=test.jsonl.")
    }
    name = task.name
    documents = try task.documents(
      from: TaskFiles(documents: files[0], labels: files.count > 1 ? files[1] : nil)
    ).prefix(limit).map { document in
      document.requests.map { encode($0, endOfText: tokenizer.end ?? 0, tokenize: tokenizer.encode) }
    }
  }

  var documentCount: Int { documents.count }

  var requests: [EncodedRequest] { documents.flatMap { $0 } }

  var largestToken: Int { requests.reduce(0) { max($0, ($1.context + $1.continuation).max() ?? 0) } }
}
