/// A small closed world: what there is in it and all that is so.
package struct World: Sendable {
  package let seed: UInt64
  package let entities: [Entity]
  package let facts: [Fact]
  /// By entity, in the order of the relations.
  private let factsOfSubject: [[Fact]]
  /// By entity: the facts whose value it is.
  private let factsOfObject: [[Fact]]
  /// Given names of people whom pages mention and nobody knows more of; all women's.
  let strangers: [String]

  init(seed: UInt64, entities: [Entity], facts: [Fact], strangers: [String]) {
    self.seed = seed
    self.entities = entities
    self.facts = facts
    self.strangers = strangers
    var ofSubject = [[Fact]](repeating: [], count: entities.count)
    var ofObject = ofSubject
    for fact in facts {
      ofSubject[fact.subject].append(fact)
      if let object = fact.object { ofObject[object].append(fact) }
    }
    factsOfSubject = ofSubject
    factsOfObject = ofObject
  }

  package func facts(of entity: Entity) -> [Fact] { factsOfSubject[entity.id] }
  package func facts(about entity: Entity) -> [Fact] { factsOfObject[entity.id] }
  package func entities(of kind: Kind) -> [Entity] { entities.filter { $0.kind == kind } }

  package func fact(_ relation: Relation, of entity: Entity) -> Fact? {
    factsOfSubject[entity.id].first { $0.relation == relation }
  }

  /// The value of a relation that every entity of the kind has.
  func value(_ relation: Relation, of entity: Entity) -> String {
    guard let fact = fact(relation, of: entity) else {
      preconditionFailure("\(entity.name) has no \(relation.rawValue)")
    }
    return fact.value
  }

  package func subject(of fact: Fact) -> Entity { entities[fact.subject] }
}

/// How much of each kind there is.
package struct WorldSize: Sendable, Equatable {
  private static let usual: [Kind: Int] = [
    .island: 6, .river: 18, .town: 40, .animal: 80, .plant: 60, .material: 40, .instrument: 24, .person: 240, .tool: 60,
    .book: 90, .event: 40, .craft: 100,
  ]

  /// The syllables have names for so much, and questions need so much to choose from.
  package static let percentages = 30...200

  let percent: Int

  /// - Parameter percent: of the usual size, which has about 4,400 facts; one of `percentages`.
  package init(percent: Int = 100) {
    precondition(Self.percentages.contains(percent), "a world of \(percent) % of the usual size")
    self.percent = percent
  }

  func count(of kind: Kind) -> Int {
    // An even number, since half of the materials have either value of a property; and no fewer islands than usual.
    Self.usual[kind].map { max($0 * percent / 200 * 2, 6) } ?? 0
  }
}
