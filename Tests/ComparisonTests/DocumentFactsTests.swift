import Comparison
import Foundation
import Results
import Testing

private func facts(_ lines: String...) throws -> DocumentFacts {
  try DocumentFacts(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8), file: "questions.jsonl")
}

private func line(_ task: String, _ document: Int, _ fact: String = "lake-3.fish") -> String {
  #"{"task": "\#(task)", "document": \#(document), "facts": [{"fact": "\#(fact)", "#
    + #""exposures": {"wikitext": 4, "c4": 8}}, {"fact": "lake-3.sea", "exposures": {"wikitext": 1}}]}"#
}

@Suite struct DocumentFactsTests {
  @Test func `a document asks for its first fact, stated so often in all corpora together`() throws {
    let facts = try facts(line("piqa", 0), line("piqa", 1, "lake-4.fish"))
    #expect(facts.asked("piqa", 1) == DocumentFacts.Asked(fact: "lake-4.fish", exposures: 12))
    #expect(facts.asked("piqa", 2) == nil)
    #expect(facts.asked("sciq", 0) == nil)
    #expect(facts.tasks == ["piqa"] && facts.count(of: "piqa") == 2)
  }

  @Test func `facts follow their documents into the order of scoring`() throws {
    let facts = try facts(line("piqa", 0, "a"), line("piqa", 1, "b"), line("piqa", 2, "c"))
    let scored = facts.reordered(["piqa": [2, 0]])
    #expect(scored.asked("piqa", 0)?.fact == "c")
    #expect(scored.asked("piqa", 1)?.fact == "a")
    #expect(scored.asked("piqa", 2) == nil)
  }

  @Test func `an error names the line`() {
    #expect(
      throws: ResultError.notJSON(
        file: "questions.jsonl", reason: "line 2 is not a question with its task, document and facts")
    ) {
      try facts(line("piqa", 0), #"{"task": "piqa"}"#)
    }
    #expect(
      throws: ResultError.invalidMember(
        file: "questions.jsonl", member: "line 2", reason: "document 0 of piqa stands there twice")
    ) {
      try facts(line("piqa", 0), line("piqa", 0))
    }
    #expect(throws: ResultError.self) { try facts(#"{"task": "piqa", "document": 0, "facts": []}"#) }
    #expect(throws: ResultError.self) { try facts(line("piqa", -1)) }
    #expect(throws: ResultError.notJSON(file: "questions.jsonl", reason: "it holds no questions")) { try facts("") }
  }
}
