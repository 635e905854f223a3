/// What can be wrong with a checkpoint folder: each case names the file, the place and what was expected.
package enum CheckpointError: Error, Equatable {
  case unreadable(file: String, reason: String)
  case malformedJSON(file: String, line: Int, column: Int, reason: String)
  /// A member of a JSON file that is absent or not of the wanted kind.
  case invalidMember(file: String, member: String, expected: String, found: String)
  case unsupportedArchitecture(file: String, found: String, supported: [String])
  case invalidHeader(file: String, reason: String)
  /// A PyTorch file whose zip archive, or what its pickle makes of the entries, breaks a rule.
  case invalidArchive(file: String, reason: String)
  /// What the pickle of a PyTorch file does at that byte, counted from zero, is malformed or not allowed.
  case refusedPickle(file: String, position: Int, reason: String)
  case missingTensor(name: String, file: String)
  case unexpectedShape(tensor: String, file: String, expected: [Int], found: [Int])
  /// A tensor that the architecture does not have.
  case unexpectedTensor(name: String, file: String)
  case unsupportedType(tensor: String, file: String, found: String)
  case notFinite(tensor: String, file: String, index: Int)
  /// A number in a tensor, at that place in C order, that no valid file has there.
  case unexpectedElement(tensor: String, file: String, index: Int, expected: String, found: String)
  case noWeights(folder: String, expected: [String])
  case tensorStoredElsewhere(name: String, file: String, index: String)
  /// A finite number that would be infinite as the type it is to be stored as.
  case overflow(tensor: String, file: String, index: Int, type: String)
  case unwritable(file: String, reason: String)
  case tokenizer(file: String, place: String, reason: String)
}

extension JSONValue {
  /// Reads a JSON file, naming it in the error.
  package init(contentsOf path: String) throws(CheckpointError) {
    let file = try MappedFile(path: path)
    // The bytes are those of the mapping, which must not end before they are read.
    defer { withExtendedLifetime(file) {} }
    do {
      self = try JSONValue(parsing: file.bytes)
    } catch {
      throw .malformedJSON(file: path, line: error.line, column: error.column, reason: error.reason)
    }
  }
}
