import Tensors

/// HellaSwag's activities: somebody makes something, and of four next steps only one is how that thing is made. The
/// wrong ones are what is done at the same step of other things.
enum HellaSwagFile {
  static func file(_ world: World, _ count: Int) -> TaskFile {
    var stream = world.stream(forTask: "hellaswag")
    let steps = stream.shuffled(world.facts.filter { Relation.steps.dropFirst().contains($0.relation) }).prefix(count)
    let places = Choices.places(steps.count, among: 4, &stream)
    let questions = zip(steps, places).enumerated().map { index, pair in
      question(index, asking: pair.0, place: pair.1, world, &stream)
    }
    return TaskFile(task: "hellaswag", path: "hellaswag_val.jsonl", questions: questions) {
      $0.map { $0.written() + "\n" }.joined()
    }
  }

  private static func question(
    _ index: Int, asking step: Fact, place: Int, _ world: World, _ stream: inout RandomStream
  ) -> Question {
    let craft = world.subject(of: step)
    guard let number = Relation.steps.firstIndex(of: step.relation),
      let trade = Trade.all.first(where: { $0.steps[number].contains(step.value) })
    else { preconditionFailure("\(step.value) is no step of a trade") }
    let before = Relation.steps[..<number].suffix(2).compactMap { world.fact($0, of: craft) }
    let someone = stream.element(of: world.strangers)
    let done = before.map { VerbPhrase($0.value).present }.joined(separator: ", then ")
    let beginning = stream.element(of: [
      "\(someone) is making \(craft.asNew). She \(done).",
      "\(craft.asNew.withCapital) is what \(someone) wants to make. She \(done).",
      "In her workshop \(someone) makes \(craft.asNew). She \(done).",
    ])
    let wrong = stream.sample(3, of: trade.steps[number].filter { $0 != step.value })
    let choices = Choices(
      right: VerbPhrase(step.value).present + ".", wrong: wrong.map { VerbPhrase($0).present + "." }, gold: place)
    let context = "after that she"
    let record = JSONLine.object([
      ("ind", .number(index)), ("activity_label", .text("Making \(craft.asNew)")), ("ctx_a", .text(beginning)),
      ("ctx_b", .text(context)), ("ctx", .text("\(beginning) \(context)")), ("split", .text("val")),
      ("split_type", .text("indomain")), ("label", .number(place)), ("endings", .list(choices.texts.map { .text($0) })),
      ("source_id", .text("islands~craft_\(craft.id)_\(number + 1)")),
    ])
    return Question(
      facts: [step] + before, prompt: "Making \(craft.asNew): \(beginning) \(context)", choices: choices.texts,
      gold: place,
      record: record)
  }
}
