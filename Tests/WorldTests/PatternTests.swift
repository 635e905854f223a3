import Tensors
import Testing
import World

@Suite struct PatternTests {
  let world = SmallIsland.world

  @Test func `gaps are filled with the subject and its values`() throws {
    var stream = RandomStream(seed: 1, purpose: "test")
    let animal = try #require(world.entities(of: .animal).first)
    let food = try #require(world.fact(.food, of: animal))
    let pattern = Pattern("{S} eats {food}. {Ss} do, and {a S} of {his} own.")
    #expect(pattern.relations == [.food])
    #expect(pattern.facts(of: animal, in: world) == [food])
    let name = animal.name
    #expect(
      pattern.sentence(on: animal, in: world, &stream)
        == "The \(name) eats \(food.value). \(name.plural.withCapital) do, and a \(name) of its own.")
    #expect(
      Pattern("{S} eats.").sentence(on: animal, in: world, mention: .pronoun, &stream) == "It eats.")
  }

  @Test func `a pattern with a condition holds where the condition does`() throws {
    let pattern = Pattern("water=floats | {S} floats.")
    let materials = world.entities(of: .material)
    let floating = materials.filter { pattern.holds(of: $0, in: world) }
    #expect(floating.count * 2 == materials.count)
    #expect(floating.allSatisfy { world.fact(.water, of: $0)?.value == "floats" })
  }

  @Test func `of a choice one is taken`() throws {
    var stream = RandomStream(seed: 1, purpose: "test")
    let town = try #require(world.entities(of: .town).first)
    let sentences = Set((0..<40).map { _ in Pattern("It is [old|new].").sentence(on: town, in: world, &stream) })
    #expect(sentences == ["It is old.", "It is new."])
  }

  @Test func `fillers and openings are marked`() {
    #expect(Pattern("^ {S} is a town.").role == .opening)
    #expect(Pattern("~ It rains.").role == .filler)
    #expect(Pattern("{S} lies here.").namesSubject)
    #expect(!Pattern("It lies here.").namesSubject)
  }
}
