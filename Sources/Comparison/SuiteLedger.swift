import Results

/// The flip ledger of a suite: what became of each document in each cell that was compressed and recovered, and the
/// answer that it gives, pooled over cells.
///
/// Pooled trials of one document are one cluster; where it is known which fact a document asks for, so are those of all
/// documents that ask for the same fact.
package struct SuiteLedger: Sendable {
  /// Methods that are judged together.
  package enum Family: String, CaseIterable, Sendable {
    case all = "all methods"
    /// One prompt, IDP and concatenation: no weight of the model changes, and nothing is stored but inputs.
    case prompts = "prompts"
    case prefixes = "prefixes"
    case lora = "LoRA"

    package func contains(_ kind: SuiteEvidence.Recovery.Kind) -> Bool {
      switch (self, kind) {
      case (_, .none): false
      case (.all, _), (.prompts, .prompt), (.prompts, .idp), (.prompts, .concatenation), (.prefixes, .prefix),
        (.lora, .lora):
        true
      case (.prompts, _), (.prefixes, _), (.lora, _): false
      }
    }
  }

  /// One cell, with the documents of each of its tasks.
  package struct Entry: Sendable {
    package struct Task: Sendable {
      package let name: String
      /// A `1` for each document that was right.
      let before: String
      let compressed: String
      let recovered: String
      package let ledger: FlipLedger
    }

    package let cell: Cell
    package let compression: SuiteEvidence.Compression
    package let recovery: SuiteEvidence.Recovery
    package let tasks: [Task]
    /// Of the results before compression, after it and after the recovery.
    package let files: [EvidenceFile]

    package var ledger: FlipLedger { tasks.reduce(FlipLedger()) { $0 + $1.ledger } }

    /// Of those of the tasks that the domain has.
    package func ledger(of domain: PublishedAverage) -> FlipLedger? {
      let own = tasks.filter { domain.tasks.contains($0.name) }
      return own.isEmpty ? nil : own.reduce(FlipLedger()) { $0 + $1.ledger }
    }
  }

  /// A part of the suite, and what all methods of a family did there.
  package struct Group: Sendable {
    package let name: String
    package let family: Family
    package let displacement: Displacement
  }

  /// What became of the documents that ask for one fact, over all cells.
  package struct FactFate: Equatable, Sendable {
    package let fact: String
    package let exposures: Int
    package let ledger: FlipLedger
  }

  /// Why a cell is not in the ledger.
  private struct Problem {
    /// Of the cell; nil where there is no cell at all.
    let kind: SuiteEvidence.Recovery.Kind?
    let text: String
  }

  package let entries: [Entry]
  private let allProblems: [Problem]
  package let domains: [PublishedAverage]
  private let facts: DocumentFacts?
  private let clusters: Clusters

  /// - Parameters:
  ///   - domains: Groups of tasks, such as the paper's World, Common and Language.
  ///   - facts: In the order in which documents were scored.
  package init(_ evidence: SuiteEvidence, domains: [PublishedAverage], facts: DocumentFacts? = nil) {
    var entries: [Entry] = []
    var problems: [Problem] = []
    do throws(MissingInput) {
      let (dense, compressed, unrecovered) = try evidence.roles()
      for model in evidence.models {
        let before = evidence.finding(model, dense, unrecovered)
        for compression in compressed {
          let after = evidence.finding(model, compression, unrecovered)
          for recovery in evidence.recoveries where recovery.kind != .none {
            guard let recovered = evidence.finding(model, compression, recovery) else { continue }
            let findings = [before, after, recovered].compactMap(\.self)
            let results = findings.compactMap(\.result)
            guard results.count == 3 else {
              let texts = findings.compactMap(\.problem)
              let other = "the suite \(evidence.suite) does not score what \(recovered.cell) is held against"
              problems += (texts.isEmpty ? [other] : texts).map { Problem(kind: recovery.kind, text: $0) }
              continue
            }
            do throws(MissingInput) {
              entries.append(
                Entry(
                  cell: recovered.cell, compression: compression, recovery: recovery, tasks: try Self.tasks(results),
                  files: findings.compactMap(\.file)))
            } catch {
              problems.append(Problem(kind: recovery.kind, text: error.what))
            }
          }
        }
      }
    } catch {
      problems.append(Problem(kind: nil, text: error.what))
    }
    self.entries = entries
    allProblems = problems
    self.domains = domains.filter { domain in
      entries.contains { entry in
        let count = entry.tasks.count { domain.tasks.contains($0.name) }
        return count > 0 && count < entry.tasks.count
      }
    }
    self.facts = facts
    clusters = Clusters(entries, facts)
  }

  /// - Parameter results: Before compression, after it, and after the recovery.
  private static func tasks(_ results: [CellResult]) throws(MissingInput) -> [Entry.Task] {
    let first = try pairedTasks(results[0], results[1])
    let second = try pairedTasks(results[0], results[2])
    let thirds = Dictionary(uniqueKeysWithValues: second.map { ($0.first.name, $0.second) })
    var tasks: [Entry.Task] = []
    for pair in first {
      guard let third = thirds[pair.first.name] else { continue }
      tasks.append(
        Entry.Task(
          name: pair.first.name, before: pair.first.correct, compressed: pair.second.correct, recovered: third.correct,
          ledger: FlipLedger(before: pair.first.correct, compressed: pair.second.correct, recovered: third.correct)))
    }
    return tasks
  }

  /// Why cells are not in it.
  package var problems: [String] { problems(of: .all) }

  /// Why cells that recoveries of a family need are not in it, each reason once.
  package func problems(of family: Family) -> [String] {
    var seen: Set<String> = []
    return allProblems.filter { $0.kind.map(family.contains) ?? true }.map(\.text).filter { seen.insert($0).inserted }
  }

  /// What trials are clustered by.
  package var clusterName: String { facts == nil ? "document" : "fact" }

  /// The families of which there is a cell.
  package var families: [Family] {
    Family.allCases.filter { family in entries.contains { family.contains($0.recovery.kind) } }
  }

  /// The answer of the whole suite, by family.
  package func answers() -> [Group] {
    families.map { Group(name: "the suite", family: $0, displacement: Displacement(counts(of: $0))) }
  }

  /// The answer for each model and compression, by family.
  package func answersByCompression() -> [Group] {
    var names: [String] = []
    for entry in entries where !names.contains(Self.name(entry)) { names.append(Self.name(entry)) }
    return names.flatMap { name in
      families.filter { family in
        entries.contains { Self.name($0) == name && family.contains($0.recovery.kind) }
      }.map { family in
        Group(
          name: name, family: family,
          displacement: Displacement(counts(of: family, where: { Self.name($0) == name })))
      }
    }
  }

  private static func name(_ entry: Entry) -> String { "\(entry.cell.model), \(entry.cell.compression)" }

  /// The answer for each domain, over all methods.
  package func answersByDomain() -> [Group] {
    domains.map { domain in
      Group(
        name: domain.name, family: .all,
        displacement: Displacement(counts(of: .all, tasks: { domain.tasks.contains($0) })))
    }
  }

  /// The answer by how often the corpora state the fact that a document asks for, in classes of doubling numbers; empty
  /// where that is not known.
  package func answersByExposure(_ family: Family = .all) -> [Group] {
    guard let facts else { return [] }
    var largest = 0
    for entry in entries.prefix(1) {
      for task in entry.tasks {
        for place in 0..<task.ledger.documents {
          largest = max(largest, facts.asked(task.name, place)?.exposures ?? 0)
        }
      }
    }
    var ranges: [ClosedRange<Int>] = [0...0]
    var lower = 1
    while lower <= largest {
      ranges.append(lower...(2 * lower - 1))
      lower *= 2
    }
    return ranges.compactMap { range in
      let counts = counts(of: family) { task, place in
        facts.asked(task, place).map { range.contains($0.exposures) } ?? false
      }
      guard counts.ledger.documents > 0 else { return nil }
      let name = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
      return Group(name: name, family: family, displacement: Displacement(counts))
    }
  }

  /// Each fact that a document asks for, over all cells of all methods, sorted by its name.
  package func factFates() -> [FactFate] {
    guard let facts else { return [] }
    var fates: [String: (exposures: Int, ledger: FlipLedger)] = [:]
    for entry in entries {
      for task in entry.tasks {
        Self.forEachDocument(task) { place, before, compressed, recovered in
          guard let asked = facts.asked(task.name, place) else { return }
          fates[asked.fact, default: (asked.exposures, FlipLedger())].ledger.add(
            before: before, compressed: compressed, recovered: recovered)
        }
      }
    }
    return fates.map { FactFate(fact: $0.key, exposures: $0.value.exposures, ledger: $0.value.ledger) }
      .sorted { $0.fact < $1.fact }
  }

  /// What prompts bring back of the lost, less what LoRA brings back of them; nil where one of the two is missing.
  package func promptsLessLoRA() -> Displacement.Share? {
    guard families.contains(.prompts), families.contains(.lora) else { return nil }
    return counts(of: .prompts).broughtBack(less: counts(of: .lora))
  }

  /// What one cell's documents say, those of all tasks or of a domain's.
  package func displacement(of entry: Entry, in domain: PublishedAverage? = nil) -> Displacement {
    var counts = ClusterCounts(clusters: clusters.count)
    for task in entry.tasks where domain.map({ $0.tasks.contains(task.name) }) ?? true {
      add(entry, task, to: &counts) { _ in true }
    }
    return Displacement(counts)
  }

  private func counts(
    of family: Family, where isIncluded: (Entry) -> Bool = { _ in true }, tasks: (String) -> Bool = { _ in true }
  ) -> ClusterCounts {
    counts(of: family, where: isIncluded, tasks: tasks) { _, _ in true }
  }

  private func counts(
    of family: Family, where isIncluded: (Entry) -> Bool = { _ in true }, tasks: (String) -> Bool = { _ in true },
    documents: (String, Int) -> Bool
  ) -> ClusterCounts {
    var counts = ClusterCounts(clusters: clusters.count)
    for entry in entries where family.contains(entry.recovery.kind) && isIncluded(entry) {
      for task in entry.tasks where tasks(task.name) { add(entry, task, to: &counts) { documents(task.name, $0) } }
    }
    return counts
  }

  private func add(_ entry: Entry, _ task: Entry.Task, to counts: inout ClusterCounts, where isIncluded: (Int) -> Bool)
  {
    guard let own = clusters.byTask[task.name] else { return }
    let key = ClusterCounts.Key(model: entry.cell.model, compression: entry.cell.compression, task: task.name)
    var stratum = counts.strata.removeValue(forKey: key) ?? ClusterCounts.Stratum(clusters: own)
    Self.forEachDocument(task) { place, before, compressed, recovered in
      guard isIncluded(place) else { return }
      counts.ledger.add(before: before, compressed: compressed, recovered: recovered)
      stratum.add(place, before: before, compressed: compressed, recovered: recovered)
    }
    counts.strata[key] = stratum
  }

  private static func forEachDocument(_ task: Entry.Task, _ body: (Int, Bool, Bool, Bool) -> Void) {
    let one = UInt8(ascii: "1")
    var place = 0
    for ((before, compressed), recovered) in zip(zip(task.before.utf8, task.compressed.utf8), task.recovered.utf8) {
      body(place, before == one, compressed == one, recovered == one)
      place += 1
    }
  }

  /// A number for each document of each task; documents that ask for the same fact share it.
  private struct Clusters: Sendable {
    private(set) var byTask: [String: [Int]] = [:]
    private(set) var count = 0

    init(_ entries: [Entry], _ facts: DocumentFacts?) {
      var byFact: [String: Int] = [:]
      for task in entries.flatMap(\.tasks) {
        let known = byTask[task.name]?.count ?? 0
        for place in stride(from: known, to: task.ledger.documents, by: 1) {
          var number = count
          if let fact = facts?.asked(task.name, place)?.fact {
            number = byFact[fact] ?? count
            byFact[fact] = number
          }
          if number == count { count += 1 }
          byTask[task.name, default: []].append(number)
        }
      }
    }
  }
}
