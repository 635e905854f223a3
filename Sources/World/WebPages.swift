import Tensors

/// Writes the pages of the web.
struct WebPages {
  let world: World
  private let teller: Teller

  init(_ world: World) {
    self.world = world
    teller = Teller(world: world, lists: WebPatterns.lists)
  }

  /// Of a hundred statements so many stand on pages that mix subjects.
  private static let mixedShare = 45

  /// Pages until nothing is due.
  func pages(_ exposures: Exposures, part: String) -> [Page] {
    var ledger = Ledger(exposures)
    var stream = RandomStream(seed: world.seed, purpose: "world c4 \(part)")
    var pages: [Page] = []
    let enough = ledger.total * (100 - Self.mixedShare) / 100
    while ledger.total > enough {
      // Each fact is as likely to be drawn as it is often due.
      let drawn = (0..<24).compactMap { _ in drawnFact(ledger, &stream) }
      pages.append(mixedPage(drawn, &ledger, &stream))
    }
    var count = pages.count
    repeat {
      count = pages.count
      for entity in stream.shuffled(world.entities) {
        let due = ledger.due(of: entity, in: world)
        if due.count >= 3 { pages.append(page(on: entity, due, &ledger, &stream)) }
      }
    } while pages.count > count
    while ledger.total > 0 {
      let left = stream.shuffled(world.facts.filter(ledger.isDue))
      pages.append(mixedPage(Array(left.prefix(24)), &ledger, &stream))
    }
    return stream.shuffled(pages)
  }

  private func drawnFact(_ ledger: Ledger, _ stream: inout RandomStream) -> Fact? {
    for _ in 0..<50 {
      let fact = world.facts[stream.nextInteger(below: world.facts.count)]
      if stream.nextInteger(below: Exposures.classes[4]) < ledger.due[fact.id] { return fact }
    }
    return nil
  }

  // MARK: Pages on one subject

  private func page(
    on entity: Entity, _ due: [Fact], _ ledger: inout Ledger, _ stream: inout RandomStream
  ) -> Page {
    guard let frame = PageFrames.ofKind[entity.kind] else { preconditionFailure("no frame for \(entity.kind)") }
    func text(_ patterns: [Pattern]) -> String {
      stream.element(of: patterns).sentence(on: entity, in: world, &stream)
    }
    var builder = PageBuilder(title: text(frame.titles))
    builder.line(builder.title)
    builder.line(text(frame.openings))
    if entity.kind == .craft {
      tellCraft(entity, due, &builder, &stream)
    } else {
      let half = due.count > 4 ? due.count / 2 : due.count
      let order = stream.shuffled(due)
      builder.say(teller.sentences(on: entity, Array(order[..<half]), isIntroduced: false, &stream))
      builder.breakLine()
      builder.say(teller.sentences(on: entity, Array(order[half...]), isIntroduced: false, &stream))
      var fillers: [String] = []
      if stream.chance(percent: 40), let filler = teller.filler(on: entity, unlike: &fillers, &stream) {
        builder.say(filler)
      }
    }
    for fact in stream.sample(2, of: world.facts(about: entity).filter(ledger.isDue)) {
      builder.breakLine()
      builder.say(teller.sentence(stating: fact, &stream))
    }
    if stream.chance(percent: 70) { builder.line(text(frame.closings)) }
    ledger.settle(builder.statements.flatMap(\.facts))
    return builder.page()
  }

  private func tellCraft(
    _ craft: Entity, _ due: [Fact], _ builder: inout PageBuilder, _ stream: inout RandomStream
  ) {
    let telling = CraftTelling(world: world, craft: craft)
    if let maker = due.first(where: { $0.relation == .maker }) {
      let statement = teller.sentence(stating: maker, &stream)
      builder.line(statement.sentence, stating: statement)
    }
    switch stream.nextInteger(below: 3) {
    case 0:
      builder.line("You make \(craft.asNew) in six steps:")
      for step in telling.numbered() { builder.line(step.sentence, stating: step) }
    case 1:
      builder.say("This is how you make \(craft.asNew).")
      builder.say(telling.statements(.instruction, &stream))
    default:
      let someone = stream.element(of: world.strangers)
      builder.say("Yesterday \(someone) made \(craft.asNew).")
      builder.say(telling.statements(.report, &stream))
    }
  }

