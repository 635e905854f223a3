import Testing
import World

@Suite struct WorldFilesTests {
  @Test func `the same seed writes the same bytes`() {
    let again = WorldFiles(seed: 11)
    #expect(again.files.map(\.path) == SmallIsland.files.files.map(\.path))
    for (file, other) in zip(SmallIsland.files.files, again.files) {
      #expect(Array(file.text.utf8) == Array(other.text.utf8), "\(file.path)")
    }
  }

  @Test func `another seed writes another world`() {
    let other = WorldFiles(seed: 12, rounds: 1, documents: 100)
    #expect(
      Set(other.world.entities.map(\.name)).isDisjoint(with: Set(SmallIsland.world.entities(of: .person).map(\.name))))
  }

  @Test func `a further round keeps the facts and the questions`() {
    let longer = WorldFiles(seed: 11, rounds: 3)
    #expect(longer.world.facts == SmallIsland.world.facts)
    for (file, other) in zip(SmallIsland.files.examination.files, longer.examination.files) {
      #expect(file.text == other.text)
    }
    for corpus in Corpus.allCases {
      let pairs = zip(SmallIsland.files.exposures[corpus] ?? [], longer.exposures[corpus] ?? [])
      #expect(pairs.allSatisfy { $0 * 3 == $1 * 2 })
    }
  }

  @Test(arguments: [30, 200]) func `a smaller and a larger world have as many facts as was asked`(percent: Int) {
    let facts = World(seed: 3, size: WorldSize(percent: percent)).facts.count
    #expect((percent - 2...percent + 2).contains(facts * 100 / World(seed: 3).facts.count))
  }

  @Test func `every file is text of ASCII alone`() {
    for file in SmallIsland.files.files { #expect(file.text.utf8.allSatisfy { $0 < 128 }, "\(file.path)") }
  }
}
