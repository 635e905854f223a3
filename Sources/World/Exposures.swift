import Tensors

/// The two corpora that state the facts of a world.
package enum Corpus: String, Sendable, CaseIterable {
  /// Articles in the form of Wikitext.
  case encyclopedia = "wikitext"
  /// Pages in the form of C4.
  case web = "c4"
}

/// How often one pass through a corpus is to state each fact.
struct Exposures: Sendable {
  /// By fact.
  let counts: [Int]

  /// What is well known is told sixteen times as often as what is not.
  static let classes = [1, 2, 4, 8, 16]
  private static let weights = [18, 24, 26, 22, 10]

  init(_ world: World, _ corpus: Corpus) {
    var stream = RandomStream(seed: world.seed, purpose: "world exposures \(corpus.rawValue)")
    // Some entities are well known in all that concerns them.
    let fame = world.entities.map { _ in Self.classes[stream.index(weights: Self.weights)] }
    var counts: [Int] = []
    for fact in world.facts {
      let own = Self.classes[stream.index(weights: Self.weights)]
      let followsFame = stream.chance(percent: 50)
      // The steps of a craft are told together, or they could not be followed.
      let isStep = Relation.steps.contains(fact.relation)
      counts.append(isStep || followsFame ? fame[fact.subject] : own)
    }
    self.counts = counts
  }

  init(everyFactOnceOf world: World) { counts = [Int](repeating: 1, count: world.facts.count) }
}

/// What a corpus still has to state.
struct Ledger {
  private(set) var due: [Int]
  private(set) var total: Int

  init(_ exposures: Exposures) {
    due = exposures.counts
    total = due.reduce(0, +)
  }

  func isDue(_ fact: Fact) -> Bool { due[fact.id] > 0 }

  /// A fact may be told more often than is due where a text would be strange without it.
  mutating func settle(_ facts: [Fact]) {
    for fact in facts where due[fact.id] > 0 {
      due[fact.id] -= 1
      total -= 1
    }
  }

  func due(of entity: Entity, in world: World) -> [Fact] { world.facts(of: entity).filter(isDue) }
}