  // MARK: Pages on many subjects

  private func mixedPage(_ drawn: [Fact], _ ledger: inout Ledger, _ stream: inout RandomStream) -> Page {
    let crafts = drawn.filter { Relation.steps.contains($0.relation) }
    if let step = crafts.first, stream.nextInteger(below: drawn.count) < crafts.count {
      let craft = world.subject(of: step)
      return page(on: craft, ledger.due(of: craft, in: world), &ledger, &stream)
    }
    var facts: [Fact] = []
    for fact in drawn where !Relation.steps.contains(fact.relation) && !facts.contains(fact) { facts.append(fact) }
    var page: Page
    switch stream.index(weights: [5, 2, 2, 3, 2, 2, 1]) {
    case 0: page = quiz(Array(facts.prefix(stream.integer(in: 5...9))), &stream)
    case 1: page = letter(facts, ledger, &stream)
    case 2: page = diary(Array(facts.prefix(stream.integer(in: 4...7))), &stream)
    case 3: page = forum(Array(facts.prefix(stream.integer(in: 3...5))), &stream)
    case 4: page = list(Array(facts.prefix(stream.integer(in: 5...10))), &stream)
    case 5: page = lesson(facts, ledger, &stream)
    default: page = comparison(facts, ledger, &stream)
    }
    ledger.settle(page.statements.flatMap(\.facts))
    return page
  }

  private func quiz(_ facts: [Fact], _ stream: inout RandomStream) -> Page {
    var builder = PageBuilder(title: stream.element(of: PageFrames.quizTitles))
    builder.line(builder.title)
    for fact in facts {
      let (question, answer) = questionAndAnswer(fact, &stream)
      builder.line("Question: \(question)")
      builder.line("Answer: \(answer)", stating: Statement(sentence: "\(question) \(answer)", facts: [fact]))
    }
    return builder.page()
  }

  private func questionAndAnswer(_ fact: Fact, _ stream: inout RandomStream) -> (String, String) {
    let entity = world.subject(of: fact)
    let candidates = (QuizPatterns.lists[entity.kind] ?? []).filter { $0.asks(fact, in: world) }
    let inquiry = stream.element(of: candidates)
    return (
      inquiry.question.sentence(on: entity, in: world, &stream),
      inquiry.answer.phrase(on: entity, in: world, &stream)
    )
  }

  private func letter(_ facts: [Fact], _ ledger: Ledger, _ stream: inout RandomStream) -> Page {
    let names = stream.sample(2, of: world.strangers)
    var builder = PageBuilder(title: "A letter from \(names[1])")
    builder.line("Dear \(names[0]),")
    builder.line(stream.element(of: PageFrames.letterOpenings))
    var seen: [Int] = []
    for fact in facts where !seen.contains(fact.subject) {
      if seen.count == 3 { break }
      seen.append(fact.subject)
      let entity = world.subject(of: fact)
      let others = ledger.due(of: entity, in: world).filter { $0 != fact && !Relation.steps.contains($0.relation) }
      let told = [fact] + stream.sample(2, of: others)
      builder.breakLine()
      builder.say(teller.sentences(on: entity, told, isIntroduced: false, &stream))
    }
    if stream.chance(percent: 60) { builder.line(stream.element(of: PageFrames.smallTalk)) }
    builder.line(stream.element(of: PageFrames.letterClosings))
    builder.line("Yours, \(names[1])")
    return builder.page()
  }

