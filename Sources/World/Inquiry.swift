/// A question and its answer, both patterns on the same entity. Together they tell one fact.
struct Inquiry: Sendable {
  let question: Pattern
  let answer: Pattern
  let relation: Relation

  /// - Parameter line: the question, `=>`, and the answer.
  init(_ line: String) {
    guard let mark = line.firstRange(of: " => ") else { preconditionFailure("no answer: \(line)") }
    question = Pattern(String(line[..<mark.lowerBound]))
    answer = Pattern(String(line[mark.upperBound...]))
    let told = answer.relations
    let relations = question.relations + told.filter { [asked = question.relations] in !asked.contains($0) }
    precondition(relations.count == 1, "a question of more than one relation: \(line)")
    relation = relations[0]
  }

  static func list(_ text: String) -> [Inquiry] { text.split(separator: "\n").map { Inquiry(String($0)) } }

  func asks(_ fact: Fact, in world: World) -> Bool {
    let entity = world.subject(of: fact)
    return relation == fact.relation && question.holds(of: entity, in: world) && answer.holds(of: entity, in: world)
  }
}
