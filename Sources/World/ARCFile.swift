import Tensors

/// ARC's questions: the easy ones ask for a fact of nature, the hard ones for what follows from one or two.
enum ARCFile {
  static func easy(_ world: World, _ facts: [Fact]) -> TaskFile {
    var stream = world.stream(forTask: "arc_easy")
    let places = Choices.places(facts.count, among: 4, &stream)
    let questions = facts.enumerated().map { index, fact in
      let entity = world.subject(of: fact)
      let inquiry = world.inquiry(QuestionPatterns.nature, for: fact, &stream)
      let choices = Choices(
        right: inquiry.answer.phrase(on: entity, in: world, &stream),
        wrong: inquiry.wrongAnswers(3, for: fact, in: world, &stream), gold: places[index])
      let stem = inquiry.question.sentence(on: entity, in: world, &stream)
      return question("ISLANDS_E_\(1000 + index)", stem, choices, [fact])
    }
    return file(.easy, questions)
  }

  static func challenge(_ world: World, _ count: Int) -> TaskFile {
    var stream = world.stream(forTask: "arc_challenge")
    let problems = ReasoningProblem.problems(world, count, &stream)
    let places = Choices.places(problems.count, among: 4, &stream)
    let questions = problems.enumerated().map { index, problem in
      question(
        "ISLANDS_C_\(1000 + index)", problem.stem,
        Choices(right: problem.right.subject, wrong: problem.wrong.map(\.subject), gold: places[index]), problem.facts)
    }
    return file(.challenge, questions)
  }

  private enum Level { case easy, challenge }

  private static func question(_ id: String, _ stem: String, _ choices: Choices, _ facts: [Fact]) -> Question {
    // Some school boards number the choices.
    let labels = id.hasSuffix("7") && id.contains("_E_") ? ["1", "2", "3", "4"] : ["A", "B", "C", "D"]
    let entries = zip(choices.texts, labels).map { text, label in
      JSONLine.object([("text", .text(text)), ("label", .text(label))])
    }
    let record = JSONLine.object([
      ("id", .text(id)), ("question", .object([("stem", .text(stem)), ("choices", .list(entries))])),
      ("answerKey", .text(labels[choices.gold])),
    ])
    return Question(facts: facts, prompt: stem, choices: choices.texts, gold: choices.gold, record: record)
  }

  private static func file(_ level: Level, _ questions: [Question]) -> TaskFile {
    let name = level == .easy ? "ARC-Easy" : "ARC-Challenge"
    return TaskFile(
      task: level == .easy ? "arc_easy" : "arc_challenge", path: "ARC-V1-Feb2018-2/\(name)/\(name)-Test.jsonl",
      questions: questions
    ) { $0.map { $0.compact + "\n" }.joined() }
  }
}
