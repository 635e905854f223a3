/// Sentences with two names and a gap that one of them fills. Each has a twin, in which it is the other.
enum WinogradPatterns {
  struct Scene: Sendable {
    let relation: Relation
    /// `{X}` and `{Y}` are the names, `{someone}` is a woman who is known for nothing else.
    let beginning: String
    /// What comes behind the gap for each value that can be told apart.
    let endings: [(value: String, text: String)]

    init(_ relation: Relation, _ beginning: String, _ endings: (String, String)...) {
      self.relation = relation
      self.beginning = beginning
      self.endings = endings.map { (value: $0.0, text: $0.1) }
    }
  }

  static let materials = [
    Scene(
      .water, "A box of {X} and a box of {Y} fell from the boat, and the box of _", ("floats", "floats on the water"),
      ("sinks", "sinks to the bottom")),
    Scene(
      .water, "{someone} threw a piece of {X} and a piece of {Y} into the pond and saw that the piece of _",
      ("floats", "came up again"), ("sinks", "went to the bottom")),
    Scene(
      .fire, "There was a wall of {X} and a wall of {Y} in the house, and when the fire came, the wall of _",
      ("burns", "was burning at once"), ("resists", "did not burn")),
    Scene(
      .fire, "{someone} held {X} and {Y} in the flame and saw that _", ("burns", "catches fire"),
      ("resists", "does not burn")),
    Scene(
      .heat, "{someone} has tea in a cup of {X} and soup in a pot of {Y}, and after an hour she finds that _",
      ("holds", "keeps heat in"), ("passes", "lets heat through")),
    Scene(
      .heat, "There are two hot cups, one of {X} and one of {Y}, and {someone} knows that _",
      ("holds", "keeps the tea warm"), ("passes", "lets the tea get cold")),
    Scene(
      .force, "{someone} put a heavy load on a rod of {X} and on a rod of {Y}, and the rod of _",
      ("bends", "bends without breaking"), ("breaks", "breaks into pieces")),
    Scene(
      .force, "A stick of {X} and a stick of {Y} fell on the stone floor, and the stick of _",
      ("bends", "was not broken"), ("breaks", "was broken")),
    Scene(
      .rain, "One tent was made of {X} and one of {Y}, and in the rain the tent of _", ("sheds", "kept us dry"),
      ("soaks", "was soon wet")),
    Scene(
      .rain, "{someone} poured water over {X} and over {Y} and saw that _", ("sheds", "keeps rain out"),
      ("soaks", "soaks up water")),
    Scene(
      .current, "{someone} joined the wires first with {X} and then with {Y}, and the lamp told her that _",
      ("carries", "carries a current"), ("stops", "stops a current")),
    Scene(
      .current, "During the storm {someone} stood between a pole of {X} and a pole of {Y} and hoped that _",
      ("carries", "carries the current away"), ("stops", "stops the current")),
  ]

  /// The value itself stands behind the gap, after these words and before those.
  struct Meeting: Sendable {
    let relation: Relation
    let beginning: String
    /// With a gap for the value.
    let ending: Pattern

    init(_ relation: Relation, _ beginning: String, _ ending: String) {
      self.relation = relation
      self.beginning = beginning
      self.ending = Pattern(ending)
    }
  }

  static let animals = [
    Meeting(.active, "{someone} has a {X} and a {Y} in the garden, and she knows that the _", "is active {active}"),
    Meeting(.active, "A {X} and a {Y} were asleep under the tree until the _", "got up {active}"),
    Meeting(.food, "{someone} put a bowl on the floor for the {X} and the {Y}, and only the _", "eats {food}"),
    Meeting(.habitat, "{someone} set the {X} and the {Y} free, and later she heard that the _", "lives in {habitat}"),
    Meeting(.coat, "{someone} made a picture of the {X} and the {Y} on which the _", "is {coat}"),
  ]

  static let people = [
    Meeting(.work, "{X} and {Y} met on the road, but they had to go on because _", "was {a work}"),
    Meeting(.work, "{X} and {Y} lived in one house, and every day _", "{work!}"),
    Meeting(.plays, "{X} and {Y} came to the wedding, where _", "played the {plays}"),
    Meeting(.lives, "{X} and {Y} said goodbye at the harbour, since _", "lived in {lives}"),
    Meeting(.born, "{X} and {Y} went to look for old friends, for _", "was born in {born}"),
    Meeting(.keeps, "{X} and {Y} heard a noise behind the door and laughed, because _", "kept {a keeps}"),
  ]
}
