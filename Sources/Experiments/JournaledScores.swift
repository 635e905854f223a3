import Artifacts
import Evaluation
import Models
import Recovery
import Tensors

extension LogLikelihoodScorer {
  /// The scores of a benchmark's requests, in their order: those that the journal had when it was opened, and the others,
  /// which are added to it as they are found.
  ///
  /// - Parameter whenScored: told the places of requests whose scores are in the journal now; from any thread.
  /// - Throws: `RequestError`, `JournalError`, and what `whenScored` throws.
  func scores(
    of requests: [EncodedRequest], task: Int, journal: ScoringJournal,
    whenScored: @Sendable (_ places: [Int]) throws -> Void
  ) throws -> [RequestScore] {
    let known = journal.found[task].scores
    let open = requests.indices.filter { known[$0] == nil }
    let found = try scores(
      of: open.map { requests[$0] },
      whenScored: { indices, scores in
        let places = indices.map { open[$0] }
        try journal.add(task: task, places: places, scores: scores)
        try whenScored(places)
      })
    let all = known.merging(zip(open, found)) { $1 }
    return requests.indices.compactMap { all[$0] }
  }

  /// The scores of the one list of requests that a journal is of.
  ///
  /// - Parameters:
  ///   - name: what the requests are, for who watches.
  ///   - shouldStop: asked after each piece of work, whose scores are in the journal by then.
  /// - Throws: `RunStopped`, `RequestError`, `JournalError`.
  package func scores(
    of requests: [EncodedRequest], named name: String, journal: ScoringJournal,
    shouldStop: @escaping @Sendable () -> Bool, report: @escaping @Sendable (EvaluationEvent) -> Void
  ) throws -> [RequestScore] {
    let works = requests.map { Double($0.context.count + $0.continuation.count) }
    let known = journal.found[0].scores.keys.sorted()
    report(.began(work: works.reduce(0, +), doneWork: known.reduce(0) { $0 + works[$1] }))
    report(.taskBegan(name: name, number: 1, count: 1, entries: requests.count, known: known.count))
    if shouldStop() { throw RunStopped() }
    return try scores(of: requests, task: 0, journal: journal) { places in
      report(.advanced(entries: places.count, work: places.reduce(0) { $0 + works[$1] }))
      if shouldStop() { throw RunStopped() }
    }
  }
}

extension AdaptedModel {
  /// The digest of everything that determines scores: two runs with the same one have the same scores. Threads and how
  /// requests are cut into pieces are not among it.
  ///
  /// - Parameters:
  ///   - asked: what is to be scored, and how.
  ///   - program: the digest of this program.
  func question(
    _ asked: [String: CanonicalJSON], model: EvaluatedFolder, adapters: [EvaluatedFolder], program: String
  ) -> String {
    let made: [String: CanonicalJSON] = [
      "model": model.canonical, "prompting": .object(combination.canonical),
      "adapters": .array(adapters.map(\.canonical)), "program": .string(program),
      "openBLAS": .string(OpenBLAS.version), "kernel": .string(OpenBLAS.kernel),
    ]
    return sha256(CanonicalJSON.object(made.merging(asked) { $1 }).text.utf8)
  }
}
