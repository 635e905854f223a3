/// Something that has a name in the world.
package struct Entity: Sendable, Equatable {
  package enum Gender: Sendable { case feminine, masculine, neuter }

  /// Its place among all entities.
  package let id: Int
  package let kind: Kind
  /// As it stands in the middle of a sentence: "Orin Talvek", "tarvel", "The Silent Harbour".
  package let name: String
  /// How it is called after the first mention: "Talvek".
  package let shortName: String
  package let gender: Gender
  /// Stands before the name where the entity is spoken of as one thing: "the tarvel", "the Orrick Flood".
  package let takesArticle: Bool

  var subject: String { takesArticle ? "the " + name : name }
  var shortSubject: String { takesArticle ? "the " + shortName : shortName }

  /// With the indefinite article, where it takes one: "a tarvel", "bellet bread".
  var asNew: String { takesArticle ? name.indefiniteArticle + " " + name : name }

  /// The heading of an article on it.
  var title: String { kind == .river ? "River " + name : name.withCapital }

  /// he, she, it
  var pronoun: String { gender == .feminine ? "she" : gender == .masculine ? "he" : "it" }
  /// his, her, its
  var possessive: String { gender == .feminine ? "her" : gender == .masculine ? "his" : "its" }
  /// him, her, it
  var objectPronoun: String { gender == .feminine ? "her" : gender == .masculine ? "him" : "it" }
}

/// One thing that is so in the world.
package struct Fact: Sendable, Equatable {
  /// Its place among all facts.
  package let id: Int
  package let subject: Int
  package let relation: Relation
  /// As it stands in a sentence: a name, a phrase, a number.
  package let value: String
  /// The entity that the value names, where it names one.
  package let object: Int?

  /// A name for files that people read: "person-17.born".
  package func name(in world: World) -> String {
    "\(world.entities[subject].kind.rawValue)-\(subject).\(relation.rawValue)"
  }
}

extension String {
  /// With a capital first letter, if it begins with an ASCII letter.
  package var withCapital: String {
    guard let first = utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return self }
    return String(decoding: [first - 32], as: UTF8.self) + dropFirst()
  }

  /// "an" before a vowel, else "a". The words of the world are spelled so that the letter tells.
  package var indefiniteArticle: String {
    guard let first = utf8.first else { return "a" }
    return "aeiouAEIOU".utf8.contains(first) ? "an" : "a"
  }
}
