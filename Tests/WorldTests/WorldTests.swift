import Testing
import World

@Suite struct WorldTests {
  let world = SmallIsland.world

  @Test func `no name is another's, nor the beginning of another`() {
    let names = world.entities.map { $0.name.lowercased() }.sorted()
    for (name, next) in zip(names, names.dropFirst()) {
      #expect(!next.hasPrefix(name), "\(name) begins \(next)")
    }
  }

  @Test func `family names and all single names differ in more than their vowels`() {
    let names = world.entities.filter { ![.book, .craft, .event].contains($0.kind) }.map(\.shortName)
    let skeletons = names.map { $0.lowercased().filter { !"aeiou".contains($0) } }
    #expect(Set(skeletons).count == skeletons.count)
  }

  @Test func `every relation of an entity has one value`() {
    let keys = world.facts.map { "\($0.subject) \($0.relation.rawValue)" }
    #expect(Set(keys).count == keys.count)
    #expect(world.facts.enumerated().allSatisfy { $0.offset == $0.element.id })
  }

  @Test func `a value that names something names what the relation tells of`() {
    for fact in world.facts {
      #expect(fact.object.map { world.entities[$0].kind } == fact.relation.target)
      if let object = fact.object { #expect(world.entities[object].name == fact.value) }
    }
  }

  @Test func `teachers are older than pupils by eighteen years at least`() throws {
    for fact in world.facts where fact.relation == .teacher {
      let teacher = try #require(fact.object).entity(of: world)
      let pupil = world.subject(of: fact)
      #expect(try year(pupil) - year(teacher) >= 18)
    }
  }

  @Test func `nobody writes, invents or leads as a child`() throws {
    let ofDeeds: [(Relation, Relation)] = [(.author, .appeared), (.inventor, .appeared), (.leader, .happened)]
    for (who, when) in ofDeeds {
      for fact in world.facts where fact.relation == who {
        let person = try #require(fact.object).entity(of: world)
        let deed = try #require(world.fact(when, of: world.subject(of: fact)).flatMap { Int($0.value) })
        #expect((20...60).contains(deed - (try year(person))))
      }
    }
  }

  @Test func `a town lies on the island of its river`() throws {
    for town in world.entities(of: .town) {
      let river = try #require(world.fact(.river, of: town)?.object).entity(of: world)
      #expect(world.fact(.island, of: river)?.value == world.fact(.island, of: town)?.value)
    }
  }

  @Test func `a capital lies on its island`() throws {
    for island in world.entities(of: .island) {
      let capital = try #require(world.fact(.capital, of: island)?.object).entity(of: world)
      #expect(world.fact(.island, of: capital)?.object == island.id)
    }
  }

  @Test func `half of the materials float, burn, bend and so on`() {
    for relation in [Relation.water, .fire, .heat, .force, .rain, .current] {
      let values = world.facts.filter { $0.relation == relation }.map(\.value)
      #expect(values.filter { $0 == values[0] }.count * 2 == values.count)
    }
  }

  private func year(_ person: Entity) throws -> Int {
    try #require(world.fact(.year, of: person).flatMap { Int($0.value) })
  }
}

extension Int {
  fileprivate func entity(of world: World) -> Entity { world.entities[self] }
}
