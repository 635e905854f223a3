import Foundation

/// The texts of a corpus file of JSON lines, as C4 has them: one object a line, its text in the member "text".
package struct TextCorpus: Sendable {
  package let path: String
  /// In file order.
  package let documents: [String]

  /// - Throws: an error that names file and line for a line that is no such object; no line is ever left out.
  package init(jsonLines path: String) throws(CheckpointError) {
    self.path = path
    let file = try MappedFile(path: path)
    defer { withExtendedLifetime(file) {} }
    var documents: [String] = []
    var lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (index, line) in lines.enumerated() {
      let value: JSONValue
      do {
        value = try JSONValue(parsing: line)
      } catch {
        throw .malformedJSON(file: path, line: index + 1, column: error.column, reason: error.reason)
      }
      guard let text = value["text"]?.string else {
        throw .invalidMember(
          file: path, member: "text", expected: "a text in line \(index + 1)",
          found: value["text"].kindDescription)
      }
      documents.append(text)
    }
    guard !documents.isEmpty else { throw .unreadable(file: path, reason: "the file has no documents") }
    self.documents = documents
  }
}
