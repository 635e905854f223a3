import Models

/// One record of a benchmark's file, with its label where labels stand in a file of their own.
package struct Record: Sendable {
  /// Its place among the records, from zero.
  package let index: Int
  package let place: RecordPlace
  private let value: JSONValue
  private let label: Label?

  package init(index: Int, place: RecordPlace, value: JSONValue, label: Label? = nil) {
    self.index = index
    self.place = place
    self.value = value
    self.label = label
  }

  package subscript(name: String) -> RecordField {
    get throws(TaskError) { try RecordField(place: place, path: "", value: value)[name] }
  }

  package func has(_ name: String) -> Bool { value[name] != nil }

  /// The record's label, which must be one of 0 ..< `choiceCount`.
  package func label(choiceCount: Int) throws(TaskError) -> Int {
    guard let label else { preconditionFailure("a task that reads labels says so in needsLabelFile") }
    guard label.value < choiceCount else {
      throw .invalidLabel(
        file: label.file, line: label.line, expected: "an integer from 0 to \(choiceCount - 1)",
        found: "\(label.value)")
    }
    return label.value
  }

  func answerMatchesNoChoice(_ answer: String, choiceCount: Int) -> TaskError {
    .answerMatchesNoChoice(place: place, answer: answer, choiceCount: choiceCount)
  }
}

/// A line of a label list.
package struct Label: Sendable, Equatable {
  package let value: Int
  package let file: String
  package let line: Int
}

/// A value inside a record, which knows where it stands: reading it as the wrong kind names file, record and member.
package struct RecordField: Sendable {
  let place: RecordPlace
  /// Such as "question.choices[2].text"; empty for the record itself.
  let path: String
  let value: JSONValue

  package subscript(name: String) -> RecordField {
    get throws(TaskError) {
      guard value.object != nil else { throw expected("an object") }
      let path = path.isEmpty ? name : "\(path).\(name)"
      guard let member = value[name] else {
        throw .invalidMember(place: place, member: path, expected: "a value", found: "nothing")
      }
      return RecordField(place: place, path: path, value: member)
    }
  }

  package var text: String {
    get throws(TaskError) {
      guard let text = value.string else { throw expected("a text") }
      return text
    }
  }

  package var integer: Int {
    get throws(TaskError) {
      guard let integer = value.integer else { throw expected("an integer") }
      return integer
    }
  }

  package var elements: [RecordField] {
    get throws(TaskError) {
      guard let array = value.array else { throw expected("an array") }
      return array.enumerated().map { RecordField(place: place, path: "\(path)[\($0.offset)]", value: $0.element) }
    }
  }

  package var texts: [String] {
    get throws(TaskError) {
      try elements.map { field throws(TaskError) in try field.text }
    }
  }

  func expected(_ expectation: String, found: String? = nil) -> TaskError {
    .invalidMember(place: place, member: path, expected: expectation, found: found ?? value.kind)
  }
}

extension JSONValue {
  /// The kind of value, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
