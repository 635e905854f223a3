/// What can be wrong with a benchmark's files: each case names the file, the place and what was expected.
package enum TaskError: Error, Equatable {
  case unreadable(file: String, reason: String)
  case noDocuments(file: String)
  case blankLine(file: String, line: Int)
  case invalidUTF8(file: String, line: Int)
  /// Lines and columns (in bytes) count from one.
  case malformedJSON(file: String, line: Int, column: Int, reason: String)
  /// The file as a whole is not laid out as the benchmark's files are.
  case unexpectedLayout(file: String, expected: String, found: String)
  /// A member of a record that is absent or not of the wanted kind.
  case invalidMember(place: RecordPlace, member: String, expected: String, found: String)
  case answerMatchesNoChoice(place: RecordPlace, answer: String, choiceCount: Int)
  case labelFileMissing(task: String)
  case labelFileUnused(task: String, file: String)
  case invalidLabel(file: String, line: Int, expected: String, found: String)
  case unequalCounts(documents: Int, file: String, labels: Int, labelFile: String)
}

/// Where a record stands in its file.
package struct RecordPlace: Sendable, Equatable {
  /// All count from one; an element's line is the one it begins in.
  package enum Position: Sendable, Equatable {
    case line(Int)
    case element(Int, line: Int)
  }

  package let file: String
  package let position: Position

  package init(file: String, position: Position) {
    self.file = file
    self.position = position
  }
}
