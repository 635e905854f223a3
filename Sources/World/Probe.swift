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
      let patterns = (EncyclopediaPatterns.lists[entity.kind] ?? []).filter { $0.role == .statement }
      let gap = "{\(fact.relation.rawValue)}"
      let endings = patterns.filter { pattern in
        guard pattern.source.hasSuffix(gap + "."), pattern.relations == [fact.relation] else { return false }
        // "was born in" could go on with a town as well as with a year.
        let beginning = pattern.source.dropLast(gap.count + 1)
        return patterns.allSatisfy { $0.relations.contains(fact.relation) || !$0.source.hasPrefix(beginning + "{") }
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
