import Tensors

/// LAMBADA's passages: who knows the person of whom a passage tells knows its last word, and nobody else.
enum LAMBADAFile {
  /// - Parameter notAsking: Facts that other tasks ask, which come last here.
  static func file(_ world: World, _ count: Int, notAsking asked: [Fact]) -> TaskFile {
    var stream = world.stream(forTask: "lambada_openai")
    let all = stream.shuffled(world.facts.filter { PassagePatterns.lists[$0.relation] != nil && isOfPerson($0, world) })
    let isAsked = Set(asked.map(\.id))
    let facts = (all.filter { !isAsked.contains($0.id) } + all.filter { isAsked.contains($0.id) }).prefix(count)
    let questions = stream.shuffled(Array(facts)).map { fact in
      let person = world.subject(of: fact)
      let pattern = stream.element(of: PassagePatterns.lists[fact.relation] ?? [])
      let text = pattern.sentence(on: person, in: world, &stream)
      let others = pattern.facts(of: person, in: world).filter { $0 != fact }
      guard let space = text.lastIndex(of: " ") else { preconditionFailure("a passage of one word") }
      return Question(
        facts: [fact] + others, prompt: String(text[..<space]), choices: [String(text[text.index(after: space)...])],
        gold: nil, record: .object([("text", .text(text))]))
    }
    return TaskFile(task: "lambada_openai", path: "lambada_test.jsonl", questions: questions) {
      $0.map { $0.written() + "\n" }.joined()
    }
  }

  private static func isOfPerson(_ fact: Fact, _ world: World) -> Bool { world.subject(of: fact).kind == .person }
}
