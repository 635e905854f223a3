/// Goals and the ways to reach them, which depend on what a material does.
enum PhysicalPatterns {
  /// The goal names a material; what to do depends on its property.
  struct Handling: Sendable {
    let relation: Relation
    let goals: [Pattern]
    /// What is right for the first value of the property, and for the second.
    let solutions: [String]

    init(_ relation: Relation, _ goals: String, _ solutions: String...) {
      self.relation = relation
      self.goals = Pattern.list(goals)
      self.solutions = solutions
    }
  }

  static let handlings = [
    Handling(
      .water,
      "Find a spoon of {name} that has fallen into a pond.\nA cup of {name} fell into the river. Find it again.",
      "Look for it on the surface of the water.", "Look for it at the bottom of the water."),
    Handling(
      .fire, "Clean the house and get rid of an old chair of {name}.\nGet rid of a broken box of {name}.",
      "Put it into the stove, and soon it will be gone.",
      "Put it into a hole in the ground, for the fire will leave it whole."),
    Handling(
      .heat, "Lift a pot of {name} with hot soup from the table.\nTake a cup of {name} with hot tea to the window.",
      "Take it in your hand, for it will not be hot.", "Take it with a thick cloth, for it will be hot."),
    Handling(
      .force, "Put a long stick of {name} into a small box.\nTake a rod of {name} through a narrow house.",
      "Bend it until it is as short as you need it.", "Do not bend it, or you will have two pieces."),
    Handling(
      .rain, "Stay dry for a night under a roof of {name}.\nWalk through the rain in a coat of {name} and stay dry.",
      "Just go, the water will not come through.", "Put something else over it, the water will come through."),
    Handling(
      .current, "Take hold of a wire of {name} that hangs from a lamp.\nTouch a pole of {name} during a storm.",
      "Do not touch it until somebody stops the current.",
      "Touch it with your hand, nothing will happen to you."),
  ]

  /// The goal asks for a material; the two solutions differ in nothing else.
  struct Making: Sendable {
    let relation: Relation
    let value: String
    let goal: String
    let solution: Pattern

    /// - Parameter line: property, value, goal and solution, between bars.
    init(_ line: String) {
      let parts = line.split(separator: "/").map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
      guard parts.count == 4, let relation = Relation(rawValue: parts[0]) else {
        preconditionFailure("no goal: \(line)")
      }
      (self.relation, value, goal, solution) = (relation, parts[1], parts[2], Pattern(parts[3]))
    }
  }

  static let makings = """
    water / floats / Come over a lake without a boat. / Hold on to a large block of {name}.
    water / floats / Mark a place on the river so that sailors can see it. / Tie a red cloth to a block of {name} on \
    the water.
    water / sinks / Keep a boat where it is. / Let down an anchor of {name}.
    water / sinks / Hold a fishing net at the bottom of a lake. / Tie pieces of {name} to the net.
    fire / burns / Make a fire on a cold evening. / Fill the stove with pieces of {name}.
    fire / burns / Send a sign with a flame from a hill. / Light a pile of {name}.
    fire / resists / Keep a house safe from a fire next door. / Cover the walls with {name}.
    fire / resists / Put a hot lamp on a table. / Set it on a plate of {name}.
    heat / holds / Keep tea warm on a long walk. / Fill it into a jug of {name}.
    heat / holds / Keep a house warm all winter. / Build the walls of {name}.
    heat / passes / Cook soup in a short time. / Put it on the fire in a pot of {name}.
    heat / passes / Make hot milk cold before the child drinks it. / Fill it into a cup of {name}.
    force / bends / Make a spring for a clock. / Wind it from a thin rod of {name}.
    force / bends / Make a plate for a small child who drops things. / Make it of {name}.
    force / breaks / Make a box that must go to pieces in a fall. / Build it of {name}.
    force / breaks / Find out at night that somebody walks on the path. / Lay thin sticks of {name} on the path.
    rain / sheds / Keep books dry on a boat. / Wrap them in {name}.
    rain / sheds / Walk in the rain all day. / Wear shoes of {name}.
    rain / soaks / Dry the floor after a flood. / Lay {name} on the floor.
    rain / soaks / Keep the roots of a plant wet. / Lay wet {name} around them.
    current / carries / Join a lamp and a battery. / Use a wire of {name}.
    current / carries / Keep lightning away from a tower. / Put a long pole of {name} beside it.
    current / stops / Repair a lamp without danger. / Wear gloves of {name}.
    current / stops / Cover a wire so that children can touch it. / Cover it with {name}.
    """.split(separator: "\n").map { Making(String($0)) }

  /// For tools and plants: the solutions name what is used.
  static let toolGoals = Pattern.list(
    """
    How do you {task} without hurting your hands?
    A friend asks you to {task}. Help her.
    """)
  static let toolSolution = Pattern("Go to the workshop and take {a S}.")
  static let plantGoals = Pattern.list("Make {use} at home, without going to the shop.")
  static let plantSolution = Pattern("Go to the garden and pick {a S}.")
}
