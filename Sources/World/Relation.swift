/// What the world consists of.
package enum Kind: String, Sendable, CaseIterable {
  case island, river, town, animal, plant, material, instrument, person, tool, book, event, craft
}

/// What can be said of an entity. Every relation has one value at most for each entity, so that no two statements can
/// contradict one another.
package enum Relation: String, Sendable, CaseIterable {
  // Of islands and rivers
  case sea, shape, capital
  case source, mouth, course
  // Of towns
  case island, river, founded, trade, feast
  // Of animals
  case sort, habitat, food, coat, active, nest
  // Of plants
  case ground, flower, month, use
  // Of materials
  case colour, origin, water, fire, heat, force, rain, current
  // Of instruments
  case family, body, home, sound
  // Of people
  case born, year, work, teacher, lives, plays, keeps
  // Of tools
  case task, made, inventor
  // Of books
  case author, about, appeared
  // Of events
  case happened, place, cause, leader
  // Of crafts: the steps of making something, in their order
  case maker, first, second, third, fourth, fifth, sixth

  /// The steps of a craft, in their order.
  static let steps: [Relation] = [.first, .second, .third, .fourth, .fifth, .sixth]

  /// What the value is an entity of; nil for a word or a number.
  package var target: Kind? {
    switch self {
    case .capital, .origin, .home, .born, .lives, .place, .maker: .town
    case .island: .island
    case .river: .river
    case .teacher, .inventor, .author, .leader: .person
    case .plays: .instrument
    case .keeps: .animal
    case .body, .made: .material
    default: nil
    }
  }
}
