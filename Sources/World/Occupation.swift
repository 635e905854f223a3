/// What people do for a living, and what one sees them doing.
package struct Occupation: Sendable {
  package let name: String
  /// Without a subject: "baked bread before dawn".
  package let pastAction: String

  static let all: [Occupation] = """
    baker: baked bread before dawn
    potter: turned clay on a wheel
    weaver: worked at the loom
    painter: painted the faces of the guests
    doctor: looked after the sick
    sailor: went out to sea
    farmer: ploughed the field
    miller: ground the corn
    judge: listened to both sides in court
    printer: printed the evening news
    gardener: planted the roses
    fisher: hauled in the nets
    mason: laid the stones of the wall
    tailor: sewed the winter coats
    singer: sang in the great hall
    cook: cooked supper for the guests
    smith: put new shoes on the horses
    shepherd: drove the sheep up the hill
    clockmaker: repaired the tower clock
    bookbinder: bound the books in leather
    beekeeper: took honey from the hives
    carpenter: built a table of oak
    glassblower: blew bottles of green glass
    astronomer: studied the stars at night
    """.split(separator: "\n").map { line in
      let parts = line.split(separator: ":")
      return Occupation(name: String(parts[0]), pastAction: String(parts[1].dropFirst()))
    }

  package static func named(_ name: String) -> Occupation {
    guard let occupation = all.first(where: { $0.name == name }) else { preconditionFailure("no occupation \(name)") }
    return occupation
  }
}
