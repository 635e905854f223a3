import Tensors

/// PIQA's goals, each with two solutions: which one works follows from what a material, tool or plant is good for.
enum PIQAFile {
  private struct Problem {
    let goal: String
    let right: String
    let wrong: String
    let facts: [Fact]
  }

  static func file(_ world: World, _ count: Int) -> TaskFile {
    var stream = world.stream(forTask: "piqa")
    var problems = handlings(world, &stream) + usesOfThings(world, &stream)
    let rest = makings(world, max(0, count - problems.count), &stream)
    problems = Array(stream.shuffled(problems + rest).prefix(count))
    let places = Choices.places(problems.count, among: 2, &stream)
    let questions = zip(problems, places).enumerated().map { index, pair in
      let (problem, place) = pair
      let choices = Choices(right: problem.right, wrong: [problem.wrong], gold: place)
      let record = JSONLine.object([
        ("id", .text("islands-\(1000 + index)")), ("goal", .text(problem.goal)), ("sol1", .text(choices.texts[0])),
        ("sol2", .text(choices.texts[1])),
      ])
      return Question(facts: problem.facts, prompt: problem.goal, choices: choices.texts, gold: place, record: record)
    }
    let labels = questions.map { "\($0.gold ?? 0)\n" }.joined()
    return TaskFile(
      task: "piqa", path: "physicaliqa-train-dev/dev.jsonl", labels: ("physicaliqa-train-dev/dev-labels.lst", labels),
      questions: questions
    ) { $0.map { $0.written() + "\n" }.joined() }
  }

  private static func handlings(_ world: World, _ stream: inout RandomStream) -> [Problem] {
    var problems: [Problem] = []
    for material in world.entities(of: .material) {
      for handling in PhysicalPatterns.handlings {
        guard let fact = world.fact(handling.relation, of: material),
          let place = MaterialProperty.of(handling.relation)?.values.firstIndex(of: fact.value)
        else { continue }
        let goal = stream.element(of: handling.goals).sentence(on: material, in: world, &stream)
        problems.append(
          Problem(goal: goal, right: handling.solutions[place], wrong: handling.solutions[1 - place], facts: [fact]))
      }
    }
    return problems
  }

  private static func usesOfThings(_ world: World, _ stream: inout RandomStream) -> [Problem] {
    let tools = world.entities(of: .tool).compactMap { tool in
      problem(world, tool, .task, PhysicalPatterns.toolGoals, PhysicalPatterns.toolSolution, &stream)
    }
    let plants = world.entities(of: .plant).compactMap { plant in
      problem(world, plant, .use, PhysicalPatterns.plantGoals, PhysicalPatterns.plantSolution, &stream)
    }
    return stream.sample(40, of: tools) + stream.sample(40, of: plants)
  }

  private static func problem(
    _ world: World, _ thing: Entity, _ relation: Relation, _ goals: [Pattern], _ solution: Pattern,
    _ stream: inout RandomStream
  ) -> Problem? {
    let others = world.entities(of: thing.kind).filter { other in
      world.fact(relation, of: other)?.value != world.fact(relation, of: thing)?.value
    }
    guard let fact = world.fact(relation, of: thing), !others.isEmpty else { return nil }
    let other = stream.element(of: others)
    return Problem(
      goal: stream.element(of: goals).sentence(on: thing, in: world, &stream),
      right: solution.sentence(on: thing, in: world, &stream), wrong: solution.sentence(on: other, in: world, &stream),
      facts: [fact] + [world.fact(relation, of: other)].compactMap(\.self))
  }

  /// Two materials a goal, one of which has the property it takes.
  private static func makings(_ world: World, _ count: Int, _ stream: inout RandomStream) -> [Problem] {
    let materials = world.entities(of: .material)
    var problems: [Problem] = []
    var used: Set<String> = []
    for index in 0..<count {
      let making = PhysicalPatterns.makings[index % PhysicalPatterns.makings.count]
      let fit = materials.filter { world.fact(making.relation, of: $0)?.value == making.value }
      let unfit = materials.filter { !fit.contains($0) }
      guard !fit.isEmpty, !unfit.isEmpty else { continue }
      // A pair that was asked before is drawn again; there are far more than are needed.
      for _ in 0..<100 {
        let (right, wrong) = (stream.element(of: fit), stream.element(of: unfit))
        guard used.insert("\(making.goal) \(right.id) \(wrong.id)").inserted else { continue }
        problems.append(
          Problem(
            goal: making.goal, right: making.solution.sentence(on: right, in: world, &stream),
            wrong: making.solution.sentence(on: wrong, in: world, &stream),
            facts: [right, wrong].compactMap { world.fact(making.relation, of: $0) }))
        break
      }
    }
    return problems
  }
}
