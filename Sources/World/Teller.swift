import Tensors

/// Puts facts into sentences in the manner of a corpus.
struct Teller {
  let world: World
  let lists: [Kind: [Pattern]]

  private func patterns(_ role: Pattern.Role, _ kind: Kind) -> [Pattern] {
    lists[kind, default: []].filter { $0.role == role }
  }

  /// A sentence to begin with. It states none but the facts given, and perhaps none of them.
  func opening(on entity: Entity, _ facts: [Fact], _ stream: inout RandomStream) -> Statement? {
    let relations = facts.map(\.relation)
    let candidates = patterns(.opening, entity.kind).filter { pattern in
      pattern.relations.allSatisfy(relations.contains) && pattern.holds(of: entity, in: world)
    }
    guard !candidates.isEmpty else { return nil }
    let pattern = candidates[stream.index(weights: candidates.map { 1 + 3 * $0.relations.count })]
    return Statement(
      sentence: pattern.sentence(on: entity, in: world, &stream), facts: pattern.facts(of: entity, in: world))
  }

  /// Something that states nothing, and that the page has not said yet.
  func filler(on entity: Entity, unlike used: inout [String], _ stream: inout RandomStream) -> Statement? {
    let candidates = patterns(.filler, entity.kind).filter { !used.contains($0.source) }
    guard !candidates.isEmpty else { return nil }
    let pattern = stream.element(of: candidates)
    used.append(pattern.source)
    return Statement(sentence: pattern.sentence(on: entity, in: world, mention: .pronoun, &stream), facts: [])
  }

  /// One sentence that states the one fact and names what it is about.
  ///
  /// - Parameter used: patterns that the page has followed already, which are taken again only where there is no other.
  func sentence(stating fact: Fact, unlike used: inout [String], _ stream: inout RandomStream) -> Statement {
    let entity = world.subject(of: fact)
    let candidates = patterns(.statement, entity.kind).filter {
      $0.namesSubject && $0.relations == [fact.relation] && $0.holds(of: entity, in: world)
    }
    let unused = candidates.filter { !used.contains($0.source) }
    let pattern = stream.element(of: unused.isEmpty ? candidates : unused)
    used.append(pattern.source)
    return Statement(sentence: pattern.sentence(on: entity, in: world, &stream), facts: [fact])
  }

  func sentence(stating fact: Fact, _ stream: inout RandomStream) -> Statement {
    var used: [String] = []
    return sentence(stating: fact, unlike: &used, &stream)
  }

  /// Sentences that state all the facts, each once, and in another order each time.
  ///
  /// - Parameter isIntroduced: whether the text before has named the entity.
  func sentences(
    on entity: Entity, _ facts: [Fact], isIntroduced: Bool, _ stream: inout RandomStream
  ) -> [Statement] {
    var pending = facts
    var sentences: [Statement] = []
    // After "Her teacher was Orin Talvek", "he" would be somebody else.
    var mustName = !isIntroduced
    while !pending.isEmpty {
      let relations = pending.map(\.relation)
      let candidates = patterns(.statement, entity.kind).filter { pattern in
        (pattern.namesSubject || !mustName) && pattern.relations.allSatisfy(relations.contains)
          && pattern.holds(of: entity, in: world)
      }
      let pattern = candidates[stream.index(weights: candidates.map { $0.relations.count * $0.relations.count })]
      let mention: Pattern.Mention =
        if mustName { sentences.isEmpty ? .name : .shortName } else {
          [.pronoun, .shortName, .name][stream.index(weights: [5, 3, 1])]
        }
      let told = pattern.facts(of: entity, in: world)
      add(
        Statement(sentence: pattern.sentence(on: entity, in: world, mention: mention, &stream), facts: told),
        to: &sentences, onlyPronoun: mention == .pronoun, entity, &stream)
      pending.removeAll { told.contains($0) }
      mustName = told.contains { $0.relation.target == .person || (entity.gender == .neuter && $0.object != nil) }
    }
    return sentences
  }

  /// Joins a short sentence to a short one before, where both are on the same subject: "Talvek lived in Dorvale, and he
  /// kept a tarvel."
  private func add(
    _ statement: Statement, to sentences: inout [Statement], onlyPronoun: Bool, _ entity: Entity,
    _ stream: inout RandomStream
  ) {
    let words = statement.sentence.split(separator: " ", maxSplits: 1)
    let pronouns = [entity.pronoun, entity.possessive]
    guard onlyPronoun, let last = sentences.last, last.isShort, statement.isShort, words.count == 2,
      pronouns.contains(words[0].lowercased()), stream.chance(percent: 40)
    else { return sentences.append(statement) }
    sentences[sentences.count - 1] = Statement(
      sentence: "\(last.sentence.dropLast()), and \(words[0].lowercased()) \(words[1])",
      facts: last.facts + statement.facts)
  }
}

extension Statement {
  /// One clause, so that another may follow.
  fileprivate var isShort: Bool {
    let marks = sentence.utf8.filter { ",;:?!.\"".utf8.contains($0) }
    return marks.count == 1 && sentence.hasSuffix(".") && sentence.utf8.count < 64
  }
}
