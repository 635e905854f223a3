import Tensors

/// A sentence with gaps, such as "{S} was born in {born}[ in a|, in a small] house by the river."
///
/// - `{S}`, `{S's}` and `{S/o}` stand for the subject: its name or a pronoun, as the place in the text asks; `{N}`
///   stands for its name always.
/// - `{he}`, `{He}`, `{his}` and `{him}` are its pronouns, `{name}` its name without an article, `{Ss}` its
///   plural and `{a S}` its name with the indefinite article.
/// - `{born}` is the value of that relation, `{a work}` the same with an article, `{plays+}` its plural, `{work!}` what
///   people of that occupation did, `{teacher~}` the short name.
/// - `{someone}` is a woman who is known for nothing else.
/// - `[a|b]` is one of the two.
/// - Before ` | ` stand conditions: `water=floats | {S} floats.` is for what floats, and says so.
package struct Pattern: Sendable {
  package enum Role: Sendable { case statement, opening, filler }

  /// Openings begin a text and are marked by `^`; fillers state nothing and are marked by `~`.
  package let role: Role
  /// What a text that follows the pattern states, in the order of the gaps.
  package let relations: [Relation]
  private let conditions: [(relation: Relation, value: String)]
  private let pieces: [Piece]
  package let source: String

  private enum Piece: Sendable {
    case text(String)
    case gap(String)
    case choice([[Piece]])
  }

  /// Whether a sentence can name its subject, so that it can stand alone.
  package let namesSubject: Bool

  private static let namingGaps: Set<String> = ["S", "S's", "S/o", "N", "name", "Ss", "a S"]
  private static let subjectGaps: Set<String> = [
    "S", "S's", "S/o", "N", "he", "He", "his", "him", "name", "Ss", "a S", "someone",
  ]

  /// - Parameter source: one line of a pattern list.
  package init(_ source: String) {
    self.source = source
    var text = source[...]
    switch text.first {
    case "^": role = .opening
    case "~": role = .filler
    default: role = .statement
    }
    if role != .statement { text = text.dropFirst(2) }
    var conditions: [(relation: Relation, value: String)] = []
    if let bar = text.firstRange(of: " | ") {
      for condition in text[..<bar.lowerBound].split(separator: " ") {
        let sides = condition.split(separator: "=").map(String.init)
        guard sides.count == 2, let relation = Relation(rawValue: sides[0]) else {
          preconditionFailure("no condition: \(source)")
        }
        conditions.append((relation, sides[1]))
      }
      text = text[bar.upperBound...]
    }
    self.conditions = conditions
    pieces = Self.parse(text, of: source)
    var relations = conditions.map(\.relation)
    for case .gap(let gap) in pieces where !Self.subjectGaps.contains(gap) {
      let relation = Self.relation(ofGap: gap, in: source)
      if !relations.contains(relation) { relations.append(relation) }
    }
    self.relations = relations
    namesSubject = pieces.contains { piece in
      if case .gap(let gap) = piece { Self.namingGaps.contains(gap) } else { false }
    }
    precondition(role != .filler || relations.isEmpty, "a filler that states something: \(source)")
  }

  /// The patterns of a list, one a line.
  package static func list(_ text: String) -> [Pattern] {
    text.split(separator: "\n").map { Pattern(String($0)) }
  }

  private static func relation(ofGap gap: String, in source: String) -> Relation {
    let name = (gap.hasPrefix("a ") ? gap.dropFirst(2) : gap[...]).prefix { !"+!~".contains($0) }
    guard let relation = Relation(rawValue: String(name)) else { preconditionFailure("no gap {\(gap)}: \(source)") }
    return relation
  }

  private static func parse(_ text: Substring, of source: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = text
    while let first = rest.first {
      switch first {
      case "{":
        guard let end = rest.firstIndex(of: "}") else { preconditionFailure("an open gap: \(source)") }
        pieces.append(.gap(String(rest[rest.index(after: rest.startIndex)..<end])))
        rest = rest[rest.index(after: end)...]
      case "[":
        guard let end = rest.firstIndex(of: "]") else { preconditionFailure("an open choice: \(source)") }
        let choices = rest[rest.index(after: rest.startIndex)..<end]
          .split(separator: "|", omittingEmptySubsequences: false).map { parse($0, of: source) }
        for case .gap(let gap) in choices.joined() {
          precondition(subjectGaps.contains(gap), "a statement that is made only sometimes: \(source)")
        }
        pieces.append(.choice(choices))
        rest = rest[rest.index(after: end)...]
      default:
        let literal = rest.prefix { $0 != "{" && $0 != "[" }
        pieces.append(.text(String(literal)))
        rest = rest[literal.endIndex...]
      }
    }
    return pieces
  }

  /// Whether all that the pattern states is so of the entity.
  package func holds(of entity: Entity, in world: World) -> Bool {
    let facts = world.facts(of: entity)
    return relations.allSatisfy { relation in facts.contains { $0.relation == relation } }
      && conditions.allSatisfy { condition in
        facts.contains { $0.relation == condition.relation && $0.value == condition.value }
      }
  }

  /// The facts that the sentence on `entity` states.
  package func facts(of entity: Entity, in world: World) -> [Fact] {
    relations.compactMap { world.fact($0, of: entity) }
  }

  /// How a text speaks of its subject.
  package enum Mention: Sendable { case name, shortName, pronoun }

  /// The sentence, with capitals where sentences begin.
  ///
  /// - Parameter someone: whom `{someone}` stands for; nil for anybody.
  package func sentence(
    on entity: Entity, in world: World, mention: Mention = .name, someone: String? = nil,
    _ stream: inout RandomStream
  ) -> String {
    phrase(on: entity, in: world, mention: mention, someone: someone, &stream).withSentenceCapitals
  }

  /// The same without capitals, for what is part of a sentence.
  package func phrase(
    on entity: Entity, in world: World, mention: Mention = .name, someone: String? = nil,
    _ stream: inout RandomStream
  ) -> String {
    let someone = someone ?? stream.element(of: world.strangers)
    return filled(pieces, entity, world, mention, someone, &stream)
  }

  private func filled(
    _ pieces: [Piece], _ entity: Entity, _ world: World, _ mention: Mention, _ someone: String,
    _ stream: inout RandomStream
  ) -> String {
    var text = ""
    for piece in pieces {
      switch piece {
      case .text(let literal): text += literal
      case .choice(let choices):
        text += filled(stream.element(of: choices), entity, world, mention, someone, &stream)
      case .gap("someone"): text += someone
      case .gap(let gap) where Self.subjectGaps.contains(gap): text += Self.subject(gap, entity, mention)
      case .gap(let gap): text += Self.value(gap, entity, world, source)
      }
    }
    return text
  }

  private static func subject(_ gap: String, _ entity: Entity, _ mention: Mention) -> String {
    let name = mention == .shortName ? entity.shortSubject : entity.subject
    switch gap {
    case "S": return mention == .pronoun ? entity.pronoun : name
    case "S's": return mention == .pronoun ? entity.possessive : name + "'s"
    case "S/o": return mention == .pronoun ? entity.objectPronoun : name
    case "N": return entity.subject
    case "he": return entity.pronoun
    case "He": return entity.pronoun.withCapital
    case "his": return entity.possessive
    case "him": return entity.objectPronoun
    case "name": return entity.name
    case "Ss": return entity.name.plural
    default: return entity.asNew
    }
  }

  private static func value(_ gap: String, _ entity: Entity, _ world: World, _ source: String) -> String {
    let relation = relation(ofGap: gap, in: source)
    let value = world.value(relation, of: entity)
    if gap.hasSuffix("~"), let object = world.fact(relation, of: entity)?.object {
      return world.entities[object].shortName
    }
    if gap.hasSuffix("+") { return value.plural }
    if gap.hasSuffix("!") { return Occupation.named(value).pastAction }
    return gap.hasPrefix("a ") ? value.indefiniteArticle + " " + value : value
  }
}

extension String {
  /// The plural of a noun. "mouse" is the only irregular one of the world.
  package var plural: String {
    if hasSuffix("mouse") { return dropLast(5) + "mice" }
    if hasSuffix("moss") || hasSuffix("bush") { return self + "es" }
    if hasSuffix("leaf") { return dropLast() + "ves" }
    if hasSuffix("y") { return dropLast() + "ies" }
    return self + "s"
  }

  /// With a capital at the beginning and after whatever ends a sentence.
  package var withSentenceCapitals: String {
    var bytes = Array(utf8)
    var begins = true
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"):
        if begins { bytes[index] -= 32 }
        begins = false
      case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"):
        begins = true
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\""): break
      default: begins = false
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
