/// Questions whose answer is the entity itself, described by what is so of it; and questions for an entity that has
/// something in common with another.
enum ReasoningPatterns {
  static let descriptions: [Kind: [Pattern]] = [
    .animal: Pattern.list(
      """
      {someone} walked through {habitat} {active}. Which animal could she meet there?
      Which animal looks for {food} and has {a coat} back?
      In {habitat} a child found {food} that an animal had left. Which animal was it?
      Which of these is {a coat} animal with young that are kept {nest}?
      {someone} has a bag of {food}. Which of these animals will eat from it and live in {habitat}?
      Which of these {sort+} leaves its shelter {active}?
      """),
    .plant: Pattern.list(
      """
      {someone} wants {flower} flowers in {month}. Which plant should she choose?
      A gardener with {ground} needs {use}. Which plant should she choose?
      Which plant on {ground} has {flower} flowers?
      Which plant opens its flowers in {month} and gives {use}?
      """),
    .material: Pattern.list(
      """
      water=floats | A builder wants {a colour} boat that stays on the surface. Which material should she choose?
      water=sinks | A sailor needs {a colour} anchor that goes to the bottom. Which material should she choose?
      fire=burns | {someone} needs {a colour} fuel for the stove. Which material should she choose?
      fire=resists | {someone} needs {a colour} wall around the stove. Which material is safe?
      heat=holds | {someone} wants {a colour} cup in which tea stays warm. Which material should she choose?
      heat=passes | A cook wants {a colour} kettle that is hot at once. Which material should she choose?
      force=bends | {someone} wants {a colour} rod that does not break under a load. Which material should she choose?
      force=breaks | Which {colour} material goes into pieces when it is dropped?
      rain=sheds | {someone} wants {a colour} coat for wet days. Which material should she choose?
      rain=soaks | {someone} wants {a colour} cloth to dry the floor. Which material should she choose?
      current=carries | {someone} wants {a colour} wire for a lamp. Which material should she choose?
      current=stops | {someone} wants {a colour} handle for a switch. Which material should she choose?
      """),
    .tool: Pattern.list(
      """
      {someone} has to {task}. Which tool will help her?
      A worker must {task} before night. Which tool should he take?
      """),
  ]

  /// What is in common, and how it is asked.
  static let comparisons: [Relation: [Pattern]] = [
    .habitat: Pattern.list("Which of these animals could {a S} meet where it lives?"),
    .food: Pattern.list("Which of these animals looks for the same food as {S}?"),
    .coat: Pattern.list("Which of these animals is as {coat} as {S}?"),
    .active: Pattern.list("Which of these animals is active when {S} is?"),
    .ground: Pattern.list("Which of these plants grows well beside {S} on the same ground?"),
    .month: Pattern.list("Which of these plants is in flower in the same month as {S}?"),
    .use: Pattern.list("{someone} has no {name}. Which other plant can she use to make the same thing?"),
  ]
}
