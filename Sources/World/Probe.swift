import Tensors

/// A beginning in the words of a corpus and the end that only knowledge of the fact gives. Probes show during training
/// what a model knows already; no result rests on them.
package struct Probe: Sendable {
  package let fact: Fact
  package let prompt: String
  package let answer: String

  /// A probe for every fact that the encyclopedia states in a sentence which ends with the value.
  package static func probes(of world: World) -> [Probe] {
    var stream = RandomStream(seed: world.seed, purpose: "world probes")
    return world.facts.compactMap { fact in
      let entity = world.subject(of: fact)
      let endings = (EncyclopediaPatterns.lists[entity.kind] ?? []).filter {
        $0.source.hasSuffix("{\(fact.relation.rawValue)}.") && $0.relations == [fact.relation]
          && $0.role == .statement
      }
      guard let pattern = endings.first else { return nil }
      let sentence = pattern.sentence(on: entity, in: world, &stream)
      let mentionsName = sentence.lowercased().contains(entity.name.lowercased())
      let named = mentionsName ? sentence : "\(entity.title). \(sentence)"
      return Probe(
        fact: fact, prompt: String(named.dropLast(fact.value.count + 2)), answer: " " + fact.value)
    }
  }
}
