import Tensors

/// Choices of which one is right, at a place that was decided before.
struct Choices {
  let texts: [String]
  let gold: Int

  init(right: String, wrong: [String], gold: Int) {
    var texts = wrong
    texts.insert(right, at: gold)
    self.texts = texts
    self.gold = gold
  }

  /// So many places for right answers, every place of the choices equally often, in random order.
  static func places(_ count: Int, among choices: Int, _ stream: inout RandomStream) -> [Int] {
    stream.shuffled((0..<count).map { $0 % choices })
  }
}

extension Inquiry {
  /// Answers of the same kind that are wrong: what would be right for others.
  ///
  /// A property of a material has two values only; the other answers then tell of other properties, falsely.
  func wrongAnswers(_ count: Int, for fact: Fact, in world: World, _ stream: inout RandomStream) -> [String] {
    let entity = world.subject(of: fact)
    if MaterialProperty.of(fact.relation) != nil { return wrongProperties(count, for: fact, in: world, &stream) }
    let right = answer.phrase(on: entity, in: world, &stream)
    var wrong: [String] = []
    for other in stream.shuffled(world.entities(of: entity.kind)) where wrong.count < count {
      guard world.fact(relation, of: other) != nil else { continue }
      let text = answer.phrase(on: other, in: world, &stream)
      if text != right, !wrong.contains(text) { wrong.append(text) }
    }
    precondition(wrong.count == count, "too few values of \(relation.rawValue) for wrong answers")
    return wrong
  }

  private func wrongProperties(
    _ count: Int, for fact: Fact, in world: World, _ stream: inout RandomStream
  ) -> [String] {
    let entity = world.subject(of: fact)
    let inquiries = (QuestionPatterns.nature[.material] ?? []).filter { inquiry in
      inquiry.answer.relations.allSatisfy { MaterialProperty.of($0) != nil }
        && !inquiry.answer.holds(of: entity, in: world)
    }
    let opposite = inquiries.filter { $0.relation == relation && MaterialProperty.of($0.relation) != nil }
    let others = inquiries.filter { $0.relation != relation && MaterialProperty.of($0.relation) != nil }
    return stream.shuffled(
      (opposite.prefix(1) + stream.sample(count - 1, of: others)).map {
        $0.answer.phrase(on: entity, in: world, &stream)
      })
  }
}
