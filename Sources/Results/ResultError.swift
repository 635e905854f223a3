/// What can be wrong with a result, or with the file that holds one.
package enum ResultError: Error, Equatable {
  /// A model, compression or recovery whose name cannot be part of a path.
  case invalidName(String)
  case unreadable(file: String, reason: String)
  /// The file ends before its object does.
  case truncated(file: String)
  case notJSON(file: String, reason: String)
  case unsupportedSchema(file: String, found: Int, supported: Int)
  case missingMember(file: String, member: String)
  case invalidMember(file: String, member: String, reason: String)
  case unknownMembers(file: String, members: [String])
  /// A name that occurs twice in one object.
  case repeatedMember(file: String)
  /// Members that contradict one another, or a number that is none.
  case inconsistent(file: String, problems: [ResultProblem])
  case unwritable(file: String, reason: String)
}

/// A contradiction inside a result: where it stands, such as `tasks.piqa.accuracy`, and what is wrong there.
package struct ResultProblem: Hashable, Sendable {
  package let place: String
  package let reason: String

  package init(place: String, reason: String) {
    self.place = place
    self.reason = reason
  }
}
