import Tensors

/// SciQ's questions: a passage, most often, then a question that it answers.
enum SciQFile {
  static func file(_ world: World, _ facts: [Fact]) -> TaskFile {
    var stream = world.stream(forTask: "sciq")
    let teller = Teller(world: world, lists: EncyclopediaPatterns.lists)
    let questions = facts.map { fact in
      let entity = world.subject(of: fact)
      let inquiry = world.inquiry(QuestionPatterns.nature, for: fact, &stream)
      let right = inquiry.answer.phrase(on: entity, in: world, &stream)
      let wrong = inquiry.wrongAnswers(3, for: fact, in: world, &stream)
      let stem = inquiry.question.sentence(on: entity, in: world, &stream)
      let others = world.facts(of: entity).filter { $0 != fact }
      let told = [fact] + stream.sample(stream.integer(in: 1...3), of: others)
      let passage = teller.sentences(on: entity, stream.shuffled(told), isIntroduced: false, &stream)
      // Some questions come without a passage.
      let support = stream.chance(percent: 20) ? "" : passage.map(\.sentence).joined(separator: " ")
      let record = JSONLine.object([
        ("question", .text(stem)), ("distractor3", .text(wrong[2])), ("distractor1", .text(wrong[0])),
        ("distractor2", .text(wrong[1])), ("correct_answer", .text(right)), ("support", .text(support)),
      ])
      return Question(facts: [fact], prompt: stem, choices: wrong + [right], gold: 3, record: record)
    }
    return TaskFile(task: "sciq", path: "SciQ dataset-2 3/test.json", questions: questions) {
      JSONLine.list($0).indented(by: 4) + "\n"
    }
  }
}
