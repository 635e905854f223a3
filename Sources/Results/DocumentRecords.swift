import Foundation

/// What a model said to one document, as far as a comparison shows it.
package struct DocumentRecord: Codable, Equatable, Sendable {
  package var task: String
  /// The document's place in the task's file.
  package var document: Int
  package var isCorrect: Bool
  /// By how many nats the choice is ahead of the runner-up; nil where the model did not choose.
  package var margin: Double?

  package init(task: String, document: Int, isCorrect: Bool, margin: Double?) {
    self.task = task
    self.document = document
    self.isCorrect = isCorrect
    self.margin = margin
  }
}

/// The records of a cell's documents, from a file of JSON lines beside its result. It may be absent.
package struct DocumentRecords: Equatable, Sendable {
  /// By task, in scored order.
  package let records: [String: [DocumentRecord]]

  package init(_ records: [DocumentRecord]) {
    self.records = Dictionary(grouping: records, by: \.task)
  }

  /// The file beside a result: `none.json` has its documents in `none.documents.jsonl`.
  package static func path(besideResult path: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().path + ".documents.jsonl"
  }

  /// The lines of a file of them.
  package static func lines(_ records: [DocumentRecord]) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try records.reduce(into: Data()) { lines, record in
      lines += try encoder.encode(record)
      lines.append(UInt8(ascii: "\n"))
    }
  }

  /// Writes such lines beside a result, in one step.
  package static func write(_ lines: Data, besideResult result: String) throws(ResultError) {
    let path = path(besideResult: result)
    do {
      try AtomicFile.write(lines, to: path)
    } catch {
      throw .unwritable(file: path, reason: error.reason)
    }
  }

  /// nil where there is no such file.
  package init?(besideResult result: String) throws(ResultError) {
    let path = Self.path(besideResult: result)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .unreadable(file: path, reason: error.localizedDescription)
    }
    var records: [DocumentRecord] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      do {
        records.append(try JSONDecoder().decode(DocumentRecord.self, from: line))
      } catch {
        throw .notJSON(file: "\(path):\(number + 1)", reason: "no record of a document")
      }
    }
    self.init(records)
  }

  /// The records of a task, if they are those of the result: as many, and right where its flags say so.
  package func records(of task: TaskResult) -> [DocumentRecord]? {
    guard let found = records[task.name], String(found.map { $0.isCorrect ? "1" : "0" }) == task.correct else {
      return nil
    }
    return found
  }
}
