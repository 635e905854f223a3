/// What is wrong with a task's documents or scores, beyond what its reader says.
package enum ScoringError: Error, Equatable {
  case unexpectedDocumentCount(task: String, file: String, expected: Int, found: Int)
  case unscorable(task: String, document: Int, RequestError)
  case notANumber(task: String, document: Int)
  /// The model takes fewer tokens than are needed, behind its prompts.
  case noRoom(needed: Int, available: Int)
  /// A token of the tokenizer that the model does not have.
  ///
  /// - Parameter place: what was to be read.
  case unknownToken(Int, place: String, vocabularySize: Int)
}
