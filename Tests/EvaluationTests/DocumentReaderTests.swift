import Evaluation
import Testing

/// What the strict reading of files refuses, shown on LAMBADA (lines), SciQ (an array) and PIQA (with labels).
@Suite struct DocumentReaderTests {
  let good = #"{"text":"a b"}"#
  let jar = #"{"goal":"g","sol1":"s","sol2":"t"}"#

  /// The error of reading these bytes, with the path of the file it read.
  func error(_ task: some BenchmarkTask, _ bytes: [UInt8]) throws -> (error: TaskError?, path: String) {
    let file = try TemporaryFile(bytes: bytes)
    do throws(TaskError) {
      _ = try task.documents(from: TaskFiles(documents: file.path))
      return (nil, file.path)
    } catch {
      return (error, file.path)
    }
  }

  func error(_ task: some BenchmarkTask, _ content: String) throws -> (error: TaskError?, path: String) {
    try error(task, Array(content.utf8))
  }

  @Test func `a line feed at the end of the file is no further line`() throws {
    #expect(try LAMBADA().documents(fromText: "\(good)\n\(good)").count == 2)
    #expect(try LAMBADA().documents(fromText: "\(good)\n\(good)\n").map(\.index) == [0, 1])
    #expect(try LAMBADA().documents(fromText: "\(good)\r\n\(good)\r\n").count == 2)
  }

  @Test func `a blank line is an error, in the middle and at the end`() throws {
    for (content, line) in [("\(good)\n\n\(good)\n", 2), ("\(good)\n \t\n", 2), ("\(good)\n\n", 2), ("\n", 1)] {
      let (error, path) = try error(LAMBADA(), content)
      #expect(error == .blankLine(file: path, line: line))
    }
  }

  @Test func `an empty file is an error`() throws {
    let lines = try error(LAMBADA(), "")
    #expect(lines.error == .noDocuments(file: lines.path))
    let array = try error(SciQ(), "[]")
    #expect(array.error == .noDocuments(file: array.path))
  }

  @Test func `a missing file is an error that names it`() {
    let files = TaskFiles(documents: "/nonexistent/file.jsonl")
    #expect(throws: TaskError.unreadable(file: "/nonexistent/file.jsonl", reason: "No such file or directory")) {
      try LAMBADA().documents(from: files)
    }
  }

  @Test func `a folder in place of a file is an error`() {
    #expect(throws: TaskError.unreadable(file: "/", reason: "not a regular file")) {
      try LAMBADA().documents(from: TaskFiles(documents: "/"))
    }
  }

  @Test func `malformed JSON is an error with its line and column`() throws {
    let lines = try error(LAMBADA(), "\(good)\n{\"text\":\"a b\"\n")
    #expect(
      lines.error
        == .malformedJSON(file: lines.path, line: 2, column: 14, reason: "expected “,” or “}” in an object"))
    let array = try error(SciQ(), "[\n {\n")
    #expect(
      array.error
        == .malformedJSON(file: array.path, line: 3, column: 1, reason: "expected a member's name in an object"))
  }

  @Test func `two values in a line are an error`() throws {
    let (error, path) = try error(LAMBADA(), good + good)
    #expect(
      error == .malformedJSON(file: path, line: 1, column: 15, reason: "text after the end of the value"))
  }

  @Test func `invalid UTF-8 is an error with its line`() throws {
    let bytes = Array("\(good)\n{\"text\":\"a ".utf8) + [0xC3] + Array("\"}\n".utf8)
    let lines = try error(LAMBADA(), bytes)
    #expect(lines.error == .invalidUTF8(file: lines.path, line: 2))
    let array = try error(SciQ(), [UInt8(ascii: "["), 0x0A, 0x0A, 0xFF, UInt8(ascii: "]")])
    #expect(array.error == .invalidUTF8(file: array.path, line: 3))
  }

  @Test func `a member of another kind is an error with its line or element`() throws {
    let lines = try error(LAMBADA(), "\(good)\n{\"text\":3}\n")
    #expect(
      lines.error
        == .invalidMember(
          place: RecordPlace(file: lines.path, position: .line(2)), member: "text", expected: "a text",
          found: "an integer"))
    let array = try error(SciQ(), "[{\"distractor1\":null}]")
    #expect(
      array.error
        == .invalidMember(
          place: RecordPlace(file: array.path, position: .element(1, line: 1)), member: "distractor1", expected: "a text",
          found: "null"))
  }

  @Test func `a record that is no object is an error`() throws {
    let (error, path) = try error(LAMBADA(), "[]\n")
    #expect(
      error
        == .invalidMember(
          place: RecordPlace(file: path, position: .line(1)), member: "", expected: "an object", found: "an array"))
  }

  @Test func `an object in place of an array is an error`() throws {
    let (error, path) = try error(SciQ(), "{}")
    #expect(error == .unexpectedLayout(file: path, expected: "an array of records", found: "an object"))
  }

  @Test func `labels that are not one for each record are an error`() throws {
    let documents = try TemporaryFile("\(jar)\n\(jar)\n")
    for (content, count) in [("0\n", 1), ("0\n1\n1\n", 3)] {
      let labels = try TemporaryFile(content)
      #expect(
        throws: TaskError.unequalCounts(
          documents: 2, file: documents.path, labels: count, labelFile: labels.path)
      ) {
        try PIQA().documents(from: TaskFiles(documents: documents.path, labels: labels.path))
      }
    }
  }

  @Test(arguments: [
    ("0\n2\n", "an integer from 0 to 1", "2"), ("0\n-1\n", "an integer", "-1"), ("0\n1 \n", "an integer", "1 "),
    ("0\nsol1\n", "an integer", "sol1"), ("0\n99999999999999999999\n", "an integer", "99999999999999999999"),
  ])
  func `a label that names no choice is an error with its line`(
    content: String, expected: String, found: String
  ) throws {
    let documents = try TemporaryFile("\(jar)\n\(jar)\n")
    let labels = try TemporaryFile(content)
    #expect(throws: TaskError.invalidLabel(file: labels.path, line: 2, expected: expected, found: found)) {
      try PIQA().documents(from: TaskFiles(documents: documents.path, labels: labels.path))
    }
  }

  @Test func `a blank line among the labels is an error`() throws {
    let documents = try TemporaryFile("\(jar)\n\(jar)\n")
    let labels = try TemporaryFile("0\n\n1\n")
    #expect(throws: TaskError.blankLine(file: labels.path, line: 2)) {
      try PIQA().documents(from: TaskFiles(documents: documents.path, labels: labels.path))
    }
  }

  @Test func `an empty label list is an error`() throws {
    let documents = try TemporaryFile(jar)
    let labels = try TemporaryFile("")
    #expect(throws: TaskError.noDocuments(file: labels.path)) {
      try PIQA().documents(from: TaskFiles(documents: documents.path, labels: labels.path))
    }
  }

  @Test func `a label list for a task without one is an error`() throws {
    let file = try TemporaryFile(good)
    #expect(throws: TaskError.labelFileUnused(task: "lambada_openai", file: "labels.lst")) {
      try LAMBADA().documents(from: TaskFiles(documents: file.path, labels: "labels.lst"))
    }
  }
}
