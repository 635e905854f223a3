import Evaluation
import Foundation
import Models
import Synchronization

/// The benchmarks that cases of the suite "loglikelihood" name.
enum GoldenTask {
  /// Whether the case has documents; the requests of the others are given as they are.
  static func hasDocuments(_ golden: GoldenCase) -> Bool { golden.member("document_file") != nil }

  /// The documents of the case, made by the benchmark it names, in file order.
  static func documents(for golden: GoldenCase) throws -> [Document] {
    let name = try golden.string("task")
    guard let task = Benchmark.named(name) else {
      throw GoldenError(description: "\(golden.name): no benchmark \(name)")
    }
    let range = try golden.integer("document_from")..<golden.integer("document_to")
    let skipped = Set((golden.member("skipped_documents")?.array ?? []).compactMap(\.integer))
    let documents =
      if let key = golden.member("document_key")?.string {
        try memberDocuments(task, file: golden.path("document_file"), key: key)
      } else {
        try task.documents(
          from: TaskFiles(
            documents: golden.path("document_file"),
            labels: golden.member("label_file") == nil ? nil : golden.path("label_file")))
      }
    guard documents.count >= range.upperBound else {
      throw GoldenError(description: "\(golden.name): \(documents.count) documents for \(range)")
    }
    return documents[range].filter { !skipped.contains($0.index) }
  }

  /// The documents in a member of a JSON object.
  private static func memberDocuments(_ task: any BenchmarkTask, file: String, key: String) throws -> [Document] {
    guard !task.needsLabelFile else {
      throw GoldenError(description: "\(file): the labels of \(task.name) stand in a file of their own")
    }
    guard let elements = try JSONValue(contentsOf: file)[key]?.array else {
      throw GoldenError(description: "\(file): no array \(key)")
    }
    return try elements.enumerated().map { index, element in
      let place = RecordPlace(file: file, position: .element(index + 1, line: 1))
      return try task.document(from: Record(index: index, place: place, value: element))
    }
  }

  /// One row of the recorded requests.
  struct Row {
    let request: Request
    let contextTokens: [Int]
    let continuationTokens: [Int]
    /// nil where the reference cannot score the request.
    let score: RequestScore?
    let value: JSONValue
  }

  private static let parsedLines = Mutex<[String: [JSONValue]]>([:])

  /// The values of a file of JSON lines, parsed once: the cases of a model share one file.
  static func lines(of path: String) throws -> [JSONValue] {
    try parsedLines.withLock { parsed in
      if let lines = parsed[path] { return lines }
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let lines = try text.utf8.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: $0) }
      parsed[path] = lines
      return lines
    }
  }

  /// The recorded requests of the case's task, in file order.
  static func rows(of golden: GoldenCase) throws -> [Row] {
    let task = try golden.string("task")
    let rows = try lines(of: golden.path("requests")).filter { $0["task"]?.string == task }
    guard rows.count == (try golden.integer("rows")) else {
      throw GoldenError(description: "\(golden.name): \(rows.count) rows")
    }
    return try rows.map { row in
      guard let context = row["context"]?.string, let continuation = row["continuation"]?.string,
        let contextTokens = row["context_tokens"]?.array, let continuationTokens = row["continuation_tokens"]?.array
      else { throw GoldenError(description: "\(golden.name): no request in \(row)") }
      var score: RequestScore?
      if let logLikelihood = row["loglikelihood"]?.double, let isGreedy = row["is_greedy"]?.boolean {
        score = RequestScore(logLikelihood: logLikelihood, isGreedy: isGreedy)
      }
      return Row(
        request: Request(context: context, continuation: continuation),
        contextTokens: contextTokens.compactMap(\.integer),
        continuationTokens: continuationTokens.compactMap(\.integer),
        score: score, value: row)
    }
  }
}
