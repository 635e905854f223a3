import Tensors

/// TriviaQA's questions, in the edition without filter, with the names under which an answer counts.
enum TriviaQAFile {
  static func file(_ world: World, _ facts: [Fact]) -> TaskFile {
    var stream = world.stream(forTask: "triviaqa")
    let questions = facts.enumerated().map { index, fact in
      let entity = world.subject(of: fact)
      let inquiry = world.inquiry(QuestionPatterns.trivia, for: fact, &stream)
      let text = inquiry.question.sentence(on: entity, in: world, &stream)
      let aliases = aliases(of: fact, in: world)
      return Question(
        facts: [fact], prompt: text, choices: aliases, gold: nil,
        record: record(text, aliases, entity: fact.object.map { world.entities[$0] }, id: "ti_\(index)"))
    }
    return TaskFile(task: "triviaqa", path: "triviaqa-unfiltered/unfiltered-web-dev.json", questions: questions) {
      JSONLine.object([
        ("Data", .list($0)), ("Domain", .text("Web")), ("Split", .text("dev")), ("VerifiedEval", .literal("false")),
        ("Version", .literal("1.0")),
      ]).indented(by: 4) + "\n"
    }
  }

  /// The value first, then what else it is called.
  private static func aliases(of fact: Fact, in world: World) -> [String] {
    guard let object = fact.object.map({ world.entities[$0] }) else { return [fact.value] }
    switch object.kind {
    case .person: return [object.name, object.shortName]
    case .animal, .instrument: return [object.name, "the " + object.name, "a " + object.name]
    default: return [object.name]
    }
  }

  private static func record(_ question: String, _ aliases: [String], entity: Entity?, id: String) -> JSONLine {
    let normalized = aliases.map { $0.lowercased() }
    var answer: [(String, JSONLine)] = [("Aliases", .list(aliases.map { .text($0) }))]
    if entity != nil { answer.append(("MatchedWikiEntityName", .text(aliases[0]))) }
    answer.append(("NormalizedAliases", .list(normalized.map { .text($0) })))
    if entity != nil { answer.append(("NormalizedMatchedWikiEntityName", .text(normalized[0]))) }
    answer += [
      ("NormalizedValue", .text(normalized[0])), ("Type", .text(entity == nil ? "FreeForm" : "WikipediaEntity")),
      ("Value", .text(aliases[0])),
    ]
    return .object([
      ("Answer", .object(answer)), ("EntityPages", .list([])), ("Question", .text(question)),
      ("QuestionId", .text(id)), ("QuestionSource", .text("http://www.islandquiz.example/")),
      ("SearchResults", .list([])),
    ])
  }
}
