import Models

/// How a benchmark's published file holds its records.
package enum FileLayout: Sendable, Equatable {
  /// One JSON value a line.
  case jsonLines
  /// One JSON array of records.
  case jsonArray
  /// TriviaQA: one JSON object whose member "Data" is the array of records, as published, or one record a line, as
  /// EleutherAI repacked it. The first line tells which: alone it is a record, or it is not.
  case dataObjectOrLines
}

/// Reads the files of a benchmark strictly: what is not a record in its place is an error, never skipped.
struct DocumentReader {
  let files: TaskFiles
  let layout: FileLayout

  /// What `document` makes of each record, in file order. Only one record is in memory at a time.
  func documents(_ document: (Record) throws(TaskError) -> Document) throws(TaskError) -> [Document] {
    let labels = try files.labels.map { file throws(TaskError) in try LabelList(file: file) }
    let text = try TextFile(path: files.documents)
    switch layout {
    case .jsonLines:
      return try documents(ofLinesIn: text, labels, document)
    case .jsonArray:
      return try documents(ofArrayIn: text, member: nil, expected: "an array of records", labels, document)
    case .dataObjectOrLines:
      if beginsWithRecord(text) { return try documents(ofLinesIn: text, labels, document) }
      return try documents(
        ofArrayIn: text, member: "Data", expected: "an object with the array “Data”, or a record a line", labels,
        document)
    }
  }

  private func documents(
    ofLinesIn text: TextFile, _ labels: LabelList?, _ document: (Record) throws(TaskError) -> Document
  ) throws(TaskError) -> [Document] {
    try labels?.check(count: text.lines.count, in: text.path)
    var documents: [Document] = []
    for (index, line) in text.lines.enumerated() {
      let number = index + 1
      guard !TextFile.isBlank(line) else { throw .blankLine(file: text.path, line: number) }
      let value: JSONValue
      do {
        value = try JSONValue(parsing: line)
      } catch {
        throw .malformedJSON(file: text.path, line: number, column: error.column, reason: error.reason)
      }
      let place = RecordPlace(file: text.path, position: .line(number))
      documents.append(try document(Record(index: index, place: place, value: value, label: labels?.labels[index])))
    }
    return documents
  }

  private func documents(
    ofArrayIn text: TextFile, member: String?, expected: String, _ labels: LabelList?,
    _ document: (Record) throws(TaskError) -> Document
  ) throws(TaskError) -> [Document] {
    func malformed(_ error: JSONError) -> TaskError {
      .malformedJSON(file: text.path, line: error.line, column: error.column, reason: error.reason)
    }
    var documents: [Document] = []
    var count = 0
    do {
      guard var elements = try JSONElements(of: text.bytes, member: member) else {
        throw TaskError.unexpectedLayout(
          file: text.path, expected: expected, found: try JSONValue(parsing: text.bytes).kind)
      }
      while let element = try elements.next() {
        defer { count += 1 }
        // Where the labels end early, the records are only counted, for the error.
        guard labels.map({ count < $0.labels.count }) ?? true else { continue }
        let place = RecordPlace(file: text.path, position: .element(count + 1, line: element.line))
        documents.append(
          try document(Record(index: count, place: place, value: element.value, label: labels?.labels[count])))
      }
    } catch let error as TaskError {
      throw error
    } catch let error as JSONError {
      throw malformed(error)
    } catch {
      preconditionFailure("\(error)")
    }
    guard count > 0 else { throw .noDocuments(file: text.path) }
    try labels?.check(count: count, in: text.path)
    return documents
  }

  private func beginsWithRecord(_ text: TextFile) -> Bool {
    // A first line that is no JSON by itself is the beginning of a larger value, or wrong: the reader of the larger
    // value then names what is wrong with it.
    guard let line = text.lines.first, let value = try? JSONValue(parsing: line) else { return false }
    return value.object != nil && value["Data"] == nil
  }
}

/// A list of labels: a line each, a decimal number from zero.
private struct LabelList {
  let file: String
  let labels: [Label]

  init(file: String) throws(TaskError) {
    let text = try TextFile(path: file)
    self.file = file
    labels = try text.lines.enumerated().map { index, line throws(TaskError) in
      guard !TextFile.isBlank(line) else { throw .blankLine(file: file, line: index + 1) }
      let content = String(decoding: line, as: UTF8.self)
      let isDecimal = line.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard isDecimal, let value = Int(content) else {
        throw .invalidLabel(file: file, line: index + 1, expected: "an integer", found: content)
      }
      return Label(value: value, file: file, line: index + 1)
    }
  }

  func check(count: Int, in documents: String) throws(TaskError) {
    guard labels.count == count else {
      throw .unequalCounts(documents: count, file: documents, labels: labels.count, labelFile: file)
    }
  }
}

/// A file of UTF-8 text, and its lines without the line feeds. A line feed at the end begins no further line.
private struct TextFile {
  typealias Line = Slice<UnsafeRawBufferPointer>

  let path: String
  let lines: [Line]
  // Keeps the memory alive that the lines point into.
  private let file: MappedFile

  var bytes: UnsafeRawBufferPointer { file.bytes }

  init(path: String) throws(TaskError) {
    do {
      file = try MappedFile(path: path)
    } catch .unreadable(let file, let reason) {
      throw .unreadable(file: file, reason: reason)
    } catch {
      throw .unreadable(file: path, reason: "\(error)")
    }
    self.path = path
    guard !file.bytes.isEmpty else { throw .noDocuments(file: path) }
    var lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if let last = lines.last, last.isEmpty { lines.removeLast() }
    // A line feed is never part of a longer sequence, so that the text is valid when its lines are.
    if let line = lines.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil }) {
      throw .invalidUTF8(file: path, line: line + 1)
    }
    self.lines = lines
  }

  static func isBlank(_ line: Line) -> Bool {
    line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
  }
}
