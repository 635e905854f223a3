/// What one document of a task asks.
package struct Question: Sendable {
  /// The facts that answer it; the first is the one asked for.
  package let facts: [Fact]
  /// What comes before the choices or the answer.
  package let prompt: String
  package let choices: [String]
  /// Among the choices; nil where the answer is to be written.
  package let gold: Int?
  /// As the file of the task has it.
  let record: JSONLine
}

/// The documents of a task, and how its file holds them.
package struct TaskFile: Sendable {
  package let task: String
  package let path: String
  package let text: String
  /// The path and text of the file of labels, where they stand in a file of their own.
  package let labels: (path: String, text: String)?
  package let questions: [Question]

  init(
    task: String, path: String, labels: (path: String, text: String)? = nil, questions: [Question],
    text: ([JSONLine]) -> String
  ) {
    self.task = task
    self.path = path
    self.labels = labels
    self.questions = questions
    self.text = text(questions.map(\.record))
  }
}
