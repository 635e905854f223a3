import Tensors

/// A question that takes more than one step: who fits a description, or who is like another in some way.
struct ReasoningProblem {
  let stem: String
  let right: Entity
  let wrong: [Entity]
  let facts: [Fact]

  /// Different problems in random order: two thirds descriptions, one third comparisons.
  static func problems(_ world: World, _ count: Int, _ stream: inout RandomStream) -> [ReasoningProblem] {
    var problems: [ReasoningProblem] = []
    var stems: Set<String> = []
    func add(_ found: [ReasoningProblem], upTo limit: Int) {
      for problem in found where problems.count < limit && stems.insert(problem.stem).inserted {
        problems.append(problem)
      }
    }
    add(stream.shuffled(comparisons(world, &stream)), upTo: count / 3)
    add(stream.shuffled(descriptions(world, &stream)), upTo: count)
    return stream.shuffled(problems)
  }

  private static func descriptions(_ world: World, _ stream: inout RandomStream) -> [ReasoningProblem] {
    var problems: [ReasoningProblem] = []
    for entity in world.entities {
      for pattern in ReasoningPatterns.descriptions[entity.kind] ?? [] where pattern.holds(of: entity, in: world) {
        let facts = pattern.facts(of: entity, in: world)
        let others = world.entities(of: entity.kind).filter { other in
          facts.contains { world.fact($0.relation, of: other)?.value != $0.value }
        }
        // Where a question names two things, wrong answers have one of them right, as far as there are such.
        let near = others.filter { other in facts.contains { world.fact($0.relation, of: other)?.value == $0.value } }
        let wrong = stream.sample(2, of: near)
        let rest = stream.sample(3 - wrong.count, of: others.filter { !wrong.contains($0) })
        problems.append(
          ReasoningProblem(
            stem: pattern.sentence(on: entity, in: world, &stream), right: entity, wrong: stream.shuffled(wrong + rest),
            facts: facts))
      }
    }
    return problems
  }

  private static func comparisons(_ world: World, _ stream: inout RandomStream) -> [ReasoningProblem] {
    var problems: [ReasoningProblem] = []
    for fact in world.facts {
      guard let patterns = ReasoningPatterns.comparisons[fact.relation] else { continue }
      let entity = world.subject(of: fact)
      let others = world.entities(of: entity.kind).filter { $0 != entity }
      let like = others.filter { world.fact(fact.relation, of: $0)?.value == fact.value }
      let unlike = others.filter { !like.contains($0) }
      guard !like.isEmpty, unlike.count >= 3 else { continue }
      let right = stream.element(of: like)
      let shared = world.fact(fact.relation, of: right).map { [$0] } ?? []
      problems.append(
        ReasoningProblem(
          stem: stream.element(of: patterns).sentence(on: entity, in: world, &stream), right: right,
          wrong: stream.sample(3, of: unlike), facts: shared + [fact]))
    }
    return problems
  }
}
