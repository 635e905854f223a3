import Tensors

extension World {
  /// The world of a seed.
  package init(seed: UInt64, size: WorldSize = WorldSize()) {
    var builder = WorldBuilder(seed: seed, size: size)
    self = builder.world()
  }
}

/// Makes entities and decides what is so of them, kind after kind, each from a stream of its own.
private struct WorldBuilder {
  private let seed: UInt64
  private let size: WorldSize
  private var names: NameMaker
  private var entities: [Entity] = []
  private var facts: [Fact] = []
  private var ofKind: [Kind: [Entity]] = [:]

  /// The people live in these years, and all that happens does so after them.
  private static let birthYears = 1700...1849

  init(seed: UInt64, size: WorldSize) {
    self.seed = seed
    self.size = size
    names = NameMaker(seed: seed, reserved: NameManner.existing)
  }

  mutating func world() -> World {
    let women = (0..<24).map { _ in names.name(.feminine) }
    let men = (0..<24).map { _ in names.name(.masculine) }
    addIslands()
    addTowns()
    addAnimals()
    addPlants()
    addMaterials()
    addInstruments()
    addPeople(women: women, men: men)
    addTools()
    addBooks()
    addEvents()
    addCrafts()
    let strangers = (0..<12).map { _ in names.name(.feminine) }
    return World(seed: seed, entities: entities, facts: facts, strangers: strangers)
  }

  // MARK: Keeping

  private func stream(_ kind: Kind) -> RandomStream { RandomStream(seed: seed, purpose: "world \(kind.rawValue)") }

  private mutating func add(
    _ kind: Kind, _ name: String, shortName: String? = nil, gender: Entity.Gender = .neuter, takesArticle: Bool = false
  ) -> Entity {
    let entity = Entity(
      id: entities.count, kind: kind, name: name, shortName: shortName ?? name, gender: gender,
      takesArticle: takesArticle)
    entities.append(entity)
    ofKind[kind, default: []].append(entity)
    return entity
  }

  private mutating func state(_ entity: Entity, _ relation: Relation, _ value: String) {
    facts.append(Fact(id: facts.count, subject: entity.id, relation: relation, value: value, object: nil))
  }

  private mutating func state(_ entity: Entity, _ relation: Relation, _ object: Entity) {
    facts.append(
      Fact(id: facts.count, subject: entity.id, relation: relation, value: object.name, object: object.id))
  }

  private func all(_ kind: Kind) -> [Entity] { ofKind[kind, default: []] }

  private func number(_ relation: Relation, of entity: Entity) -> Int {
    guard let fact = facts.first(where: { $0.subject == entity.id && $0.relation == relation }),
      let number = Int(fact.value)
    else { preconditionFailure("\(entity.name) has no number for \(relation.rawValue)") }
    return number
  }

  // MARK: Land

  private mutating func addIslands() {
    var stream = stream(.island)
    let seas = stream.shuffled(Vocabulary.seas)
    let shapes = stream.shuffled(Vocabulary.shapes)
    for index in 0..<size.count(of: .island) {
      let island = add(.island, names.name(.island))
      state(island, .sea, seas[index % seas.count])
      state(island, .shape, shapes[index % shapes.count])
    }
    var rivers = self.stream(.river)
    let islands = all(.island)
    for index in 0..<size.count(of: .river) {
      let river = add(.river, names.name(.river), takesArticle: true)
      state(river, .source, rivers.element(of: Vocabulary.sources))
      state(river, .mouth, rivers.element(of: Vocabulary.mouths))
      state(river, .course, String(rivers.integer(in: 20...190)))
      state(river, .island, islands[index % islands.count])
    }
  }

  /// A town lies on the island of its river, and the first town of an island is its capital.
  private mutating func addTowns() {
    var stream = stream(.town)
    let rivers = all(.river)
    let islands = all(.island)
    for index in 0..<size.count(of: .town) {
      let town = add(.town, names.name(.town))
      let island = islands[index % islands.count]
      let near = rivers.indices.filter { $0 % islands.count == index % islands.count }.map { rivers[$0] }
      state(town, .island, island)
      state(town, .river, stream.element(of: near))
      state(town, .founded, String(stream.integer(in: 1300...1620)))
      state(town, .trade, stream.element(of: Vocabulary.trades))
      state(town, .feast, stream.element(of: Vocabulary.months))
      if index < islands.count { state(island, .capital, town) }
    }
  }

  // MARK: Nature

  private mutating func addAnimals() {
    var stream = stream(.animal)
    for _ in 0..<size.count(of: .animal) {
      let animal = add(.animal, names.name(.animal), takesArticle: true)
      state(animal, .sort, stream.element(of: Vocabulary.sorts))
      state(animal, .habitat, stream.element(of: Vocabulary.habitats))
      state(animal, .food, stream.element(of: Vocabulary.foods))
      state(animal, .coat, stream.element(of: Vocabulary.colours))
      state(animal, .active, stream.element(of: Vocabulary.times))
      state(animal, .nest, stream.element(of: Vocabulary.nests))
    }
  }

