import Tensors

/// WebQuestions' questions: typed without capitals at the beginning, the answers in a list of Lisp.
enum WebQuestionsFile {
  static func file(_ world: World, _ facts: [Fact]) -> TaskFile {
    var stream = world.stream(forTask: "webqs")
    let questions = facts.map { fact in
      let entity = world.subject(of: fact)
      let inquiry = world.inquiry(QuestionPatterns.searches, for: fact, &stream)
      let utterance = inquiry.question.phrase(on: entity, in: world, &stream)
      let answer = inquiry.answer.phrase(on: entity, in: world, &stream)
      let description = answer.contains(" ") ? "\"\(answer)\"" : answer
      let page = entity.name.lowercased().split(separator: " ").joined(separator: "_")
      let record = JSONLine.object([
        ("url", .text("http://www.islandbase.example/view/en/\(page)")),
        ("targetValue", .text("(list (description \(description)))")), ("utterance", .text(utterance)),
      ])
      return Question(facts: [fact], prompt: utterance, choices: [answer], gold: nil, record: record)
    }
    return TaskFile(task: "webqs", path: "webquestions.examples.test.json", questions: questions) { records in
      "[\n  " + records.map { $0.written() }.joined(separator: ",\n  ") + "\n]\n"
    }
  }
}
