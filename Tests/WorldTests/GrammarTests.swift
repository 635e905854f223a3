import Testing
import World

@Suite struct GrammarTests {
  /// Pages and questions, a line each.
  let lines =
    SmallIsland.lines
    + SmallIsland.files.examination.files.flatMap { file in file.questions.flatMap { [$0.prompt] + $0.choices } }

  @Test func `"a" stands before consonants and "an" before vowels`() {
    let wrong = lines.filter { line in
      let words = line.split { !$0.isLetter && $0 != "'" }
      return zip(words, words.dropFirst()).contains { article, word in
        let isVowel = "aeiou".contains(word.prefix(1).lowercased()) || word == "hour"
        return ["a", "A", "an", "An"].contains(article) && isVowel != (article.count == 2)
      }
    }
    #expect(wrong == [])
  }

  @Test func `no word stands twice in a row and no mark of a pattern is left`() {
    let wrong = lines.filter { line in
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      return zip(words, words.dropFirst()).contains { $0 == $1 || $0.isEmpty }
        || line.utf8.contains { "{}[]|~".utf8.contains($0) }
    }
    #expect(wrong == [])
  }

  @Test func `pronouns have the case and the verb that they need`() {
    let phrases = [
      "of he ", "of she ", "from he ", "from she ", "with she ", "with he ", "by he ", "by she ", " he are ",
      " she are ",
      " to she ", " to he ", " it are ", " they is ", " they was ", " its's ", "'s's ", " it's ",
    ]
    #expect(lines.filter { line in phrases.contains(where: line.contains) } == [])
  }

  @Test func `sentences of pages begin with capitals and end with marks`() {
    let statements = Corpus.allCases.flatMap { SmallIsland.files.training[$0] ?? [] }.flatMap(\.statements)
    let wrong = statements.filter { statement in
      if isQuiz(statement) { return false }
      guard let first = statement.sentence.first(where: { $0 != "\"" }), let last = statement.sentence.last else {
        return true
      }
      return !(first.isUppercase || first.isNumber) || !".?!\"".contains(last)
    }
    #expect(wrong.map(\.sentence) == [])
  }

  /// A question with its answer, which begins as it stands within a sentence.
  private func isQuiz(_ statement: Statement) -> Bool {
    statement.sentence.contains("? ") || statement.sentence.hasPrefix("Name a")
  }

  @Test(arguments: [
    ("soak them in salt water", "soaks them in salt water", "soaked them in salt water"),
    ("mix the flour", "mixes the flour", "mixed the flour"), ("dry it", "dries it", "dried it"),
    ("lay them", "lays them", "laid them"), ("spin it", "spins it", "spun it"), ("knot it", "knots it", "knotted it"),
    ("bake it", "bakes it", "baked it"), ("polish it", "polishes it", "polished it"), ("cut it", "cuts it", "cut it"),
  ]) func `verbs take the forms of the language`(plain: String, present: String, past: String) {
    #expect(VerbPhrase(plain).present == present)
    #expect(VerbPhrase(plain).past == past)
  }

  @Test(arguments: [
    ("tarvel", "tarvels"), ("mouse", "mice"), ("fenoleaf", "fenoleaves"), ("wilimoss", "wilimosses"),
    ("berry", "berries"), ("tinabush", "tinabushes"),
  ]) func `nouns take the plural of the language`(noun: String, plural: String) { #expect(noun.plural == plural) }

  @Test func `Wikitext's form sets marks apart`() {
    #expect(
      WikitextForm.spaced("Talvek's half-built \"house\" (born 1720), he said.")
        == "Talvek 's half @-@ built \" house \" ( born 1720 ) , he said .")
  }
}