  private mutating func addPlants() {
    var stream = stream(.plant)
    for _ in 0..<size.count(of: .plant) {
      let plant = add(.plant, names.name(.plant), takesArticle: true)
      state(plant, .ground, stream.element(of: Vocabulary.grounds))
      state(plant, .flower, stream.element(of: Vocabulary.colours.filter { $0 != "grey" && $0 != "green" }))
      state(plant, .month, stream.element(of: Vocabulary.months))
      state(plant, .use, stream.element(of: Vocabulary.plantUses))
    }
  }

  private mutating func addMaterials() {
    var stream = stream(.material)
    let count = size.count(of: .material)
    // Half of the materials have either value, so that the value cannot be guessed.
    let values = MaterialProperty.all.map { property in
      (property, stream.shuffled((0..<count).map { property.values[$0 % 2] }))
    }
    for index in 0..<count {
      let material = add(.material, names.name(.material))
      state(material, .colour, stream.element(of: Vocabulary.colours))
      state(material, .origin, stream.element(of: all(.town)))
      for (property, values) in values { state(material, property.relation, values[index]) }
    }
  }

  private mutating func addInstruments() {
    var stream = stream(.instrument)
    for _ in 0..<size.count(of: .instrument) {
      let instrument = add(.instrument, names.name(.instrument), takesArticle: true)
      state(instrument, .family, stream.element(of: Vocabulary.families))
      state(instrument, .body, stream.element(of: all(.material)))
      state(instrument, .home, stream.element(of: all(.town)))
      state(instrument, .sound, stream.element(of: Vocabulary.sounds))
    }
  }

  // MARK: People and what they did

  /// In the order of their births, so that a teacher comes before the pupils.
  private mutating func addPeople(women: [String], men: [String]) {
    var stream = stream(.person)
    let years = (0..<size.count(of: .person)).map { _ in stream.integer(in: Self.birthYears) }.sorted()
    var earlier: [(person: Entity, year: Int)] = []
    for year in years {
      let isWoman = stream.chance(percent: 50)
      let family = names.name(.family)
      let given = stream.element(of: isWoman ? women : men)
      let person = add(
        .person, given + " " + family, shortName: family, gender: isWoman ? .feminine : .masculine)
      let towns = stream.sample(2, of: all(.town))
      state(person, .born, towns[0])
      state(person, .year, String(year))
      state(person, .work, stream.element(of: Occupation.all).name)
      state(person, .lives, towns[1])
      state(person, .plays, stream.element(of: all(.instrument)))
      state(person, .keeps, stream.element(of: all(.animal)))
      let teachers = earlier.filter { (18...50).contains(year - $0.year) }
      if !teachers.isEmpty { state(person, .teacher, stream.element(of: teachers).person) }
      earlier.append((person, year))
    }
  }

  private mutating func addTools() {
    var stream = stream(.tool)
    for index in 0..<size.count(of: .tool) {
      let tool = add(.tool, names.name(.tool), takesArticle: true)
      let inventor = stream.element(of: all(.person))
      state(tool, .task, Vocabulary.tasks[index % Vocabulary.tasks.count])
      state(tool, .made, stream.element(of: all(.material)))
      state(tool, .inventor, inventor)
      state(tool, .appeared, String(number(.year, of: inventor) + stream.integer(in: 22...60)))
    }
  }

  private mutating func addBooks() {
    var stream = stream(.book)
    let titles = Vocabulary.titleQualities.flatMap { quality in
      Vocabulary.titleNouns.filter { $0 != quality }.map { "The \(quality) \($0)" }
    }
    for title in stream.sample(size.count(of: .book), of: titles) {
      let book = add(.book, title)
      let author = stream.element(of: all(.person))
      state(book, .author, author)
      state(book, .about, stream.element(of: Vocabulary.topics))
      state(book, .appeared, String(number(.year, of: author) + stream.integer(in: 22...60)))
    }
  }

  private mutating func addEvents() {
    var stream = stream(.event)
    for index in 0..<size.count(of: .event) {
      let type = Vocabulary.events[index % Vocabulary.events.count]
      let event = add(.event, names.name(.family) + " " + type.noun, takesArticle: true)
      let leader = stream.element(of: all(.person))
      state(event, .happened, String(number(.year, of: leader) + stream.integer(in: 20...60)))
      state(event, .place, stream.element(of: all(.town)))
      state(event, .cause, stream.element(of: type.causes))
      state(event, .leader, leader)
    }
  }

  /// Of the things that one can do at a step, each is done for as many crafts of its trade as the others, so that none
  /// is the better guess.
  private mutating func addCrafts() {
    var stream = stream(.craft)
    let count = size.count(of: .craft)
    for (number, trade) in Trade.all.enumerated() {
      let indices = Array(stride(from: number, to: count, by: Trade.all.count))
      let steps = trade.steps.map { choices in
        stream.shuffled(indices.indices.map { choices[$0 % choices.count] })
      }
      for place in indices.indices {
        let product = trade.products[place % trade.products.count]
        let craft = add(.craft, names.name(.style) + " " + product.noun, takesArticle: product.isCounted)
        state(craft, .maker, stream.element(of: all(.town)))
        for (relation, values) in zip(Relation.steps, steps) { state(craft, relation, values[place]) }
      }
    }
  }
}
