import Foundation
import Models
import Testing
import World

@Suite struct CorpusTests {
  let world = SmallIsland.world

  @Test(arguments: Corpus.allCases) func `every fact is stated as often as its class in each of the two rounds`(
    corpus: Corpus
  ) throws {
    let counts = try #require(SmallIsland.files.exposures[corpus])
    #expect(Set(counts) == [2, 4, 8, 16, 32])
  }

  @Test(arguments: Corpus.allCases) func `a sentence has the value that it states, and its page the subject`(
    corpus: Corpus
  ) throws {
    var wrong: [String] = []
    for page in try #require(SmallIsland.files.training[corpus]) {
      let text = page.lines.joined(separator: "\n").lowercased() + page.title.lowercased()
      for statement in page.statements {
        let sentence = statement.sentence.lowercased()
        for fact in statement.facts {
          let subject = world.subject(of: fact)
          let isNamed = text.contains(subject.shortName.lowercased()) || text.contains(subject.name.plural)
          if !isNamed || !telling(fact).contains(where: sentence.contains) {
            wrong.append("\(fact.name(in: world)): \(statement.sentence)")
          }
        }
      }
    }
    #expect(wrong == [])
  }

  /// One of these a sentence with the fact has; of a step all but the verb, which changes.
  private func telling(_ fact: Fact) -> [String] {
    let value = fact.value.lowercased()
    switch fact.relation {
    case .first, .second, .third, .fourth, .fifth, .sixth:
      return [String(value.split(separator: " ", maxSplits: 1)[1])]
    case .water:
      return value == "floats"
        ? ["float", "came up", "raft", "does not sink", "surface"] : ["sink", "sank", "bottom", "gone", "raft"]
    case .fire: return ["burn", "fire", "flame", "stove"]
    case .heat: return ["heat", "warm", "cold", "soup"]
    case .force: return ["bend", "break", "broke", "spring"]
    case .rain: return ["rain", "water", "wet", "dry"]
    case .current: return ["current", "wire"]
    case .work: return [value, Occupation.named(fact.value).pastAction]
    case .plays, .sort, .keeps: return [value, value.plural]
    default: return [value]
    }
  }

  @Test(arguments: Corpus.allCases) func `steps of a craft are told in their order`(corpus: Corpus) throws {
    let steps: [Relation] = [.first, .second, .third, .fourth, .fifth, .sixth]
    for page in try #require(SmallIsland.files.training[corpus]) {
      let facts = page.statements.flatMap(\.facts).filter { steps.contains($0.relation) }
      for start in stride(from: 0, to: facts.count, by: 6) {
        #expect(facts[start..<(start + 6)].map(\.relation) == steps)
      }
    }
  }

  @Test func `the pages are read back from both forms`() throws {
    let articles = try file("wikitext-2-raw/wiki.train.raw")
    defer { unlink(articles) }
    let pages = try Wikitext(path: articles).pages
    #expect(pages.count == SmallIsland.files.training[.encyclopedia]?.count)
    let web = try file("c4/en/c4-train.00000-of-00001.json")
    defer { unlink(web) }
    let documents = try TextCorpus(jsonLines: web).documents
    #expect(documents == SmallIsland.files.training[.web]?.map { $0.lines.joined(separator: "\n") })
  }

  @Test func `lines of articles begin and end with a blank`() {
    for path in ["train", "valid", "test"] {
      let lines = SmallIsland.text("wikitext-2-raw/wiki.\(path).raw").split(separator: "\n")
      #expect(lines.count > 1000 && lines.allSatisfy { $0.hasPrefix(" ") && $0.hasSuffix(" ") && !$0.contains("  ") })
    }
  }

  @Test func `no page that is kept for validation is among those to learn from`() throws {
    let held = try file("c4/en/c4-validation.00000-of-00001.json")
    defer { unlink(held) }
    let documents = try TextCorpus(jsonLines: held).documents
    let learned = Set(SmallIsland.files.training[.web]?.map { $0.lines.joined(separator: "\n") } ?? [])
    #expect(documents.count == 200)
    #expect(learned.isDisjoint(with: documents))
  }

  private func file(_ path: String) throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
    try Data(SmallIsland.text(path).utf8).write(to: url)
    return url.path
  }
}
