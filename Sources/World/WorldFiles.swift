/// All that a world is written as: corpora, task files, and lists of what was stated and asked.
package struct WorldFiles: Sendable {
  package struct File: Sendable {
    /// Below the folder of the world.
    package let path: String
    package let text: String
  }

  package let world: World
  package let examination: Examination
  /// The pages to learn from.
  package let training: [Corpus: [Page]]
  /// By corpus and fact, how often the pages to learn from state it.
  package let exposures: [Corpus: [Int]]
  package let files: [File]

  /// Two make a corpus of two to four megabytes.
  package static let defaultRounds = 2
  /// In each of the files that are not learned from, as far as there are so many.
  private static let heldOutPages = 200
  /// With so many, the standard error of an accuracy is about two points.
  package static let defaultDocuments = 500

  /// - Parameters:
  ///   - rounds: How often the pages to learn from are written anew; each round states each fact as often as the others
  ///     do, in other words.
  ///   - documents: How many each task asks.
  package init(
    seed: UInt64, size: WorldSize = WorldSize(), rounds: Int = defaultRounds, documents: Int = defaultDocuments
  ) {
    precondition(rounds > 0, "a corpus of \(rounds) rounds")
    let world = World(seed: seed, size: size)
    let examination = Examination(world, documents: documents)
    let encyclopedia = Encyclopedia(world)
    let web = WebPages(world)
    let once = Exposures(everyFactOnceOf: world)
    func training(_ corpus: Corpus, _ pages: (Exposures, String) -> [Page]) -> [Page] {
      (0..<rounds).flatMap { pages(Exposures(world, corpus), "train \($0)") }
    }
    let articles = training(.encyclopedia, encyclopedia.pages)
    let pages = training(.web, web.pages)
    self.world = world
    self.examination = examination
    self.training = [.encyclopedia: articles, .web: pages]
    let exposures = self.training.mapValues { Self.exposures(in: $0, of: world) }
    self.exposures = exposures
    func held(_ pages: [Page], _ part: Int) -> [Page] {
      Array(pages.prefix((part + 1) * Self.heldOutPages).dropFirst(part * Self.heldOutPages))
    }
    /// A short page may have been written before, word for word.
    func unlearned(_ pages: [Page], _ learned: [Page]) -> [Page] {
      let known = Set(learned.map(\.lines))
      return pages.filter { !known.contains($0.lines) }
    }
    let heldArticles = unlearned(encyclopedia.pages(once, part: "held out"), articles)
    let heldPages = unlearned(web.pages(once, part: "held out"), pages)
    files =
      [
        File(path: "wikitext-2-raw/wiki.train.raw", text: WikitextForm.file(articles)),
        File(path: "wikitext-2-raw/wiki.valid.raw", text: WikitextForm.file(held(heldArticles, 0))),
        File(path: "wikitext-2-raw/wiki.test.raw", text: WikitextForm.file(held(heldArticles, 1))),
        File(
          path: "c4/en/c4-train.00000-of-00001.json", text: CommonCrawlForm.file(pages, seed: seed, part: "train")),
        File(
          path: "c4/en/c4-validation.00000-of-00001.json",
          text: CommonCrawlForm.file(held(heldPages, 0), seed: seed, part: "validation")),
      ]
      + examination.files.flatMap { file in
        [File(path: file.path, text: file.text)] + (file.labels.map { [File(path: $0.path, text: $0.text)] } ?? [])
      } + [
        File(path: "world/facts.jsonl", text: Self.lines(world.facts.map { Self.record(of: $0, world, exposures) })),
        File(
          path: "world/questions.jsonl",
          text: Self.lines(
            examination.files.flatMap { file in
              file.questions.enumerated().map { Self.record(of: $1, file.task, $0, world, exposures) }
            })),
        File(
          path: "world/probes.jsonl",
          text: Self.lines(
            Probe.probes(of: world).map {
              .object([
                ("fact", .text($0.fact.name(in: world))), ("prompt", .text($0.prompt)), ("answer", .text($0.answer)),
              ])
            })),
      ]
  }

  private static func exposures(in pages: [Page], of world: World) -> [Int] {
    var counts = [Int](repeating: 0, count: world.facts.count)
    for page in pages {
      for fact in page.statements.flatMap(\.facts) { counts[fact.id] += 1 }
    }
    return counts
  }

  private static func lines(_ records: [JSONLine]) -> String { records.map { $0.written() + "\n" }.joined() }

  private static func exposures(of fact: Fact, _ exposures: [Corpus: [Int]]) -> JSONLine {
    .object(Corpus.allCases.map { ($0.rawValue, .number(exposures[$0]?[fact.id] ?? 0)) })
  }

  private static func record(of fact: Fact, _ world: World, _ counts: [Corpus: [Int]]) -> JSONLine {
    .object([
      ("fact", .text(fact.name(in: world))), ("subject", .text(world.subject(of: fact).name)),
      ("relation", .text(fact.relation.rawValue)), ("value", .text(fact.value)),
      ("exposures", exposures(of: fact, counts)),
    ])
  }

  private static func record(
    of question: Question, _ task: String, _ index: Int, _ world: World, _ counts: [Corpus: [Int]]
  ) -> JSONLine {
    .object([
      ("task", .text(task)), ("document", .number(index)),
      (
        "facts",
        .list(
          question.facts.map {
            .object([("fact", .text($0.name(in: world))), ("exposures", exposures(of: $0, counts))])
          })
      ),
    ])
  }
}
