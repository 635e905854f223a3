import Evaluation
import Models

extension BenchmarkTask {
  /// The documents that this content of the published files gives.
  func documents(fromText content: String, labels: String? = nil) throws -> [Document] {
    let documents = try TemporaryFile(content)
    let labels = try labels.map { try TemporaryFile($0) }
    return try withExtendedLifetime((documents, labels)) {
      try self.documents(from: TaskFiles(documents: documents.path, labels: labels?.path))
    }
  }

  /// What is wrong with this content, if anything is; its place is that of the first record of a file named "file".
  func error(ofRecord json: String) throws -> TaskError? {
    let place = RecordPlace(file: "file", position: .line(1))
    let record = Record(index: 0, place: place, value: try JSONValue(parsing: json))
    do throws(TaskError) {
      _ = try document(from: record)
      return nil
    } catch {
      return error
    }
  }
}

let firstLine = RecordPlace(file: "file", position: .line(1))

extension ChoiceLengths {
  /// Of choices in which each character is a byte.
  static func ascii(_ lengths: Int...) -> ChoiceLengths {
    ChoiceLengths(of: lengths.map { String(repeating: "x", count: $0) })
  }
}
