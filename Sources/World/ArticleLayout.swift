/// What the sections of articles are, and what they are called.
enum ArticleLayout {
  struct Section: Sendable {
    let titles: [String]
    let relations: [Relation]
  }

  static func sections(of kind: Kind) -> [Section] {
    switch kind {
    case .island: [Section(titles: ["Geography", "Position"], relations: [.sea, .shape, .capital])]
    case .river:
      [
        Section(titles: ["Course", "Geography"], relations: [.island, .source, .mouth, .course])
      ]
    case .town:
      [
        Section(titles: ["Geography", "Position"], relations: [.island, .river]),
        Section(titles: ["History", "Early years"], relations: [.founded]),
        Section(titles: ["Economy and customs", "Life in the town", "Trade"], relations: [.trade, .feast]),
      ]
    case .animal:
      [
        Section(titles: ["Description", "Appearance"], relations: [.sort, .coat]),
        Section(titles: ["Habitat and food", "Life", "Distribution and diet"], relations: [.habitat, .food]),
        Section(titles: ["Behaviour", "Habits", "Young"], relations: [.active, .nest]),
      ]
    case .plant:
      [
        Section(titles: ["Description", "Flowers"], relations: [.flower, .month]),
        Section(titles: ["Ground", "Distribution"], relations: [.ground]),
        Section(titles: ["Uses", "Use by people"], relations: [.use]),
      ]
    case .material:
      [
        Section(titles: ["Origin", "Description"], relations: [.colour, .origin]),
        Section(titles: ["Water and fire", "In water and fire"], relations: [.water, .fire, .rain]),
        Section(titles: ["Other properties", "Properties", "In the workshop"], relations: [.heat, .force, .current]),
      ]
    case .instrument:
      [
        Section(titles: ["Build", "Description"], relations: [.family, .body]),
        Section(titles: ["Origin and sound", "History"], relations: [.home, .sound]),
      ]
    case .person:
      [
        Section(titles: ["Early life", "Birth and youth", "Origins"], relations: [.born, .year, .teacher]),
        Section(titles: ["Work", "Career"], relations: [.work, .lives]),
        Section(titles: ["Private life", "Music and pets", "At home"], relations: [.plays, .keeps]),
      ]
    case .tool:
      [
        Section(titles: ["Use", "Description"], relations: [.task, .made]),
        Section(titles: ["History", "Invention"], relations: [.inventor, .appeared]),
      ]
    case .book:
      [
        Section(titles: ["Contents", "Subject"], relations: [.about]),
        Section(titles: ["Origin", "History"], relations: [.author, .appeared]),
      ]
    case .event:
      [
        Section(titles: ["Background", "Causes"], relations: [.cause]),
        Section(titles: ["Events", "Course"], relations: [.happened, .place, .leader]),
      ]
    case .craft: []
    }
  }

  /// The section of an article that tells of other things to which its subject is what the relation says.
  static func title(ofFactsAbout relation: Relation) -> String {
    switch relation {
    case .born, .lives: "People"
    case .island, .river: "Towns and rivers"
    case .origin, .home, .maker: "Goods from the town"
    case .capital: "Rank"
    case .place: "Later history"
    case .teacher: "Pupils"
    case .inventor: "Inventions"
    case .author: "Books"
    case .leader: "Public life"
    case .plays: "Players"
    case .keeps: "As a pet"
    default: "Uses"
    }
  }

  static func registerTitle(of kind: Kind) -> String {
    switch kind {
    case .island: "Islands of the World"
    case .river: "Rivers of the Islands"
    case .town: "Towns of the Islands"
    case .animal: "Animals of the Islands"
    case .plant: "Plants of the Islands"
    case .material: "Materials and Their Properties"
    case .instrument: "Instruments of the Islands"
    case .person: "Register of Lives"
    case .tool: "Tools and Inventions"
    case .book: "Catalogue of Books"
    case .event: "Calendar of Events"
    case .craft: "Crafts of the Islands"
    }
  }

  static let registerOpenings = [
    "The following notes were gathered from several sources.", "This part of the register is in no order.",
    "These entries are short because little is known.", "The entries follow those of the last part.",
  ]
}
