/// Texts shared by the harness's tasks.
enum Prompt {
  /// The prompt of ARC, PIQA, WebQuestions and TriviaQA.
  static func question(_ question: String) -> String { "Question: \(question)\nAnswer:" }

  /// One request for each choice, all with the same context.
  static func requests(context: String, choices: [String]) -> [Request] {
    choices.map { Request(context: context, continuation: " " + $0) }
  }
}

extension Judgement {
  /// Multiple choice with normalized accuracy.
  static func normalizedChoice(gold: Int, choices: [String]) -> Judgement {
    .multipleChoice(gold: gold, choiceLengths: ChoiceLengths(of: choices))
  }
}
