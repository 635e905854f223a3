import Evaluation
import Foundation
import Testing
import World

@Suite struct ExaminationTests {
  let files = SmallIsland.files
  let tasks = SmallIsland.files.examination.files

  @Test func `the nine tasks ask five hundred documents each`() {
    #expect(tasks.map(\.task) == Benchmark.names)
    for task in tasks { #expect(task.questions.count == 500, "\(task.task)") }
  }

  @Test(arguments: Benchmark.names) func `our own readers find every document and nothing odd`(name: String) throws {
    let file = try #require(tasks.first { $0.task == name })
    let task = try #require(Benchmark.named(name))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ text: String, _ name: String) throws -> String {
      let path = folder.appendingPathComponent(name).path
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }
    let labels = task.needsLabelFile ? try file.labels.map { try write($0.text, "labels") } : nil
    let documents = try task.documents(from: TaskFiles(documents: write(file.text, "documents"), labels: labels))
    #expect(
      task.flags(of: documents) == [.otherDocumentCount(found: 500, published: task.publishedDocumentCount)])
    for (document, question) in zip(documents, file.questions) {
      switch document.judgement {
      case .multipleChoice(let gold, _): #expect(gold == question.gold)
      default: #expect(question.gold == nil)
      }
    }
  }

  @Test func `no two documents of a task ask the same`() {
    for task in tasks {
      let asked = task.questions.map { ([$0.prompt] + $0.choices.sorted()).joined(separator: "\n") }
      #expect(Set(asked).count == asked.count, "\(task.task)")
    }
  }

  @Test func `a fact is asked once a task where a question asks for one fact`() {
    for task in tasks where !["arc_challenge", "piqa", "winogrande"].contains(task.task) {
      let asked = task.questions.map(\.facts[0].id)
      #expect(Set(asked).count == asked.count, "\(task.task)")
    }
  }

  @Test func `every fact asked for is stated in both corpora`() throws {
    for corpus in Corpus.allCases {
      let counts = try #require(files.exposures[corpus])
      for question in tasks.flatMap(\.questions) {
        #expect(!question.facts.isEmpty && question.facts.allSatisfy { counts[$0.id] > 0 })
      }
    }
  }

  @Test func `no question is asked in the words of a page`() {
    let names = Set(files.world.entities.flatMap { SmallIsland.words($0.name) + [$0.name.plural] })
    func masked(_ text: some StringProtocol) -> String {
      SmallIsland.words(String(text)).map { names.contains($0) ? "*" : $0 }.joined(separator: " ")
    }
    func sentences(_ text: String) -> [Substring] { text.split { ".?!\"".contains($0) } }
    let told = Set(SmallIsland.lines.flatMap(sentences).map { masked($0) })
    for task in tasks {
      for question in task.questions {
        let asked = sentences(question.prompt).map { masked($0) }.last { $0.split(separator: " ").count > 2 }
        #expect(asked.map(told.contains) == false, "\(task.task): \(question.prompt)")
      }
    }
  }

  @Test func `all words of the questions are known from the pages`() {
    let known = SmallIsland.wordCounts
    let words = tasks.flatMap(\.questions).flatMap { [$0.prompt] + $0.choices }.flatMap(SmallIsland.words)
    #expect(Set(words).filter { known[$0, default: 0] < 4 } == [])
  }

  @Test func `right answers stand at every place equally often`() {
    for task in tasks where task.task != "sciq" {
      let golds = task.questions.compactMap(\.gold)
      guard let choices = task.questions.first?.choices.count, !golds.isEmpty else { continue }
      for place in 0..<choices { #expect(golds.filter { $0 == place }.count == 500 / choices, "\(task.task)") }
    }
  }

  /// A rule that looks at the choices alone: each choice's weight.
  private static let rules: [(name: String, weight: @Sendable (String) -> Double)] = [
    ("the longest", { Double($0.utf8.count) }),
    ("the shortest", { -Double($0.utf8.count) }),
    ("the most common", { Double(commonness($0)) }),
    ("the rarest", { -Double(commonness($0)) }),
  ]

  /// How often the corpora have the rarest of its words.
  private static func commonness(_ text: String) -> Int {
    SmallIsland.words(text).map { SmallIsland.wordCounts[$0, default: 0] }.min() ?? 0
  }

  @Test func `no rule that knows nothing answers better than by chance`() {
    for task in tasks {
      let questions = task.questions.filter { $0.gold != nil }
      guard let choices = questions.first?.choices.count else { continue }
      for rule in Self.rules {
        // Where several choices are equal by the rule, each is taken equally often.
        let right = questions.map { question -> Double in
          let weights = question.choices.map(rule.weight)
          let best = weights.indices.filter { weights[$0] == weights.max() }
          return question.gold.map { best.contains($0) ? 1 / Double(best.count) : 0 } ?? 0
        }
        let chance = 1 / Double(choices)
        let error = (chance * (1 - chance) / Double(right.count)).squareRoot()
        let accuracy = right.reduce(0, +) / Double(right.count)
        // Of some thirty comparisons one is beyond four standard errors once in five hundred worlds.
        #expect(abs(accuracy - chance) < 4 * error, "\(task.task), \(rule.name): \(accuracy)")
      }
    }
  }
}
