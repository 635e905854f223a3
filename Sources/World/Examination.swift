import Tensors

/// The nine task files of a world.
package struct Examination: Sendable {
  package let files: [TaskFile]

  /// - Parameter documents: How many each task asks, where the world has facts enough.
  package init(_ world: World, documents: Int) {
    var stream = RandomStream(seed: world.seed, purpose: "world facts to ask")
    let inOrder = stream.shuffled(world.facts)
    func askable(_ lists: [Kind: [Inquiry]]) -> [Fact] {
      inOrder.filter { fact in (lists[world.subject(of: fact).kind] ?? []).contains { $0.asks(fact, in: world) } }
    }
    let nature = askable(QuestionPatterns.nature)
    let school = nature.filter { ![.instrument, .tool].contains(world.subject(of: $0).kind) }.prefix(documents)
    // Others than the school's as far as there are; a passage that states what is asked makes it another question.
    let science = (nature.filter { !school.contains($0) } + school).prefix(documents)
    let searches = Array(askable(QuestionPatterns.searches).prefix(documents))
    let trivia = Array(askable(QuestionPatterns.trivia).prefix(documents))
    files = [
      ARCFile.easy(world, Array(school)), ARCFile.challenge(world, documents), SciQFile.file(world, Array(science)),
      WebQuestionsFile.file(world, searches), TriviaQAFile.file(world, trivia), PIQAFile.file(world, documents),
      HellaSwagFile.file(world, documents), LAMBADAFile.file(world, documents, notAsking: searches + trivia),
      WinoGrandeFile.file(world, documents),
    ]
  }
}

extension World {
  /// A stream for the documents of a task.
  func stream(forTask task: String) -> RandomStream { RandomStream(seed: seed, purpose: "world task \(task)") }

  /// One of the inquiries that ask for the fact.
  func inquiry(
    _ lists: [Kind: [Inquiry]], for fact: Fact, _ stream: inout RandomStream
  ) -> Inquiry {
    stream.element(of: (lists[subject(of: fact).kind] ?? []).filter { $0.asks(fact, in: self) })
  }
}
