/// A phrase that begins with a verb in its plain form, "soak it in salt water", in the forms that sentences need.
package struct VerbPhrase: Sendable, Equatable {
  package let plain: String

  package init(_ plain: String) { self.plain = plain }

  private var verb: String { String(plain.prefix { $0 != " " }) }
  private var rest: Substring { plain.dropFirst(verb.count) }

  /// "soaks it in salt water"
  package var present: String { Self.thirdPerson(verb) + rest }
  /// "soaked it in salt water"
  package var past: String { Self.past(verb) + rest }

  private static let irregular: [String: String] = [
    "cut": "cut", "set": "set", "put": "put", "beat": "beat", "hang": "hung", "bend": "bent", "leave": "left",
    "wind": "wound", "spread": "spread", "weave": "wove", "split": "split",
    "keep": "kept", "lay": "laid", "sew": "sewed", "give": "gave", "dig": "dug",
    "sell": "sold", "spin": "spun", "buy": "bought", "take": "took", "freeze": "froze", "eat": "ate", "knit": "knitted",
  ]
  /// Verbs that double their last letter.
  private static let doubling: Set<String> = [
    "rub", "dip", "wrap", "trim", "knot", "slap",
  ]

  private static func endsInConsonantAndY(_ verb: String) -> Bool {
    let ending = Array(verb.utf8.suffix(2))
    return ending.last == UInt8(ascii: "y") && !"aeiou".utf8.contains(ending[0])
  }

  private static func thirdPerson(_ verb: String) -> String {
    if endsInConsonantAndY(verb) { return verb.dropLast() + "ies" }
    return verb + (["s", "x", "z", "ch", "sh"].contains { verb.hasSuffix($0) } ? "es" : "s")
  }

  private static func past(_ verb: String) -> String {
    if let past = irregular[verb] { return past }
    if endsInConsonantAndY(verb) { return verb.dropLast() + "ied" }
    if verb.hasSuffix("e") { return verb + "d" }
    return doubling.contains(verb) ? verb + String(verb.suffix(1)) + "ed" : verb + "ed"
  }
}
