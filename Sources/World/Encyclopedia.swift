import Tensors

/// Writes the articles of the encyclopedia.
struct Encyclopedia {
  let world: World
  private let teller: Teller

  init(_ world: World) {
    self.world = world
    teller = Teller(world: world, lists: EncyclopediaPatterns.lists)
  }

  /// Articles until nothing is due.
  ///
  /// First those on one entity, then registers that gather what is left over.
  func pages(_ exposures: Exposures, part: String) -> [Page] {
    var ledger = Ledger(exposures)
    var stream = RandomStream(seed: world.seed, purpose: "world wikitext \(part)")
    var pages: [Page] = []
    var count = pages.count
    repeat {
      count = pages.count
      for entity in stream.shuffled(world.entities) {
        let due = ledger.due(of: entity, in: world)
        let others = world.facts(about: entity).filter(ledger.isDue)
        guard due.count >= 3 || due.count >= 1 && due.count + others.count >= 5 else { continue }
        pages.append(
          entity.kind == .craft
            ? craftArticle(on: entity, due, &ledger, &stream) : article(on: entity, due, &ledger, &stream))
      }
    } while pages.count > count
    for kind in Kind.allCases {
      var number = 1
      while true {
        let left = stream.shuffled(world.entities(of: kind)).filter { !ledger.due(of: $0, in: world).isEmpty }
        if left.isEmpty { break }
        pages.append(register(of: kind, number, Array(left.prefix(stream.integer(in: 5...8))), &ledger, &stream))
        number += 1
      }
    }
    return stream.shuffled(pages)
  }

  private func article(
    on entity: Entity, _ due: [Fact], _ ledger: inout Ledger, _ stream: inout RandomStream
  ) -> Page {
    var builder = PageBuilder(title: entity.title)
    var rest = due
    func say(_ statement: Statement) {
      builder.say(statement)
      rest.removeAll { statement.facts.contains($0) }
    }
    if let opening = teller.opening(on: entity, rest, &stream) { say(opening) }
    let sections = ArticleLayout.sections(of: entity.kind)
    let isShort = rest.count < 4
    var fillers: [String] = []
    for section in sections {
      let told = rest.filter { section.relations.contains($0.relation) }
      if told.isEmpty { continue }
      if !isShort { builder.line("== " + stream.element(of: section.titles)) }
      let sentences = teller.sentences(on: entity, told, isIntroduced: isShort, &stream)
      for sentence in sentences { say(sentence) }
      if stream.chance(percent: 40), let filler = teller.filler(on: entity, unlike: &fillers, &stream) {
        builder.say(filler)
      }
    }
    let others = stream.sample(8, of: world.facts(about: entity).filter(ledger.isDue))
    var groups: [(title: String, facts: [Fact])] = []
    for fact in others {
      let title = ArticleLayout.title(ofFactsAbout: fact.relation)
      if let index = groups.firstIndex(where: { $0.title == title }) {
        groups[index].facts.append(fact)
      } else {
        groups.append((title, [fact]))
      }
    }
    var used: [String] = []
    for group in groups {
      if isShort { builder.breakLine() } else { builder.line("== " + group.title) }
      for fact in group.facts { builder.say(teller.sentence(stating: fact, unlike: &used, &stream)) }
    }
    return settled(&builder, &ledger)
  }

  private func craftArticle(
    on craft: Entity, _ due: [Fact], _ ledger: inout Ledger, _ stream: inout RandomStream
  ) -> Page {
    var builder = PageBuilder(title: craft.title)
    if let opening = teller.opening(on: craft, due, &stream) { builder.say(opening) }
    var fillers: [String] = []
    if stream.chance(percent: 40), let filler = teller.filler(on: craft, unlike: &fillers, &stream) {
      builder.say(filler)
    }
    if stream.chance(percent: 50) { builder.line("== " + stream.element(of: ["Making", "How it is made", "Steps"])) }
    builder.say(
      stream.element(of: [
        "The making of \(craft.subject) follows an old rule.", "The maker of \(craft.asNew) works like this.",
        "There is only one way to make \(craft.asNew).",
      ]))
    let manner: CraftTelling.Manner = stream.chance(percent: 60) ? .description : .tradition
    builder.say(CraftTelling(world: world, craft: craft).statements(manner, &stream))
    return settled(&builder, &ledger)
  }

  private func register(
    of kind: Kind, _ number: Int, _ entities: [Entity], _ ledger: inout Ledger, _ stream: inout RandomStream
  ) -> Page {
    var builder = PageBuilder(title: "\(ArticleLayout.registerTitle(of: kind)) , part \(number)")
    builder.say(stream.element(of: ArticleLayout.registerOpenings))
    for entity in entities {
      builder.breakLine()
      let due = ledger.due(of: entity, in: world)
      if entity.kind == .craft, due.contains(where: { Relation.steps.contains($0.relation) }) {
        builder.say("This is how \(entity.asNew) is made.")
        builder.say(CraftTelling(world: world, craft: entity).statements(.description, &stream))
      } else {
        builder.say(teller.sentences(on: entity, due, isIntroduced: false, &stream))
      }
      ledger.settle(builder.statements.flatMap(\.facts).filter { $0.subject == entity.id })
    }
    return builder.page()
  }

  private func settled(_ builder: inout PageBuilder, _ ledger: inout Ledger) -> Page {
    ledger.settle(builder.statements.flatMap(\.facts))
    return builder.page()
  }
}
