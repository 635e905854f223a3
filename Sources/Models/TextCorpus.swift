import Foundation

/// The texts of a corpus file of JSON lines, as C4 has them: one object a line, its text in the member "text".
package struct TextCorpus: Sendable {
  package let path: String
  /// In file order.
  package let documents: [String]

  /// - Parameters:
  ///   - path: of the file, which may be compressed by gzip, as C4's shards are.
  ///   - limit: No more than the first so many documents are read.
  /// - Throws: an error that names file and line for a line that is no such object; no line is ever left out.
  package init(jsonLines path: String, limit: Int = .max) throws(CheckpointError) {
    self.path = path
    var documents: [String] = []
    try Self.read(jsonLines: path) { _, text in
      documents.append(text)
      return documents.count < limit
    }
    self.documents = documents
  }

  /// Hands out the documents of a file one at a time, for files larger than memory, until `document` returns false.
  ///
  /// - Parameter document: is given a document's number, from zero, and its text.
  package static func read(
    jsonLines path: String, document: (_ index: Int, _ text: String) -> Bool
  ) throws(CheckpointError) {
    var lines = try TextLines(path: path)
    while let line = try lines.next() {
      let text = try text(ofLine: line, number: lines.number, path: path)
      if !document(lines.number - 1, text) { return }
    }
    guard lines.number > 0 else { throw .unreadable(file: path, reason: "the file has no documents") }
  }

  private static func text(ofLine line: ArraySlice<UInt8>, number: Int, path: String) throws(CheckpointError) -> String
  {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: line)
    } catch {
      throw .malformedJSON(file: path, line: number, column: error.column, reason: error.reason)
    }
    guard let text = value["text"]?.string else {
      throw .invalidMember(
        file: path, member: "text", expected: "a text in line \(number)", found: value["text"].kindDescription)
    }
    return text
  }
}
