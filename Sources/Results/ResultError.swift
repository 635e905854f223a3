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
  /// A name that occurs twice in one object; the line is that of its second occurrence, from one.
  case repeatedMember(file: String, member: String, line: Int)
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

extension ResultError {
  /// The error in words, with the file and the place in it.
  package var text: String {
    switch self {
    case .invalidName(let name): "“\(name)” cannot be part of a path"
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .truncated(let file): "\(file): the result ends before its end"
    case .notJSON(let file, let reason): "\(file): no valid JSON: \(reason)"
    case .unsupportedSchema(let file, let found, let supported):
      "\(file): written in version \(found) of the format, this program reads version \(supported)"
    case .missingMember(let file, let member): "\(file): “\(member)” is missing"
    case .invalidMember(let file, let member, let reason): "\(file): “\(member)”: \(reason)"
    case .unknownMembers(let file, let members): "\(file): unknown members: \(members.joined(separator: ", "))"
    case .repeatedMember(let file, let member, let line): "\(file):\(line): “\(member)” occurs twice in one object"
    case .inconsistent(let file, let problems):
      "\(file): " + problems.map { "\($0.place): \($0.reason)" }.joined(separator: "; ")
    case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
    }
  }
}