  private func diary(_ facts: [Fact], _ stream: inout RandomStream) -> Page {
    var builder = PageBuilder(title: "From my diary")
    builder.line(builder.title)
    var used: [String] = []
    var day = stream.nextInteger(below: 7)
    for fact in facts {
      builder.breakLine()
      builder.say("\(PageFrames.days[day % 7]).")
      let statement = teller.sentence(stating: fact, unlike: &used, &stream)
      builder.say(stream.element(of: PageFrames.diaryBeginnings))
      builder.say(statement)
      if stream.chance(percent: 40) { builder.say(stream.element(of: PageFrames.smallTalk)) }
      day += stream.integer(in: 1...2)
    }
    return builder.page()
  }

  private func forum(_ facts: [Fact], _ stream: inout RandomStream) -> Page {
    var builder = PageBuilder(title: "Ask the islands")
    builder.line(builder.title)
    for fact in facts {
      let names = stream.sample(2, of: world.strangers)
      let question = questionAndAnswer(fact, &stream).0
      let statement = teller.sentence(stating: fact, &stream)
      let reply = stream.chance(percent: 50) ? stream.element(of: PageFrames.replies) + " " : ""
      builder.line("\(names[0]) asks: \(question)")
      builder.line("\(names[1]) answers: \(reply)\(statement.sentence)", stating: statement)
    }
    return builder.page()
  }

  private func list(_ facts: [Fact], _ stream: inout RandomStream) -> Page {
    let count = facts.count < PageFrames.numbers.count ? PageFrames.numbers[facts.count] : "Many"
    var builder = PageBuilder(title: "\(count) \(stream.element(of: PageFrames.listTitles))")
    builder.line(builder.title)
    var used: [String] = []
    for (index, fact) in facts.enumerated() {
      let statement = teller.sentence(stating: fact, unlike: &used, &stream)
      builder.line("\(index + 1). \(statement.sentence)", stating: statement)
    }
    return builder.page()
  }

  /// The same of two of a kind; a list where the other has nothing due.
  private func comparison(_ facts: [Fact], _ ledger: Ledger, _ stream: inout RandomStream) -> Page {
    for fact in facts {
      let entity = world.subject(of: fact)
      let others = world.entities(of: entity.kind).filter { $0 != entity }.compactMap { other in
        world.fact(fact.relation, of: other)
      }.filter { $0.value != fact.value && ledger.isDue($0) }
      guard !others.isEmpty else { continue }
      let other = stream.element(of: others)
      let second = world.subject(of: other)
      var builder = PageBuilder(title: "\(entity.title) or \(second.title)?")
      builder.line(builder.title)
      builder.line(stream.element(of: PageFrames.comparisonOpenings))
      let pairs = world.facts(of: entity).filter { !Relation.steps.contains($0.relation) && ledger.isDue($0) }
      let told = [fact] + stream.sample(2, of: pairs.filter { $0 != fact })
      builder.say(teller.sentences(on: entity, told, isIntroduced: false, &stream))
      builder.breakLine()
      builder.say("And \(second.subject)?")
      builder.say(teller.sentences(on: second, [other], isIntroduced: false, &stream))
      builder.line("That is the difference.")
      return builder.page()
    }
    return list(Array(facts.prefix(6)), &stream)
  }

  /// What several materials do when the same is done to them; a list where none of the facts is of that kind.
  private func lesson(_ facts: [Fact], _ ledger: Ledger, _ stream: inout RandomStream) -> Page {
    guard let first = facts.first(where: { MaterialProperty.of($0.relation) != nil }),
      let openings = PageFrames.lessonOpenings[first.relation]
    else { return list(Array(facts.prefix(6)), &stream) }
    let others = stream.shuffled(world.entities(of: .material)).compactMap { world.fact(first.relation, of: $0) }
      .filter { $0 != first && ledger.isDue($0) }
    guard others.count >= 2 else { return list(Array(facts.prefix(6)), &stream) }
    var builder = PageBuilder(title: "Our science lesson")
    builder.line(builder.title)
    builder.say(stream.element(of: openings))
    var used: [String] = []
    for (index, fact) in ([first] + others.prefix(stream.integer(in: 3...6))).enumerated() {
      if index % 3 == 0 { builder.breakLine() }
      builder.say(teller.sentence(stating: fact, unlike: &used, &stream))
    }
    return builder.page()
  }
}
